/// One kernel class for each elementwise activation, forward beside backward, as loops over whole
/// vectors. The facades `Activation`, `Glu` and `ParametricRelu` run them; the package may import
/// `math` and `simd`.
package io.github.lanewise.core.activation;
