package io.github.lanewise.core.kernel;

import java.lang.foreign.MemorySegment;

/// Sum of squared differences: sum((y - t)^2).
///
/// - Error: that of [ReductionKernel].
/// - Special values: IEEE.
/// - Writes: gy is overwritten by factor (y - t); it may be y or t.
public final class SquaredErrorKernel {
  private SquaredErrorKernel() {}

  public static double lossAndGradient(
      MemorySegment y,
      long yByteOffset,
      MemorySegment t,
      long tByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      int n,
      float factor) {
    AxpyKernel.run(t, tByteOffset, y, yByteOffset, gy, gyByteOffset, n, -1f);
    double sum = ReductionKernel.dot(gy, gyByteOffset, gy, gyByteOffset, n);
    RowKernel.multiply(gy, gyByteOffset, gy, gyByteOffset, n, factor);
    return sum;
  }
}
