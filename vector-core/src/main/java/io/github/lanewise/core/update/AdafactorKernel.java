package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.FloatVector.zero;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/// The loops of Adafactor: sums of the squares of a tile's rows and columns, and the update
/// u = g min(f, most), where f = 1 / sqrt(v), or the product of a factor for the row and one for
/// the column.
///
/// - Sums: a row has 16 lanes, and element j goes to lane j mod 16; a column is one chain over the
///   rows. Each element is one fma.
/// - Error: one rounding for each element of a sum, three for u of a matrix, and three for 1 /
///   sqrt(v) and u of a vector.
/// - Special values: NaN and infinities reach the sums of their row and column. A square that is
///   too large for a float is infinite.
/// - Writes: what comes after the last element of a row, up to a whole vector, is overwritten by
///   the row after it, and after the last row by anything.
/// - Reference: Shazeer and Stern (2018), Adafactor: Adaptive Learning Rates with Sublinear Memory
///   Cost; PyTorch's `adafactor`.
public final class AdafactorKernel {
  private static final int LANES = 16;
  private static final int LANE_BYTES = LANES * Float.BYTES;

  private AdafactorKernel() {}

  /// y = for each row of x the sums of squares in 16 lanes.
  ///
  /// @param mask 16 ints: all bits for the elements that a row has in its last 16, 0 for the others
  /// @param n 16 times the number of rows
  /// @param cols the elements of a row, at least 1
  /// @param stride the elements from row to row
  /// @param scale what x is multiplied by
  public static void rows(
      MemorySegment x,
      long xByteOffset,
      MemorySegment mask,
      long maskByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      int cols,
      int stride,
      float scale) {
    long lastBytes = (cols - 1) / LANES * (long) LANE_BYTES;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long lane = (long) (i & (LANES - 1)) << 2;
      long begin = xByteOffset + lane + (((long) (i / LANES) * stride) << 2);
      FloatVector sum = zero(F);
      for (long o = begin; o < begin + lastBytes; o += LANE_BYTES) {
        FloatVector x0 = fromMemorySegment(F, x, o, LITTLE_ENDIAN).mul(scale);
        sum = x0.fma(x0, sum);
      }
      IntVector kept =
          fromMemorySegment(F, mask, maskByteOffset + lane, LITTLE_ENDIAN).reinterpretAsInts();
      FloatVector last =
          fromMemorySegment(F, x, begin + lastBytes, LITTLE_ENDIAN)
              .reinterpretAsInts()
              .and(kept)
              .reinterpretAsFloats()
              .mul(scale);
      last.fma(last, sum).intoMemorySegment(y, yByteOffset + ((long) i << 2), LITTLE_ENDIAN);
    }
  }

  /// y = the sums of the squares of each column of x.
  ///
  /// @param n the number of columns, whole vectors of them; those after the last are anything
  /// @param rows the number of rows
  /// @param stride the elements from row to row
  /// @param scale what x is multiplied by
  public static void cols(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      int rows,
      int stride,
      float scale) {
    long rowBytes = (long) stride << 2;
    long bytes = rows * rowBytes;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long begin = xByteOffset + ((long) i << 2);
      FloatVector sum = zero(F);
      for (long o = begin; o < begin + bytes; o += rowBytes) {
        FloatVector x0 = fromMemorySegment(F, x, o, LITTLE_ENDIAN).mul(scale);
        sum = x0.fma(x0, sum);
      }
      sum.intoMemorySegment(y, yByteOffset + ((long) i << 2), LITTLE_ENDIAN);
    }
  }

  /// y = 1 / sqrt(x / divisor). y may be x.
  public static void inverseRoots(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n, float divisor) {
    assert n % F.length() == 0;
    FloatVector oneV = broadcast(F, 1f);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long o = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + o, LITTLE_ENDIAN).div(divisor);
      oneV.div(x0.sqrt()).intoMemorySegment(y, yByteOffset + o, LITTLE_ENDIAN);
    }
  }

  /// u = g min(row factor times column factor, most), for n elements from column `col` of a row on.
  ///
  /// @param x holds the factors: that of the first row, and those of all columns
  /// @param cols the elements of a row
  /// @param scale what g is multiplied by
  public static void matrix(
      MemorySegment x,
      long rowByteOffset,
      long colByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment u,
      long uByteOffset,
      int n,
      int cols,
      int col,
      float scale,
      float most) {
    FloatVector mostV = broadcast(F, most);
    long row = rowByteOffset;
    int end = 0;
    for (int begin = 0; begin < n; begin = end) {
      int skipped = begin == 0 ? col : 0;
      end = Math.min(n, begin + cols - skipped);
      float factor = x.get(JAVA_FLOAT, row);
      long ofCols = colByteOffset + ((long) (skipped - begin) << 2);
      for (int i = begin; i < end; i += F.length()) {
        requireNative(u);
        long o = (long) i << 2;
        FloatVector f = fromMemorySegment(F, x, ofCols + o, LITTLE_ENDIAN).mul(factor);
        f = f.blend(mostV, f.compare(GT, mostV));
        fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN)
            .mul(scale)
            .mul(f)
            .intoMemorySegment(u, uByteOffset + o, LITTLE_ENDIAN);
      }
      row += Float.BYTES;
    }
  }

  /// v = v + weight (g g - v), as [LerpKernel], and u = g min(1 / sqrt(v), most). n is a multiple
  /// of the vector length.
  ///
  /// @param scale what g is multiplied by
  public static void vector(
      MemorySegment g,
      long gByteOffset,
      MemorySegment v,
      long vByteOffset,
      MemorySegment u,
      long uByteOffset,
      int n,
      float weight,
      float scale,
      float most) {
    assert n % F.length() == 0;
    VectorMask<Float> near = broadcast(F, weight).compare(LT, 0.5f);
    FloatVector pullV = broadcast(F, weight < 0.5f ? weight : weight - 1f);
    FloatVector mostV = broadcast(F, most);
    FloatVector oneV = broadcast(F, 1f);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(v);
      requireNative(u);
      long o = (long) i << 2;
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector v0 = fromMemorySegment(F, v, vByteOffset + o, LITTLE_ENDIAN);
      FloatVector square = g0.mul(g0);
      FloatVector v1 = square.sub(v0).fma(pullV, square.blend(v0, near));
      v1.intoMemorySegment(v, vByteOffset + o, LITTLE_ENDIAN);
      FloatVector f = oneV.div(v1.sqrt());
      f = f.blend(mostV, f.compare(GT, mostV));
      g0.mul(f).intoMemorySegment(u, uByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
