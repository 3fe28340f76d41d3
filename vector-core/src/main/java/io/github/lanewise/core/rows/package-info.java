/// Kernels that work on rows: softmax, log-softmax, their gradients, cross-entropy and sums. The
/// facades `Softmax`, `Softmin`, `LogSoftmax`, `CrossEntropy`, `ElementwiseLoss` and
/// `ParametricRelu` call them; the package may import `math` and `simd`.
package io.github.lanewise.core.rows;
