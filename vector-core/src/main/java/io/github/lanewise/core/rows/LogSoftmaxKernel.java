package io.github.lanewise.core.rows;

import io.github.lanewise.core.math.ScalarLog;
import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.Scratch;
import java.lang.foreign.MemorySegment;

/// Log-softmax of rows: y = (x - max) - log(sum(exp(x - max))).
///
/// - Error: at most 2 ULP of max(abs(y), 1) in the rows of the property tests. The logarithm is
///   taken in two floats, that of a long row in double.
/// - Special values: one -inf stays; a NaN, a +inf or -inf throughout give NaN throughout.
/// - Backward, from the saved output: gx = gy - exp(y) sum(gy).
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy or y.
public final class LogSoftmaxKernel {
  private static final Loop TERMS = Loop.of(RowFold.class, "terms");
  private static final Loop SUBTRACT_ROW = Loop.of(LongRowPasses.class, "subtract");
  private static final Loop SUBTRACT = Loop.of(RowPasses.class, "subtract");

  private LogSoftmaxKernel() {}

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int rows, int n) {
    try (Scratch scratch = Scratch.take()) {
      MemorySegment s = scratch.memory();
      for (int i = 0, size; n > 0 && i < rows; i += size) {
        size = RowKernel.rows(rows - i, n);
        long p = ((long) i * n) << 2;
        RowKernel.pad(x, xByteOffset + p, s, size, n);
        RowKernel.shifts(x, xByteOffset + p, s, size, n);
        RowKernel.sums(x, xByteOffset + p, s, null, 0, size, n);
        if (RowKernel.isLong(n)) {
          RowBlock.set(s, 0, RowBlock.shift(s, 0) + ScalarLog.log(RowBlock.sum(s, 0)));
        } else {
          TERMS.handle(size).invokeExact(s, size);
        }
        long at = xByteOffset + p;
        RowKernel.apply(SUBTRACT, SUBTRACT_ROW, x, at, s, y, yByteOffset + p, size, n);
        RowKernel.unpad(s, y, yByteOffset + p, size, n);
      }
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
    RowGradientKernel.run(false, y, yByteOffset, gy, gyByteOffset, gx, gxByteOffset, rows, n);
  }
}
