package io.github.lanewise.core.rows;

import static io.github.lanewise.core.rows.RowBlock.GROUP_BYTES;
import static io.github.lanewise.core.rows.RowBlock.LANES;
import static io.github.lanewise.core.rows.RowPasses.ROUND;
import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.VIRTUAL;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.lang.Float.NEGATIVE_INFINITY;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.MAX;

import io.github.lanewise.core.math.Exp;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The loops over one row, or a part of it, of those that are too long for [RowPasses]: what a row
/// has one of stands in a register and not in scratch, which makes them 1.5 times as fast there.
///
/// - Error, special values: those of [RowPasses] and [RowGradientPasses].
/// - Writes: the last array is overwritten; it may be one of the others.
final class LongRowPasses {
  private LongRowPasses() {}

  /// Returns the largest element, NaN aside. It compares four at a time, since each comparison
  /// waits for the one before; the four parts may overlap.
  static float max(MemorySegment x, long xByteOffset, int n) {
    int part = (n / F.length() + 3) / 4 * F.length();
    long second = xByteOffset + ((long) Math.min(part, n - part) << 2);
    long third = xByteOffset + ((long) Math.min(2 * part, n - part) << 2);
    long fourth = xByteOffset + ((long) (n - part) << 2);
    FloatVector a = FloatVector.broadcast(F, NEGATIVE_INFINITY);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    for (int i = 0; i < part; i += F.length()) {
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector x1 = fromMemorySegment(F, x, second + p, LITTLE_ENDIAN);
      FloatVector x2 = fromMemorySegment(F, x, third + p, LITTLE_ENDIAN);
      FloatVector x3 = fromMemorySegment(F, x, fourth + p, LITTLE_ENDIAN);
      a = a.blend(x0, x0.compare(GT, a));
      b = b.blend(x1, x1.compare(GT, b));
      c = c.blend(x2, x2.compare(GT, c));
      d = d.blend(x3, x3.compare(GT, d));
    }
    a = a.blend(b, b.compare(GT, a));
    c = c.blend(d, d.compare(GT, c));
    return a.blend(c, c.compare(GT, a)).reduceLanes(MAX);
  }

  /// y = exp(x - shift), and the lanes of its sum, as [RowPasses#exp].
  static void exp(
      MemorySegment x,
      long xByteOffset,
      MemorySegment s,
      long strip,
      MemorySegment y,
      long yByteOffset,
      int n,
      float shift) {
    FloatVector shiftV = FloatVector.broadcast(F, shift);
    FloatVector high = FloatVector.broadcast(F, ROUND);
    FloatVector low = FloatVector.zero(F);
    for (int i = 0; i < n; i += VIRTUAL) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector y0 =
          Exp.expOfDifference(fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN), shiftV);
      y0.intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector next = high.add(y0);
      low = low.add(y0.sub(next.sub(high)));
      high = next;
    }
    high.intoMemorySegment(s, LANES + strip, LITTLE_ENDIAN);
    low.intoMemorySegment(s, LANES + GROUP_BYTES + strip, LITTLE_ENDIAN);
  }

  /// y = factor x, the factor in two floats.
  static void multiply(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float high,
      float low) {
    FloatVector highV = FloatVector.broadcast(F, high);
    FloatVector lowV = FloatVector.broadcast(F, low);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      x0.fma(highV, x0.mul(lowV)).intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
    }
  }

  /// y = x - term, the term in two floats.
  static void subtract(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float high,
      float low) {
    FloatVector highV = FloatVector.broadcast(F, high);
    FloatVector lowV = FloatVector.broadcast(F, low);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN)
          .sub(highV)
          .sub(lowV)
          .intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
    }
  }

  /// gx = y (gy - dot).
  static void softmaxGradient(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      float dot) {
    FloatVector dotV = FloatVector.broadcast(F, dot);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      y0.mul(gy0.sub(dotV)).intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }

  /// gx = gy - exp(y) sum.
  static void logSoftmaxGradient(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      float sum) {
    FloatVector minusSum = FloatVector.broadcast(F, -sum);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      Exp.expNonPositive(y0)
          .fma(minusSum, gy0)
          .intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
