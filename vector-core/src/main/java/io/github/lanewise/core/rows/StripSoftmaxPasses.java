package io.github.lanewise.core.rows;

import static io.github.lanewise.core.rows.RowPasses.ROUND;
import static io.github.lanewise.core.simd.Lanes.BYTES;
import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.lang.Float.NEGATIVE_INFINITY;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;

import io.github.lanewise.core.math.Exp;
import io.github.lanewise.core.math.Log;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Softmax and what belongs to it on a strip of a batch, `[n features][32]`: each lane is a row, so
/// every pass is a plain loop over features.
///
/// - Error of exp(x - max): [Exp#expOfDifference]. Sums of exponentials are exact but for what is
///   added up beside them, as in [RowPasses], for [#PIECE] features; the sums of pieces are added
///   in float.
/// - Special values: a NaN, a +inf or -inf throughout a row give NaN throughout the row.
/// - Writes: y or gx is overwritten; it may be x, or gy.
final class StripSoftmaxPasses {
  /// The features whose exponentials, each at most 1, are added up without rounding; part of the
  /// numerical contract.
  private static final int PIECE = 128;

  private static final long STRIP_BYTES = 128;

  private StripSoftmaxPasses() {}

  /// y = exp(x - max) and, in s, the maximum and the sum of each row.
  static void exp(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      MemorySegment s,
      int n) {
    for (long v = 0; v < STRIP_BYTES; v += BYTES) {
      requireNative(s);
      long p = xByteOffset + v;
      long q = yByteOffset + v;
      FloatVector max = FloatVector.broadcast(F, NEGATIVE_INFINITY);
      for (int i = 0; i < n; i++) {
        FloatVector x0 = fromMemorySegment(F, x, p + i * STRIP_BYTES, LITTLE_ENDIAN);
        max = max.blend(x0, x0.compare(GT, max));
      }
      FloatVector sum = FloatVector.zero(F);
      for (int from = 0; from < n; from += PIECE) {
        int to = Math.min(n, from + PIECE);
        FloatVector high = FloatVector.broadcast(F, ROUND);
        FloatVector low = FloatVector.zero(F);
        for (int i = from; i < to; i++) {
          requireNative(y);
          FloatVector y0 =
              Exp.expOfDifference(fromMemorySegment(F, x, p + i * STRIP_BYTES, LITTLE_ENDIAN), max);
          y0.intoMemorySegment(y, q + i * STRIP_BYTES, LITTLE_ENDIAN);
          FloatVector next = high.add(y0);
          low = low.add(y0.sub(next.sub(high)));
          high = next;
        }
        sum = sum.add(high.sub(ROUND).add(low));
      }
      max.intoMemorySegment(s, v, LITTLE_ENDIAN);
      sum.intoMemorySegment(s, STRIP_BYTES + v, LITTLE_ENDIAN);
    }
  }

  /// y = y / sum, with the sums of [#exp].
  static void divide(MemorySegment s, MemorySegment y, long yByteOffset, int n) {
    for (long v = 0; v < STRIP_BYTES; v += BYTES) {
      FloatVector factor =
          FloatVector.broadcast(F, 1f).div(fromMemorySegment(F, s, STRIP_BYTES + v, LITTLE_ENDIAN));
      for (int i = 0; i < n; i++) {
        requireNative(y);
        long q = yByteOffset + i * STRIP_BYTES + v;
        fromMemorySegment(F, y, q, LITTLE_ENDIAN)
            .mul(factor)
            .intoMemorySegment(y, q, LITTLE_ENDIAN);
      }
    }
  }

  /// y = y times the factor of each row, which stands where [#exp] has left the sum.
  static void multiply(MemorySegment s, MemorySegment y, long yByteOffset, int n) {
    for (long v = 0; v < STRIP_BYTES; v += BYTES) {
      FloatVector factor = fromMemorySegment(F, s, STRIP_BYTES + v, LITTLE_ENDIAN);
      for (int i = 0; i < n; i++) {
        requireNative(y);
        long q = yByteOffset + i * STRIP_BYTES + v;
        fromMemorySegment(F, y, q, LITTLE_ENDIAN)
            .mul(factor)
            .intoMemorySegment(y, q, LITTLE_ENDIAN);
      }
    }
  }

  /// y = (x - max) - log(sum), with the maxima and sums of [#exp].
  static void logarithm(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      MemorySegment s,
      int n) {
    for (long v = 0; v < STRIP_BYTES; v += BYTES) {
      FloatVector log = Log.log(fromMemorySegment(F, s, STRIP_BYTES + v, LITTLE_ENDIAN));
      FloatVector max = fromMemorySegment(F, s, v, LITTLE_ENDIAN);
      for (int i = 0; i < n; i++) {
        requireNative(y);
        long p = i * STRIP_BYTES + v;
        fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN)
            .sub(max)
            .sub(log)
            .intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
      }
    }
  }

  /// gx = y (gy - sum(gy y)).
  static void softmaxGradient(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n) {
    for (long v = 0; v < STRIP_BYTES; v += BYTES) {
      FloatVector sum = FloatVector.zero(F);
      for (int i = 0; i < n; i++) {
        long p = i * STRIP_BYTES + v;
        sum =
            fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN)
                .fma(fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN), sum);
      }
      for (int i = 0; i < n; i++) {
        requireNative(gx);
        long p = i * STRIP_BYTES + v;
        fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN)
            .sub(sum)
            .mul(fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN))
            .intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
      }
    }
  }

  /// gx = gy - exp(y) sum(gy).
  static void logSoftmaxGradient(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n) {
    for (long v = 0; v < STRIP_BYTES; v += BYTES) {
      FloatVector sum = FloatVector.zero(F);
      for (int i = 0; i < n; i++) {
        sum = sum.add(fromMemorySegment(F, gy, gyByteOffset + i * STRIP_BYTES + v, LITTLE_ENDIAN));
      }
      for (int i = 0; i < n; i++) {
        requireNative(gx);
        long p = i * STRIP_BYTES + v;
        FloatVector y0 = Exp.exp(fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN));
        fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN)
            .sub(y0.mul(sum))
            .intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
      }
    }
  }
}
