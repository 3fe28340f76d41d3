/// The matrix product: packing of both operands, tiles of the product, the blocks around them, and
/// the addition of rows. The facades `Gemm` and `PackedMatrix` call it; the package may import
/// `simd` alone.
package io.github.lanewise.core.gemm;
