package io.github.lanewise.core.rows;

import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.Scratch;
import java.lang.foreign.MemorySegment;

/// Softmax of rows: y = exp(x - max) / sum(exp(x - max)).
///
/// - Error: at most 3 ULP of each element in the rows of the property tests; 4 is the contract.
///   The sum and the quotient add little to the error of [io.github.lanewise.core.math.Exp].
/// - Special values: one -inf gives +0 there; a NaN, a +inf or -inf throughout give NaN throughout.
/// - Backward, from the saved output: gx = y (gy - sum(gy y)).
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy or y.
public final class SoftmaxKernel {
  static final Loop MULTIPLY = Loop.of(RowPasses.class, "multiply");
  static final Loop MULTIPLY_ROW = Loop.of(LongRowPasses.class, "multiply");
  private static final Loop FACTORS = Loop.of(RowFold.class, "factors");

  private SoftmaxKernel() {}

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int rows, int n) {
    try (Scratch scratch = Scratch.take()) {
      MemorySegment s = scratch.memory();
      for (int i = 0, size; n > 0 && i < rows; i += size) {
        size = RowKernel.rows(rows - i, n);
        long p = ((long) i * n) << 2;
        RowKernel.pad(x, xByteOffset + p, s, size, n);
        RowKernel.shifts(x, xByteOffset + p, s, size, n);
        RowKernel.sums(x, xByteOffset + p, s, y, yByteOffset + p, size, n);
        if (RowKernel.isLong(n)) {
          RowBlock.set(s, 0, 1 / RowBlock.sum(s, 0));
        } else {
          FACTORS.handle(size).invokeExact(s, size);
        }
        long at = yByteOffset + p;
        RowKernel.apply(MULTIPLY, MULTIPLY_ROW, y, at, s, y, at, size, n);
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
    RowGradientKernel.run(true, y, yByteOffset, gy, gyByteOffset, gx, gxByteOffset, rows, n);
  }
}
