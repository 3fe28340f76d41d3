package io.github.lanewise.core.rows;

import io.github.lanewise.core.simd.Loop;
import java.lang.foreign.MemorySegment;

/// Softmax of rows: y = exp(x - max) / sum(exp(x - max)).
///
/// - Error: at most 3 ULP of each element in the rows of the property tests; 4 is the contract.
///   The sum and the quotient add little to the error of [io.github.lanewise.core.math.Exp].
/// - Special values: one -inf gives +0 there; a NaN, a +inf or -inf throughout give NaN throughout.
/// - Backward, from the saved output: gx = y (gy - sum(gy y)).
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy or y.
public final class SoftmaxKernel {
  private static final Loop ROWS = Loop.of(RowKernel.class, "softmax");
  private static final Loop GRADIENT = Loop.of(RowGradientKernel.class, "softmax");

  private SoftmaxKernel() {}

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int rows, int n) {
    if (ShortRowKernel.takes(n)) {
      ShortRowKernel.softmax(x, xByteOffset, y, yByteOffset, rows, n);
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
      ShortRowGradientKernel.softmax(y, yByteOffset, gy, gyByteOffset, gx, gxByteOffset, rows, n);
      return;
    }
    for (int i = 0; i < rows; i++) {
      long row = (long) i * n * Float.BYTES;
      float dot = (float) ReductionKernel.dot(y, yByteOffset + row, gy, gyByteOffset + row, n);
      RowGradientKernel.run(
          GRADIENT, y, yByteOffset + row, gy, gyByteOffset + row, gx, gxByteOffset + row, n, dot);
    }
  }
}
