package io.github.lanewise.core.gemm;

import io.github.lanewise.core.simd.Lanes;
import java.lang.foreign.MemorySegment;

/// The memory in which a product packs blocks of its operands: first one block of A, then one of B,
/// then one tile of C.
///
/// @param memory at least [#elements(int,int,int)] floats, at a multiple of 64 bytes
/// @param rightByteOffset where the block of B begins
/// @param edgeByteOffset where the tile of C begins
public record Workspace(MemorySegment memory, long rightByteOffset, long edgeByteOffset) {
  /// Returns a workspace in `memory` for products of up to `m` by `n` elements of `k` terms each.
  public static Workspace in(MemorySegment memory, int m, int n, int k) {
    long right = leftElements(m, k) * Float.BYTES;
    return new Workspace(memory, right, right + rightElements(n, k) * Float.BYTES);
  }

  /// Returns how many floats such a workspace takes.
  public static long elements(int m, int n, int k) {
    return leftElements(m, k) + rightElements(n, k) + PackKernel.ROWS * 3L * Lanes.LENGTH;
  }

  /// Whole cache lines, so that the block of B begins with one.
  private static long leftElements(int m, int k) {
    long block = (long) Math.min(GemmKernel.M_BLOCK, m) * Math.min(GemmKernel.K_BLOCK, k);
    return (block + 15) / 16 * 16;
  }

  private static long rightElements(int n, int k) {
    int rows = Math.min(GemmKernel.K_BLOCK, k);
    return PackKernel.elements(rows, Math.min(GemmKernel.N_BLOCK, n));
  }
}
