package io.github.lanewise.core.rows;

import static io.github.lanewise.core.rows.RowKernel.ROUND;
import static io.github.lanewise.core.rows.RowScratch.GROUP_BYTES;
import static io.github.lanewise.core.simd.Lanes.BYTES;
import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.VIRTUAL;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.lang.Float.NEGATIVE_INFINITY;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.lanewise.core.math.Exp;
import io.github.lanewise.core.math.Log;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The passes of [ShortRowKernel] over the groups of a block of rows; a group is 16 floats, which
/// are one vector, two or four. [RowFold] makes one float of the 16 lanes of a maximum or a sum.
///
/// - A pass is one loop over all groups: before a loop over memory C2 works out by some hundred
///   instructions how far it needs no checks.
/// - Each group carries on the maximum and the sum of those before it in its row and notes them:
///   the last group of a row has its own. Noting them where a row ends only would make C2 give
///   up its code for the loop again and again (`profile_predicate`), and box meanwhile.
/// - `left` counts the groups of a row.
public final class ShortRowPasses {
  /// The most groups of a block.
  static final int GROUPS = 128;

  /// The most rows of a block.
  static final int ROWS = 64;

  private static final long AREA_BYTES = GROUPS * GROUP_BYTES;
  private static final long FLOATS_BYTES = ROWS * (long) Float.BYTES;

  /// Where in the scratch of a thread the rows stand that are no whole number of groups, filled up;
  /// later their results.
  static final long PADDED = 0;

  /// A float for each row: its largest element (any if one is NaN), then what is subtracted.
  static final long SHIFTS = PADDED + AREA_BYTES;

  /// The sum of a row in two floats, then the factor or term made of it.
  static final long HIGH = SHIFTS + FLOATS_BYTES;

  static final long LOW = HIGH + FLOATS_BYTES;

  /// What [RowFold] has in hand.
  static final long PARTS = LOW + FLOATS_BYTES;

  /// For each element the maximum so far, then the shift where a group is several vectors, then the
  /// exponential for log-softmax, then the high part of the sum so far.
  static final long LANES = PARTS + 4 * FLOATS_BYTES;

  /// A group that stays 0, where sums start; areas then have different places in a page.
  static final long ZEROS = LANES + AREA_BYTES;

  /// The low part of the sum so far.
  static final long LOW_LANES = ZEROS + GROUP_BYTES;

  /// A block of rows as the caller has them, before all passes and after them: then no pass has
  /// lanes.
  static final long PACKED = LANES;

  static final long SCRATCH_BYTES = LOW_LANES + AREA_BYTES;

  private static final FloatVector LANE = FloatVector.zero(F).addIndex(1);

  private ShortRowPasses() {}

  /// Takes packed rows of n elements apart, and fills them up to whole groups.
  static void pad(MemorySegment s, long to, int padded, int n, int groupsOfRow, float filler) {
    FloatVector fill = FloatVector.broadcast(F, filler);
    long row = PACKED;
    int at = 0;
    for (int i = 0; i < padded; i += F.length()) {
      requireNative(s);
      fromMemorySegment(F, s, row + ((long) at << 2), LITTLE_ENDIAN)
          .blend(fill, LANE.compare(GE, (float) (n - at)))
          .intoMemorySegment(s, to + ((long) i << 2), LITTLE_ENDIAN);
      at += F.length();
      boolean next = at == groupsOfRow * VIRTUAL;
      row += next ? (long) n << 2 : 0;
      at = next ? 0 : at;
    }
  }

  /// Packs rows of n elements: what a row writes too much, the next one overwrites.
  static void pack(MemorySegment s, int padded, int n, int groupsOfRow) {
    long row = PACKED;
    int at = 0;
    for (int i = 0; i < padded; i += F.length()) {
      requireNative(s);
      fromMemorySegment(F, s, PADDED + ((long) i << 2), LITTLE_ENDIAN)
          .intoMemorySegment(s, row + ((long) at << 2), LITTLE_ENDIAN);
      at += F.length();
      boolean next = at == groupsOfRow * VIRTUAL;
      row += next ? (long) n << 2 : 0;
      at = next ? 0 : at;
    }
  }

  /// The lanes of the largest element of each row.
  static void max(MemorySegment x, long xByteOffset, MemorySegment s, int n, int groupsOfRow) {
    FloatVector none = FloatVector.broadcast(F, NEGATIVE_INFINITY);
    FloatVector max0 = none, max1 = none, max2 = none, max3 = none;
    int left = 0;
    for (int i = 0; i < n; i += VIRTUAL) {
      requireNative(s);
      if (left == 0) {
        max0 = none;
        max1 = none;
        max2 = none;
        max3 = none;
        left = groupsOfRow;
      }
      left--;
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      max0 = max0.blend(x0, x0.compare(GT, max0));
      max0.intoMemorySegment(s, LANES + p, LITTLE_ENDIAN);
      if (F.length() <= 8) {
        long p1 = p + BYTES;
        FloatVector x1 = fromMemorySegment(F, x, xByteOffset + p1, LITTLE_ENDIAN);
        max1 = max1.blend(x1, x1.compare(GT, max1));
        max1.intoMemorySegment(s, LANES + p1, LITTLE_ENDIAN);
      }
      if (F.length() == 4) {
        long p2 = p + 2 * BYTES;
        FloatVector x2 = fromMemorySegment(F, x, xByteOffset + p2, LITTLE_ENDIAN);
        max2 = max2.blend(x2, x2.compare(GT, max2));
        max2.intoMemorySegment(s, LANES + p2, LITTLE_ENDIAN);
        long p3 = p + 3 * BYTES;
        FloatVector x3 = fromMemorySegment(F, x, xByteOffset + p3, LITTLE_ENDIAN);
        max3 = max3.blend(x3, x3.compare(GT, max3));
        max3.intoMemorySegment(s, LANES + p3, LITTLE_ENDIAN);
      }
    }
  }

  /// [RowKernel#shift] of each maximum.
  static void shift(MemorySegment s, int rows) {
    for (int i = 0; i < rows; i += F.length()) {
      requireNative(s);
      long p = SHIFTS + ((long) i << 2);
      FloatVector max = fromMemorySegment(F, s, p, LITTLE_ENDIAN);
      max.blend(max.add(384f).sub(384f), max.abs().compare(LT, 256f))
          .intoMemorySegment(s, p, LITTLE_ENDIAN);
    }
  }

  /// The shift of its row for each element, where a group is several vectors.
  static void spread(MemorySegment s, int n, int groupsOfRow) {
    long r = SHIFTS;
    int left = groupsOfRow;
    for (int i = 0; i < n; i += VIRTUAL) {
      requireNative(s);
      long p = LANES + ((long) i << 2);
      FloatVector shift = FloatVector.broadcast(F, s.get(JAVA_FLOAT, r));
      shift.intoMemorySegment(s, p, LITTLE_ENDIAN);
      shift.intoMemorySegment(s, p + BYTES, LITTLE_ENDIAN);
      if (F.length() == 4) {
        shift.intoMemorySegment(s, p + 2 * BYTES, LITTLE_ENDIAN);
        shift.intoMemorySegment(s, p + 3 * BYTES, LITTLE_ENDIAN);
      }
      left--;
      r += left == 0 ? Float.BYTES : 0;
      left = left == 0 ? groupsOfRow : left;
    }
  }

  /// The exponentials of each row, and the lanes of their sum where a group is one vector.
  static void exp(
      MemorySegment x,
      long xByteOffset,
      MemorySegment s,
      MemorySegment e,
      long eByteOffset,
      int n,
      int groupsOfRow) {
    FloatVector zero = FloatVector.zero(F);
    FloatVector round = FloatVector.broadcast(F, ROUND);
    FloatVector high = round;
    FloatVector low = zero;
    long r = SHIFTS - Float.BYTES;
    int left = 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(e);
      if (F.length() == 16) {
        if (left == 0) {
          high = round;
          low = zero;
          left = groupsOfRow;
          r += Float.BYTES;
        }
        left--;
      }
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector shift =
          F.length() == 16
              ? FloatVector.broadcast(F, s.get(JAVA_FLOAT, r))
              : fromMemorySegment(F, s, LANES + p, LITTLE_ENDIAN);
      FloatVector e0 = Exp.expOfDifference(x0, shift);
      e0.intoMemorySegment(e, eByteOffset + p, LITTLE_ENDIAN);
      if (F.length() == 16) {
        FloatVector next = high.add(e0);
        low = low.add(e0.sub(next.sub(high)));
        high = next;
        high.intoMemorySegment(s, LANES + p, LITTLE_ENDIAN);
        low.intoMemorySegment(s, LOW_LANES + p, LITTLE_ENDIAN);
      }
    }
  }

  /// The lanes of the sum of each row.
  static void sum(MemorySegment e, long eByteOffset, MemorySegment s, int n, int groupsOfRow) {
    FloatVector zero = FloatVector.zero(F);
    FloatVector round = FloatVector.broadcast(F, ROUND);
    FloatVector high0 = round, high1 = round, high2 = round, high3 = round;
    FloatVector low0 = zero, low1 = zero, low2 = zero, low3 = zero;
    int left = 0;
    for (int i = 0; i < n; i += VIRTUAL) {
      requireNative(s);
      if (left == 0) {
        high0 = round;
        high1 = round;
        high2 = round;
        high3 = round;
        low0 = zero;
        low1 = zero;
        low2 = zero;
        low3 = zero;
        left = groupsOfRow;
      }
      left--;
      long p = (long) i << 2;
      FloatVector e0 = fromMemorySegment(F, e, eByteOffset + p, LITTLE_ENDIAN);
      FloatVector next0 = high0.add(e0);
      low0 = low0.add(e0.sub(next0.sub(high0)));
      high0 = next0;
      high0.intoMemorySegment(s, LANES + p, LITTLE_ENDIAN);
      low0.intoMemorySegment(s, LOW_LANES + p, LITTLE_ENDIAN);
      if (F.length() <= 8) {
        long p1 = p + BYTES;
        FloatVector e1 = fromMemorySegment(F, e, eByteOffset + p1, LITTLE_ENDIAN);
        FloatVector next1 = high1.add(e1);
        low1 = low1.add(e1.sub(next1.sub(high1)));
        high1 = next1;
        high1.intoMemorySegment(s, LANES + p1, LITTLE_ENDIAN);
        low1.intoMemorySegment(s, LOW_LANES + p1, LITTLE_ENDIAN);
      }
      if (F.length() == 4) {
        long p2 = p + 2 * BYTES;
        FloatVector e2 = fromMemorySegment(F, e, eByteOffset + p2, LITTLE_ENDIAN);
        FloatVector next2 = high2.add(e2);
        low2 = low2.add(e2.sub(next2.sub(high2)));
        high2 = next2;
        high2.intoMemorySegment(s, LANES + p2, LITTLE_ENDIAN);
        low2.intoMemorySegment(s, LOW_LANES + p2, LITTLE_ENDIAN);
        long p3 = p + 3 * BYTES;
        FloatVector e3 = fromMemorySegment(F, e, eByteOffset + p3, LITTLE_ENDIAN);
        FloatVector next3 = high3.add(e3);
        low3 = low3.add(e3.sub(next3.sub(high3)));
        high3 = next3;
        high3.intoMemorySegment(s, LANES + p3, LITTLE_ENDIAN);
        low3.intoMemorySegment(s, LOW_LANES + p3, LITTLE_ENDIAN);
      }
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
      FloatVector shift = fromMemorySegment(F, s, SHIFTS + r, LITTLE_ENDIAN);
      shift = shift.add(sum.sub(sum));
      high = shift.add(log);
      FloatVector added = high.sub(shift);
      low = low.add(shift.sub(high.sub(added)).add(log.sub(added)));
      high.intoMemorySegment(s, HIGH + r, LITTLE_ENDIAN);
      low.intoMemorySegment(s, LOW + r, LITTLE_ENDIAN);
    }
  }

  /// y = factor y. It does not read x.
  static void multiply(
      MemorySegment x,
      long xByteOffset,
      MemorySegment s,
      MemorySegment y,
      long yByteOffset,
      int n,
      int groupsOfRow) {
    long r = HIGH;
    int left = groupsOfRow;
    for (int i = 0; i < n; i += VIRTUAL) {
      requireNative(y);
      long p = yByteOffset + ((long) i << 2);
      FloatVector high = FloatVector.broadcast(F, s.get(JAVA_FLOAT, r));
      FloatVector low = FloatVector.broadcast(F, s.get(JAVA_FLOAT, r + (LOW - HIGH)));
      FloatVector v0 = fromMemorySegment(F, y, p, LITTLE_ENDIAN);
      v0.fma(high, v0.mul(low)).intoMemorySegment(y, p, LITTLE_ENDIAN);
      if (F.length() <= 8) {
        FloatVector v1 = fromMemorySegment(F, y, p + BYTES, LITTLE_ENDIAN);
        v1.fma(high, v1.mul(low)).intoMemorySegment(y, p + BYTES, LITTLE_ENDIAN);
      }
      if (F.length() == 4) {
        FloatVector v2 = fromMemorySegment(F, y, p + 2 * BYTES, LITTLE_ENDIAN);
        v2.fma(high, v2.mul(low)).intoMemorySegment(y, p + 2 * BYTES, LITTLE_ENDIAN);
        FloatVector v3 = fromMemorySegment(F, y, p + 3 * BYTES, LITTLE_ENDIAN);
        v3.fma(high, v3.mul(low)).intoMemorySegment(y, p + 3 * BYTES, LITTLE_ENDIAN);
      }
      left--;
      r += left == 0 ? Float.BYTES : 0;
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
      int n,
      int groupsOfRow) {
    long r = HIGH;
    int left = groupsOfRow;
    for (int i = 0; i < n; i += VIRTUAL) {
      requireNative(y);
      long p = (long) i << 2;
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
      r += left == 0 ? Float.BYTES : 0;
      left = left == 0 ? groupsOfRow : left;
    }
  }
}
