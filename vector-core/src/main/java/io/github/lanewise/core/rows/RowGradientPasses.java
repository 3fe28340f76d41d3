package io.github.lanewise.core.rows;

import static io.github.lanewise.core.rows.RowBlock.GROUP_BYTES;
import static io.github.lanewise.core.rows.RowBlock.HIGH;
import static io.github.lanewise.core.rows.RowBlock.LANES;
import static io.github.lanewise.core.rows.RowBlock.TERMS;
import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.VIRTUAL;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import io.github.lanewise.core.math.Exp;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The passes of the gradients of softmax and log-softmax, of the kind of [RowPasses].
///
/// - No pass has more than three segments: with a fourth C2 gives up its code a hundred times
///   where one of them has an owner and scratch has none (`decisions.md`). So each gradient is two
///   passes, the first of which leaves its terms in scratch.
/// - Error: a lane of a sum has at most 8 terms, so that it does not grow with the length of a row.
/// - Special values: IEEE.
/// - Writes: scratch, or gx, which may be gy or y.
final class RowGradientPasses {
  /// The most elements of a piece; part of the numerical contract.
  static final int PIECE = 128;

  private RowGradientPasses() {}

  /// The lanes of the sum of y gy of each piece.
  static void dot(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment s,
      long strip,
      int n,
      int groups) {
    FloatVector zero = FloatVector.zero(F);
    FloatVector sum = zero;
    long lanes = LANES - GROUP_BYTES + strip;
    int left = 0;
    for (int i = 0; i < n; i += VIRTUAL) {
      requireNative(s);
      if (left == 0) {
        sum = zero;
        left = groups;
        lanes += GROUP_BYTES;
      }
      left--;
      long p = (long) i << 2;
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      sum = y0.fma(gy0, sum);
      sum.intoMemorySegment(s, lanes, LITTLE_ENDIAN);
    }
  }

  /// The lanes of the sum of x of each piece.
  static void sum(
      MemorySegment x, long xByteOffset, MemorySegment s, long strip, int n, int groups) {
    FloatVector zero = FloatVector.zero(F);
    FloatVector sum = zero;
    long lanes = LANES - GROUP_BYTES + strip;
    int left = 0;
    for (int i = 0; i < n; i += VIRTUAL) {
      requireNative(s);
      if (left == 0) {
        sum = zero;
        left = groups;
        lanes += GROUP_BYTES;
      }
      left--;
      sum = sum.add(fromMemorySegment(F, x, xByteOffset + ((long) i << 2), LITTLE_ENDIAN));
      sum.intoMemorySegment(s, lanes, LITTLE_ENDIAN);
    }
  }

  /// The first pass of softmax: gy - dot.
  static void difference(
      MemorySegment gy, long gyByteOffset, MemorySegment s, long strip, int n, int groups) {
    long r = HIGH;
    int left = groups;
    for (int i = 0; i < n; i += VIRTUAL) {
      requireNative(s);
      long p = (long) i << 2;
      fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN)
          .sub(FloatVector.broadcast(F, s.get(JAVA_FLOAT, r)))
          .intoMemorySegment(s, TERMS + strip + p, LITTLE_ENDIAN);
      left--;
      r += left == 0 ? Float.BYTES : 0;
      left = left == 0 ? groups : left;
    }
  }

  /// The second pass of softmax: gx = y (gy - dot).
  static void multiply(
      MemorySegment y,
      long yByteOffset,
      MemorySegment s,
      long strip,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      int groups) {
    for (int i = 0; i < n; i += VIRTUAL) {
      requireNative(gx);
      long p = (long) i << 2;
      fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN)
          .mul(fromMemorySegment(F, s, TERMS + strip + p, LITTLE_ENDIAN))
          .intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }

  /// The first pass of log-softmax: exp(y).
  static void exp(
      MemorySegment y, long yByteOffset, MemorySegment s, long strip, int n, int groups) {
    for (int i = 0; i < n; i += VIRTUAL) {
      requireNative(s);
      long p = (long) i << 2;
      Exp.expNonPositive(fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN))
          .intoMemorySegment(s, TERMS + strip + p, LITTLE_ENDIAN);
    }
  }

  /// The second pass of log-softmax: gx = gy - exp(y) sum.
  static void subtract(
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment s,
      long strip,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      int groups) {
    long r = HIGH;
    int left = groups;
    for (int i = 0; i < n; i += VIRTUAL) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector minusSum = FloatVector.broadcast(F, -s.get(JAVA_FLOAT, r));
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      fromMemorySegment(F, s, TERMS + strip + p, LITTLE_ENDIAN)
          .fma(minusSum, gy0)
          .intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
      left--;
      r += left == 0 ? Float.BYTES : 0;
      left = left == 0 ? groups : left;
    }
  }

  /// z = x + y.
  static void add(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      MemorySegment z,
      long zByteOffset,
      int n) {
    for (int i = 0; i < n; i += F.length()) {
      requireNative(z);
      long p = (long) i << 2;
      fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN)
          .add(fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN))
          .intoMemorySegment(z, zByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
