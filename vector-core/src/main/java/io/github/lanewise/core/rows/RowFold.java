package io.github.lanewise.core.rows;

import static io.github.lanewise.core.rows.RowBlock.GROUP_BYTES;
import static io.github.lanewise.core.rows.RowBlock.HIGH;
import static io.github.lanewise.core.rows.RowBlock.LANES;
import static io.github.lanewise.core.rows.RowBlock.LOW;
import static io.github.lanewise.core.rows.RowBlock.SHIFTS;
import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.lanewise.core.math.Log;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/// Folds the 16 lanes of each piece to one float, and makes of that what is applied to its
/// elements.
///
/// - Lanes of a sum 8 apart are added first, then 4, 2 and 1 apart, on every width. Two groups are
///   folded at once: they exchange halves, and each has one half of a vector from there on.
/// - Error: a factor or term is held in two floats, far below one rounding.
/// - Writes: floats in scratch.
final class RowFold {
  private static final int HALF = F.length() / 2;
  private static final VectorMask<Float> UPPER = VectorMask.fromLong(F, -1L << HALF);
  private static final VectorShuffle<Float> SWAP_HALVES = swap(HALF);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_1 = swap(1);

  private RowFold() {}

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(F, i -> (i ^ distance) % F.length());
  }

  /// What is subtracted from each piece: its largest element (any if one is NaN), rounded to a
  /// multiple of 2^-14 or less, so that [io.github.lanewise.core.math.Exp#expOfDifference] is exact
  /// in fewer steps; exp(x - shift) is at most 1 + 2^-15. From 256 on it is the largest element
  /// itself, near which differences are exact.
  ///
  /// @param xByteOffset where the lanes of the first piece stand, those of the others behind
  static void shift(MemorySegment x, long xByteOffset, MemorySegment s, int pieces) {
    for (int i = 0; i < pieces; i += 2) {
      requireNative(s);
      long p = xByteOffset + i * GROUP_BYTES;
      long q = i + 1 < pieces ? p + GROUP_BYTES : p;
      FloatVector a = fromMemorySegment(F, x, p, LITTLE_ENDIAN);
      FloatVector b = fromMemorySegment(F, x, q, LITTLE_ENDIAN);
      if (F.length() <= 8) {
        FloatVector a8 = fromMemorySegment(F, x, p + 32, LITTLE_ENDIAN);
        FloatVector b8 = fromMemorySegment(F, x, q + 32, LITTLE_ENDIAN);
        a = a.blend(a8, a8.compare(GT, a));
        b = b.blend(b8, b8.compare(GT, b));
      }
      if (F.length() == 4) {
        FloatVector a4 = fromMemorySegment(F, x, p + 16, LITTLE_ENDIAN);
        FloatVector a12 = fromMemorySegment(F, x, p + 48, LITTLE_ENDIAN);
        FloatVector b4 = fromMemorySegment(F, x, q + 16, LITTLE_ENDIAN);
        FloatVector b12 = fromMemorySegment(F, x, q + 48, LITTLE_ENDIAN);
        a = a.blend(a4, a4.compare(GT, a));
        a = a.blend(a12, a12.compare(GT, a));
        b = b.blend(b4, b4.compare(GT, b));
        b = b.blend(b12, b12.compare(GT, b));
      }
      FloatVector max = a.blend(b, UPPER);
      FloatVector other = b.blend(a, UPPER).rearrange(SWAP_HALVES);
      max = max.blend(other, other.compare(GT, max));
      if (F.length() == 16) {
        other = max.rearrange(SWAP_4);
        max = max.blend(other, other.compare(GT, max));
      }
      if (F.length() >= 8) {
        other = max.rearrange(SWAP_2);
        max = max.blend(other, other.compare(GT, max));
      }
      other = max.rearrange(SWAP_1);
      max = max.blend(other, other.compare(GT, max));
      max = max.blend(max.add(384f).sub(384f), max.abs().compare(LT, 256f));
      long r = SHIFTS + ((long) i << 2);
      s.set(JAVA_FLOAT, r, max.lane(0));
      s.set(JAVA_FLOAT, r + Float.BYTES, max.lane(HALF));
    }
  }

  /// The sums of groups of lanes, two at a time.
  ///
  /// @param second where the sum of the second goes, in bytes behind that of the first
  /// @param next where that of the third goes, in bytes behind that of the first
  /// @param start what the lanes of the first are too large by
  static void sum(MemorySegment s, long second, long next, int groups, float start) {
    long r = HIGH;
    for (int i = 0; i < groups; i += 2) {
      requireNative(s);
      long p = LANES + i * GROUP_BYTES;
      long q = p + GROUP_BYTES;
      FloatVector a = fromMemorySegment(F, s, p, LITTLE_ENDIAN).sub(start);
      FloatVector b = fromMemorySegment(F, s, q, LITTLE_ENDIAN);
      if (F.length() <= 8) {
        a = a.add(fromMemorySegment(F, s, p + 32, LITTLE_ENDIAN).sub(start));
        b = b.add(fromMemorySegment(F, s, q + 32, LITTLE_ENDIAN));
      }
      if (F.length() == 4) {
        FloatVector a4 = fromMemorySegment(F, s, p + 16, LITTLE_ENDIAN).sub(start);
        FloatVector b4 = fromMemorySegment(F, s, q + 16, LITTLE_ENDIAN);
        a = a.add(a4.add(fromMemorySegment(F, s, p + 48, LITTLE_ENDIAN).sub(start)));
        b = b.add(b4.add(fromMemorySegment(F, s, q + 48, LITTLE_ENDIAN)));
      }
      FloatVector sum = a.blend(b, UPPER).add(b.blend(a, UPPER).rearrange(SWAP_HALVES));
      if (F.length() == 16) {
        sum = sum.add(sum.rearrange(SWAP_4));
      }
      if (F.length() >= 8) {
        sum = sum.add(sum.rearrange(SWAP_2));
      }
      sum = sum.add(sum.rearrange(SWAP_1));
      s.set(JAVA_FLOAT, r, sum.lane(0));
      s.set(JAVA_FLOAT, r + second, sum.lane(HALF));
      r += next;
    }
  }

  /// One over each sum, in two floats.
  static void factors(MemorySegment s, int pieces) {
    FloatVector minusOne = FloatVector.broadcast(F, -1f);
    for (int i = 0; i < pieces; i += F.length()) {
      requireNative(s);
      long r = (long) i << 2;
      FloatVector high = fromMemorySegment(F, s, HIGH + r, LITTLE_ENDIAN);
      FloatVector low = fromMemorySegment(F, s, LOW + r, LITTLE_ENDIAN);
      FloatVector sum = high.add(low);
      low = high.sub(sum).add(low);
      FloatVector factor = minusOne.div(sum).neg();
      // What the rounded quotient lacks.
      FloatVector minusRest = factor.fma(low, factor.fma(sum, minusOne)).mul(factor);
      factor.intoMemorySegment(s, HIGH + r, LITTLE_ENDIAN);
      minusRest.neg().intoMemorySegment(s, LOW + r, LITTLE_ENDIAN);
    }
  }

  /// The shift and the logarithm of each sum, in two floats.
  static void terms(MemorySegment s, int pieces) {
    for (int i = 0; i < pieces; i += F.length()) {
      requireNative(s);
      long r = (long) i << 2;
      FloatVector high = fromMemorySegment(F, s, HIGH + r, LITTLE_ENDIAN);
      FloatVector low = fromMemorySegment(F, s, LOW + r, LITTLE_ENDIAN);
      FloatVector sum = high.add(low);
      low = high.sub(sum).add(low).div(sum);
      FloatVector exponent = Log.exponent(sum);
      FloatVector fraction = Log.fraction(sum);
      FloatVector log = Log.high(exponent, fraction);
      low = low.add(Log.low(exponent, fraction, log));
      // A NaN has no exponent: it comes with the shift. The two floats are their exact sum.
      FloatVector shift = fromMemorySegment(F, s, SHIFTS + r, LITTLE_ENDIAN);
      shift = shift.add(sum.sub(sum));
      high = shift.add(log);
      FloatVector added = high.sub(shift);
      low = low.add(shift.sub(high.sub(added)).add(log.sub(added)));
      high.intoMemorySegment(s, HIGH + r, LITTLE_ENDIAN);
      low.intoMemorySegment(s, LOW + r, LITTLE_ENDIAN);
    }
  }
}
