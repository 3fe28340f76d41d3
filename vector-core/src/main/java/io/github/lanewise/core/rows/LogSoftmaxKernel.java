package io.github.lanewise.core.rows;

import io.github.lanewise.core.simd.Loop;
import java.lang.foreign.MemorySegment;

/// Log-softmax of rows: y = (x - max) - log(sum(exp(x - max))).
///
/// - Error: at most 2 ULP of max(abs(y), 1) in the rows of the property tests. The
///   logarithm is taken in two floats, that of a long row in double.
/// - Special values: one -inf stays; a NaN, a +inf or -inf throughout give NaN throughout.
/// - Backward, from the saved output: gx = gy - exp(y) sum(gy).
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy or y.
public final class LogSoftmaxKernel {
  private static final Loop ROWS = Loop.of(RowKernel.class, "logSoftmax");
  private static final Loop GRADIENT = Loop.of(RowGradientKernel.class, "logSoftmax");

  private LogSoftmaxKernel() {}

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int rows, int n) {
    if (ShortRowKernel.takes(n)) {
      ShortRowKernel.logSoftmax(x, xByteOffset, y, yByteOffset, rows, n);
      return;
    }
    try {
      ROWS.handle(n).invokeExact(x, xByteOffset, y, yByteOffset, rows, n);
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  public static void backward(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int rows,
      int n) {
    if (ShortRowGradientKernel.takes(n)) {
      ShortRowGradientKernel.logSoftmax(
          y, yByteOffset, gy, gyByteOffset, gx, gxByteOffset, rows, n);
      return;
    }
    for (int i = 0; i < rows; i++) {
      long row = (long) i * n * Float.BYTES;
      float sum = (float) ReductionKernel.sum(gy, gyByteOffset + row, n);
      RowGradientKernel.run(
          GRADIENT, y, yByteOffset + row, gy, gyByteOffset + row, gx, gxByteOffset + row, n, sum);
    }
  }
}
