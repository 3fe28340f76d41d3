package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.BYTES;
import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.VIRTUAL;
import static io.github.lanewise.core.kernel.Lanes.requireNative;
import static io.github.lanewise.core.kernel.RowKernel.ROUND;
import static io.github.lanewise.core.kernel.Scratch.GROUP_BYTES;
import static io.github.lanewise.core.kernel.Scratch.SWAP_1;
import static io.github.lanewise.core.kernel.Scratch.SWAP_2;
import static io.github.lanewise.core.kernel.Scratch.SWAP_4;
import static io.github.lanewise.core.kernel.Scratch.SWAP_8;
import static java.lang.Float.NEGATIVE_INFINITY;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.lanewise.core.math.Log;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The passes of [ShortRowKernel] over the groups of a block of rows; a group is 16 floats, which
/// are one vector, two or four.
///
/// - A pass is one loop over all groups: before a loop over memory C2 works out by some hundred
///   instructions how far it needs no checks.
/// - The maximum and the sum of a row are those of its last group: each group carries on that of
///   the group before in its row and notes it. Noting it where a row ends only would make C2 give
///   up its code for the loop again and again (`profile_predicate`), and box meanwhile.
/// - `left` counts the groups of a row.
final class ShortRowPasses {
  /// The most groups of a block, and the most rows.
  static final int GROUPS = 64;

  private static final long AREA_BYTES = GROUPS * GROUP_BYTES;
  private static final long FLOATS_BYTES = GROUPS * (long) Float.BYTES;

  /// Where in the scratch of a thread the rows stand that are no whole number of groups, filled up
  /// with -inf; later their results.
  static final long PADDED = 0;

  /// A float for each group: the largest element of its row so far.
  private static final long MAX = PADDED + AREA_BYTES;

  /// The sum of its row so far in two floats, then the factor or term made of it.
  private static final long HIGH = MAX + FLOATS_BYTES;

  private static final long LOW = HIGH + FLOATS_BYTES;

  /// What is subtracted from each element.
  private static final long SHIFT = LOW + FLOATS_BYTES;

  /// The exponentials; the gap is for areas to have different places in a page.
  private static final long E = SHIFT + AREA_BYTES + GROUP_BYTES;

  static final long SCRATCH_BYTES = E + AREA_BYTES;

  private ShortRowPasses() {}

  /// The largest element of each row.
  static void max(MemorySegment x, long xByteOffset, MemorySegment s, int groups, int groupsOfRow) {
    FloatVector none = FloatVector.broadcast(F, NEGATIVE_INFINITY);
    FloatVector max = none;
    int left = 0;
    for (int i = 0; i < groups; i++) {
      requireNative(s);
      if (left == 0) {
        max = none;
        left = groupsOfRow;
      }
      left--;
      long p = xByteOffset + ((long) i << 6);
      max = larger(max, fromMemorySegment(F, x, p, LITTLE_ENDIAN));
      if (F.length() <= 8) {
        max = larger(max, fromMemorySegment(F, x, p + BYTES, LITTLE_ENDIAN));
      }
      if (F.length() == 4) {
        max = larger(max, fromMemorySegment(F, x, p + 2 * BYTES, LITTLE_ENDIAN));
        max = larger(max, fromMemorySegment(F, x, p + 3 * BYTES, LITTLE_ENDIAN));
      }
      FloatVector m = max;
      if (F.length() == 16) {
        m = larger(m, m.rearrange(SWAP_8));
      }
      if (F.length() >= 8) {
        m = larger(m, m.rearrange(SWAP_4));
      }
      m = larger(m, m.rearrange(SWAP_2));
      m = larger(m, m.rearrange(SWAP_1));
      s.set(JAVA_FLOAT, MAX + ((long) i << 2), m.lane(0));
    }
  }

  private static FloatVector larger(FloatVector a, FloatVector b) {
    return a.blend(b, b.compare(GT, a));
  }

  /// [RowKernel#shift] in all lanes.
  private static FloatVector shift(FloatVector max) {
    return max.blend(max.add(384f).sub(384f), max.abs().compare(LT, 256f));
  }

  /// What is subtracted from each element.
  static void shift(MemorySegment s, int groups, int groupsOfRow) {
    long rowBytes = (long) groupsOfRow * Float.BYTES;
    long r = MAX + rowBytes - Float.BYTES;
    int left = groupsOfRow;
    for (int i = 0; i < groups; i++) {
      requireNative(s);
      long p = SHIFT + ((long) i << 6);
      FloatVector shift = shift(FloatVector.broadcast(F, s.get(JAVA_FLOAT, r)));
      shift.intoMemorySegment(s, p, LITTLE_ENDIAN);
      if (F.length() <= 8) {
        shift.intoMemorySegment(s, p + BYTES, LITTLE_ENDIAN);
      }
      if (F.length() == 4) {
        shift.intoMemorySegment(s, p + 2 * BYTES, LITTLE_ENDIAN);
        shift.intoMemorySegment(s, p + 3 * BYTES, LITTLE_ENDIAN);
      }
      left--;
      r += left == 0 ? rowBytes : 0;
      left = left == 0 ? groupsOfRow : left;
    }
  }

  /// The exponentials of each row.
  static void exp(MemorySegment x, long xByteOffset, MemorySegment s, int groups) {
    for (int i = 0, n = groups * VIRTUAL; i < n; i += F.length()) {
      requireNative(s);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector shift = fromMemorySegment(F, s, SHIFT + p, LITTLE_ENDIAN);
      RowKernel.expOfDifference(x0, shift).intoMemorySegment(s, E + p, LITTLE_ENDIAN);
    }
  }

  /// The sum of each row: of its multiples of 2^-14, which add up without rounding, and of what is
  /// left, in 16 lanes.
  static void sum(MemorySegment s, int groups, int groupsOfRow) {
    FloatVector zero = FloatVector.zero(F);
    FloatVector high = zero;
    FloatVector low0 = zero;
    FloatVector low1 = zero;
    FloatVector low2 = zero;
    FloatVector low3 = zero;
    int left = 0;
    for (int i = 0; i < groups; i++) {
      requireNative(s);
      if (left == 0) {
        high = zero;
        low0 = zero;
        low1 = zero;
        low2 = zero;
        low3 = zero;
        left = groupsOfRow;
      }
      left--;
      long p = E + ((long) i << 6);
      FloatVector e0 = fromMemorySegment(F, s, p, LITTLE_ENDIAN);
      FloatVector m0 = e0.add(ROUND).sub(ROUND);
      high = high.add(m0);
      low0 = low0.add(e0.sub(m0));
      if (F.length() <= 8) {
        FloatVector e1 = fromMemorySegment(F, s, p + BYTES, LITTLE_ENDIAN);
        FloatVector m1 = e1.add(ROUND).sub(ROUND);
        high = high.add(m1);
        low1 = low1.add(e1.sub(m1));
      }
      if (F.length() == 4) {
        FloatVector e2 = fromMemorySegment(F, s, p + 2 * BYTES, LITTLE_ENDIAN);
        FloatVector m2 = e2.add(ROUND).sub(ROUND);
        high = high.add(m2);
        low2 = low2.add(e2.sub(m2));
        FloatVector e3 = fromMemorySegment(F, s, p + 3 * BYTES, LITTLE_ENDIAN);
        FloatVector m3 = e3.add(ROUND).sub(ROUND);
        high = high.add(m3);
        low3 = low3.add(e3.sub(m3));
      }
      FloatVector low = low0;
      if (F.length() == 8) {
        low = low0.add(low1);
      }
      if (F.length() == 4) {
        low = low0.add(low2).add(low1.add(low3));
      }
      long r = (long) i << 2;
      FloatVector sum = high;
      if (F.length() == 16) {
        sum = sum.add(sum.rearrange(SWAP_8));
        low = low.add(low.rearrange(SWAP_8));
      }
      if (F.length() >= 8) {
        sum = sum.add(sum.rearrange(SWAP_4));
        low = low.add(low.rearrange(SWAP_4));
      }
      sum = sum.add(sum.rearrange(SWAP_2));
      low = low.add(low.rearrange(SWAP_2));
      s.set(JAVA_FLOAT, HIGH + r, sum.add(sum.rearrange(SWAP_1)).lane(0));
      s.set(JAVA_FLOAT, LOW + r, low.add(low.rearrange(SWAP_1)).lane(0));
    }
  }

  /// One over each sum, in two floats.
  static void factors(MemorySegment s, int rows) {
    FloatVector minusOne = FloatVector.broadcast(F, -1f);
    for (int i = 0; i < rows; i += F.length()) {
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
  static void terms(MemorySegment s, int rows) {
    for (int i = 0; i < rows; i += F.length()) {
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
      FloatVector shift = shift(fromMemorySegment(F, s, MAX + r, LITTLE_ENDIAN));
      shift = shift.add(sum.sub(sum));
      high = shift.add(log);
      FloatVector added = high.sub(shift);
      low = low.add(shift.sub(high.sub(added)).add(log.sub(added)));
      high.intoMemorySegment(s, HIGH + r, LITTLE_ENDIAN);
      low.intoMemorySegment(s, LOW + r, LITTLE_ENDIAN);
    }
  }

  /// y = factor e. It does not read x.
  static void multiply(
      MemorySegment x,
      long xByteOffset,
      MemorySegment s,
      MemorySegment y,
      long yByteOffset,
      int groups,
      int groupsOfRow) {
    long rowBytes = (long) groupsOfRow * Float.BYTES;
    long r = HIGH + rowBytes - Float.BYTES;
    int left = groupsOfRow;
    for (int i = 0; i < groups; i++) {
      requireNative(y);
      long p = (long) i << 6;
      FloatVector high = FloatVector.broadcast(F, s.get(JAVA_FLOAT, r));
      FloatVector low = FloatVector.broadcast(F, s.get(JAVA_FLOAT, r + (LOW - HIGH)));
      FloatVector v0 = fromMemorySegment(F, s, E + p, LITTLE_ENDIAN);
      v0.fma(high, v0.mul(low)).intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
      if (F.length() <= 8) {
        long p1 = p + BYTES;
        FloatVector v1 = fromMemorySegment(F, s, E + p1, LITTLE_ENDIAN);
        v1.fma(high, v1.mul(low)).intoMemorySegment(y, yByteOffset + p1, LITTLE_ENDIAN);
      }
      if (F.length() == 4) {
        long p2 = p + 2 * BYTES;
        FloatVector v2 = fromMemorySegment(F, s, E + p2, LITTLE_ENDIAN);
        v2.fma(high, v2.mul(low)).intoMemorySegment(y, yByteOffset + p2, LITTLE_ENDIAN);
        long p3 = p + 3 * BYTES;
        FloatVector v3 = fromMemorySegment(F, s, E + p3, LITTLE_ENDIAN);
        v3.fma(high, v3.mul(low)).intoMemorySegment(y, yByteOffset + p3, LITTLE_ENDIAN);
      }
      left--;
      r += left == 0 ? rowBytes : 0;
      left = left == 0 ? groupsOfRow : left;
    }
  }

  /// y = x - term.
  static void subtract(
      MemorySegment x,
      long xByteOffset,
      MemorySegment s,
      MemorySegment y,
      long yByteOffset,
      int groups,
      int groupsOfRow) {
    long rowBytes = (long) groupsOfRow * Float.BYTES;
    long r = HIGH + rowBytes - Float.BYTES;
    int left = groupsOfRow;
    for (int i = 0; i < groups; i++) {
      requireNative(y);
      long p = (long) i << 6;
      FloatVector high = FloatVector.broadcast(F, s.get(JAVA_FLOAT, r));
      FloatVector low = FloatVector.broadcast(F, s.get(JAVA_FLOAT, r + (LOW - HIGH)));
      FloatVector v0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      v0.sub(high).sub(low).intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
      if (F.length() <= 8) {
        long p1 = p + BYTES;
        FloatVector v1 = fromMemorySegment(F, x, xByteOffset + p1, LITTLE_ENDIAN);
        v1.sub(high).sub(low).intoMemorySegment(y, yByteOffset + p1, LITTLE_ENDIAN);
      }
      if (F.length() == 4) {
        long p2 = p + 2 * BYTES;
        FloatVector v2 = fromMemorySegment(F, x, xByteOffset + p2, LITTLE_ENDIAN);
        v2.sub(high).sub(low).intoMemorySegment(y, yByteOffset + p2, LITTLE_ENDIAN);
        long p3 = p + 3 * BYTES;
        FloatVector v3 = fromMemorySegment(F, x, xByteOffset + p3, LITTLE_ENDIAN);
        v3.sub(high).sub(low).intoMemorySegment(y, yByteOffset + p3, LITTLE_ENDIAN);
      }
      left--;
      r += left == 0 ? rowBytes : 0;
      left = left == 0 ? groupsOfRow : left;
    }
  }
}
