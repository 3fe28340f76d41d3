/// The matrix product: packing of the right operand, tiles of the product, and the addition of
/// rows. The facades `Gemm` and `PackedMatrix` call it, and `rows` uses its `AxpyKernel`; the
/// package may import `simd` alone.
package io.github.lanewise.core.gemm;
