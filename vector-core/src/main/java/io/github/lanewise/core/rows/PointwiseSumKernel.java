package io.github.lanewise.core.rows;

import static io.github.lanewise.core.rows.ReductionKernel.BLOCK;
import static io.github.lanewise.core.rows.RowScratch.BLOCK_BYTE_OFFSET;
import static io.github.lanewise.core.simd.Lanes.F;

import io.github.lanewise.core.gemm.AxpyKernel;
import io.github.lanewise.core.simd.Loop;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Sums of a function of two arrays, element by element: sum(f(x, t)), or f(x, t) added to y.
///
/// - The terms of a block go to scratch, and are added up there in the order of [ReductionKernel];
///   the blocks are added in double.
/// - Error: that of [ReductionKernel], or one rounding of y.
/// - Special values: IEEE.
/// - Writes: only y, which is added to.
public final class PointwiseSumKernel {
  private PointwiseSumKernel() {}

  /// Returns the sum of f(x, t).
  ///
  /// @param function overwrites its third array, whole vectors, with the terms of the first two
  public static double sum(
      Loop function, MemorySegment x, long xByteOffset, MemorySegment t, long tByteOffset, long n) {
    MemorySegment block = RowScratch.ofThread();
    double sum = 0;
    for (long i = 0; i < n; i += BLOCK) {
      long p = i << 2;
      int size = (int) Math.min(BLOCK, n - i);
      terms(function, x, xByteOffset + p, t, tByteOffset + p, block, size);
      sum += ReductionKernel.sum(block, BLOCK_BYTE_OFFSET, size);
    }
    return sum;
  }

  /// Adds f(x, t) to y.
  public static void add(
      Loop function,
      MemorySegment x,
      long xByteOffset,
      MemorySegment t,
      long tByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n) {
    MemorySegment block = RowScratch.ofThread();
    for (long i = 0; i < n; i += BLOCK) {
      long p = i << 2;
      int size = (int) Math.min(BLOCK, n - i);
      terms(function, x, xByteOffset + p, t, tByteOffset + p, block, size);
      long yAt = yByteOffset + p;
      AxpyKernel.run(block, BLOCK_BYTE_OFFSET, y, yAt, y, yAt, size, 1f);
    }
  }

  /// Fills the block of scratch with n terms.
  private static void terms(
      Loop function,
      MemorySegment x,
      long xByteOffset,
      MemorySegment t,
      long tByteOffset,
      MemorySegment block,
      int n) {
    MethodHandle terms = function.handle(n);
    int whole = F.loopBound(n);
    try {
      terms.invokeExact(x, xByteOffset, t, tByteOffset, block, BLOCK_BYTE_OFFSET, whole);
      if (whole < n) {
        long p = (long) whole << 2;
        long bytes = (long) (n - whole) << 2;
        long xAt = RowScratch.copyIn(0, x, xByteOffset + p, bytes);
        long tAt = RowScratch.copyIn(1, t, tByteOffset + p, bytes);
        terms.invokeExact(block, xAt, block, tAt, block, BLOCK_BYTE_OFFSET + p, F.length());
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }
}
