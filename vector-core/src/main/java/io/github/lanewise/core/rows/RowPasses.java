package io.github.lanewise.core.rows;

import static io.github.lanewise.core.rows.RowBlock.GROUP_BYTES;
import static io.github.lanewise.core.rows.RowBlock.HIGH;
import static io.github.lanewise.core.rows.RowBlock.LANES;
import static io.github.lanewise.core.rows.RowBlock.LOW;
import static io.github.lanewise.core.rows.RowBlock.PACKED;
import static io.github.lanewise.core.rows.RowBlock.PADDED;
import static io.github.lanewise.core.rows.RowBlock.SHIFTS;
import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.VIRTUAL;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.lang.Float.NEGATIVE_INFINITY;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;

import io.github.lanewise.core.math.Exp;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The passes of softmax: each is one loop over a strip of all groups of some pieces, whose offsets
/// include that of the strip. One loop for each row would cost 10 ns before its first vector.
///
/// - `left` counts the groups of a piece down; the lanes of a maximum or sum are stored at each
///   group, over those of the group before.
/// - Error of exp(x - shift): [Exp#expOfDifference]. Error of the sum of a piece: below 2^-26. Its
///   high part begins at 768, where floats are 2^-14 apart, and stays below 1024: that sum of
///   multiples of 2^-14 is exact. What each addition rounds off is known exactly (Dekker's
///   Fast2Sum) and is added up beside it.
/// - Special values: where the largest element is +inf or -inf, its exp(x - shift) is NaN.
/// - Writes: y is overwritten; it may be x.
final class RowPasses {
  /// The most elements of a piece, so that a lane adds up 64 terms at most; part of the numerical
  /// contract.
  static final int PIECE = 1024;

  /// Where sums begin; adding it rounds to a multiple of 2^-14.
  static final float ROUND = 768f;

  private static final FloatVector LANE = FloatVector.zero(F).addIndex(1);

  private RowPasses() {}

  /// Takes packed pieces of `elements` apart, and fills each up to whole groups.
  static void pad(MemorySegment s, long to, int n, int elements, int groups, float filler) {
    FloatVector fill = FloatVector.broadcast(F, filler);
    long piece = PACKED;
    int at = 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      fromMemorySegment(F, s, piece + ((long) at << 2), LITTLE_ENDIAN)
          .blend(fill, LANE.compare(GE, (float) (elements - at)))
          .intoMemorySegment(s, to + ((long) i << 2), LITTLE_ENDIAN);
      at += F.length();
      boolean next = at == groups * VIRTUAL;
      piece += next ? (long) elements << 2 : 0;
      at = next ? 0 : at;
    }
  }

  /// Packs pieces of `elements`: what one writes too much, the next one overwrites.
  static void pack(MemorySegment s, int n, int elements, int groups) {
    long piece = PACKED;
    int at = 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      fromMemorySegment(F, s, PADDED + ((long) i << 2), LITTLE_ENDIAN)
          .intoMemorySegment(s, piece + ((long) at << 2), LITTLE_ENDIAN);
      at += F.length();
      boolean next = at == groups * VIRTUAL;
      piece += next ? (long) elements << 2 : 0;
      at = next ? 0 : at;
    }
  }

  /// The lanes of the largest element of each piece.
  static void max(
      MemorySegment x, long xByteOffset, MemorySegment s, long strip, int n, int groups) {
    FloatVector none = FloatVector.broadcast(F, NEGATIVE_INFINITY);
    FloatVector max = none;
    long lanes = LANES - GROUP_BYTES + strip;
    int left = 0;
    for (int i = 0; i < n; i += VIRTUAL) {
      requireNative(s);
      if (left == 0) {
        max = none;
        left = groups;
        lanes += GROUP_BYTES;
      }
      left--;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + ((long) i << 2), LITTLE_ENDIAN);
      max = max.blend(x0, x0.compare(GT, max));
      max.intoMemorySegment(s, lanes, LITTLE_ENDIAN);
    }
  }

  /// y = exp(x - shift), and the lanes of its sum, the high ones and then the low ones.
  static void exp(
      MemorySegment x,
      long xByteOffset,
      MemorySegment s,
      long strip,
      MemorySegment y,
      long yByteOffset,
      int n,
      int groups) {
    FloatVector round = FloatVector.broadcast(F, ROUND);
    FloatVector zero = FloatVector.zero(F);
    FloatVector high = round;
    FloatVector low = zero;
    long lanes = LANES - 2 * GROUP_BYTES + strip;
    long r = SHIFTS - Float.BYTES;
    int left = 0;
    for (int i = 0; i < n; i += VIRTUAL) {
      requireNative(s);
      requireNative(y);
      if (left == 0) {
        high = round;
        low = zero;
        left = groups;
        lanes += 2 * GROUP_BYTES;
        r += Float.BYTES;
      }
      left--;
      long p = (long) i << 2;
      FloatVector shift = FloatVector.broadcast(F, s.get(JAVA_FLOAT, r));
      FloatVector y0 =
          Exp.expOfDifference(fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN), shift);
      y0.intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector next = high.add(y0);
      low = low.add(y0.sub(next.sub(high)));
      high = next;
      high.intoMemorySegment(s, lanes, LITTLE_ENDIAN);
      low.intoMemorySegment(s, lanes + GROUP_BYTES, LITTLE_ENDIAN);
    }
  }

  /// y = factor x, the factor in two floats.
  static void multiply(
      MemorySegment x,
      long xByteOffset,
      MemorySegment s,
      MemorySegment y,
      long yByteOffset,
      int n,
      int groups) {
    long r = HIGH;
    int left = groups;
    for (int i = 0; i < n; i += VIRTUAL) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector high = FloatVector.broadcast(F, s.get(JAVA_FLOAT, r));
      FloatVector low = FloatVector.broadcast(F, s.get(JAVA_FLOAT, r + (LOW - HIGH)));
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      x0.fma(high, x0.mul(low)).intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
      left--;
      r += left == 0 ? Float.BYTES : 0;
      left = left == 0 ? groups : left;
    }
  }

  /// y = x - term, the term in two floats.
  static void subtract(
      MemorySegment x,
      long xByteOffset,
      MemorySegment s,
      MemorySegment y,
      long yByteOffset,
      int n,
      int groups) {
    long r = HIGH;
    int left = groups;
    for (int i = 0; i < n; i += VIRTUAL) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector high = FloatVector.broadcast(F, s.get(JAVA_FLOAT, r));
      FloatVector low = FloatVector.broadcast(F, s.get(JAVA_FLOAT, r + (LOW - HIGH)));
      fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN)
          .sub(high)
          .sub(low)
          .intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
      left--;
      r += left == 0 ? Float.BYTES : 0;
      left = left == 0 ? groups : left;
    }
  }
}
