package io.github.lanewise.core.rows;

import static io.github.lanewise.core.rows.RowScratch.GROUP_BYTES;
import static io.github.lanewise.core.rows.ShortRowPasses.HIGH;
import static io.github.lanewise.core.rows.ShortRowPasses.LANES;
import static io.github.lanewise.core.rows.ShortRowPasses.ZEROS;
import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.VIRTUAL;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import io.github.lanewise.core.math.Exp;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The passes of [ShortRowGradientKernel], of the kind of [ShortRowPasses].
///
/// - A sum is carried on from the group before in scratch, so that one loop does for each width;
///   `at` is the place in its row.
/// - No loop has more than three segments: with a fourth C2 gave up its code a hundred times, for
///   ten seconds, where kernels had run on segments of confined arenas, which have an owner as
///   scratch has not (`profile_predicate`; `decisions.md`).
public final class ShortRowGradientPasses {
  private ShortRowGradientPasses() {}

  /// The lanes of the sum of y gy of each row.
  static void dot(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment s,
      int n,
      int groupsOfRow) {
    int at = 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      long p = (long) i << 2;
      long before = at < VIRTUAL ? ZEROS : LANES + p - GROUP_BYTES;
      FloatVector sum = fromMemorySegment(F, s, before, LITTLE_ENDIAN);
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      y0.fma(gy0, sum).intoMemorySegment(s, LANES + p, LITTLE_ENDIAN);
      at += F.length();
      at = at == groupsOfRow * VIRTUAL ? 0 : at;
    }
  }

  /// The lanes of the sum of gy of each row.
  static void sum(MemorySegment gy, long gyByteOffset, MemorySegment s, int n, int groupsOfRow) {
    int at = 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      long p = (long) i << 2;
      long before = at < VIRTUAL ? ZEROS : LANES + p - GROUP_BYTES;
      FloatVector sum = fromMemorySegment(F, s, before, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      sum.add(gy0).intoMemorySegment(s, LANES + p, LITTLE_ENDIAN);
      at += F.length();
      at = at == groupsOfRow * VIRTUAL ? 0 : at;
    }
  }

  /// What softmax multiplies by: gy - dot.
  static void difference(
      MemorySegment gy, long gyByteOffset, MemorySegment s, int n, int groupsOfRow) {
    long r = HIGH;
    int at = 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      long p = (long) i << 2;
      FloatVector dot = FloatVector.broadcast(F, s.get(JAVA_FLOAT, r));
      fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN)
          .sub(dot)
          .intoMemorySegment(s, LANES + p, LITTLE_ENDIAN);
      at += F.length();
      boolean next = at == groupsOfRow * VIRTUAL;
      r += next ? Float.BYTES : 0;
      at = next ? 0 : at;
    }
  }

  /// gx = y (gy - dot).
  static void softmax(
      MemorySegment y,
      long yByteOffset,
      MemorySegment s,
      MemorySegment gx,
      long gxByteOffset,
      int n) {
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector difference = fromMemorySegment(F, s, LANES + p, LITTLE_ENDIAN);
      fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN)
          .mul(difference)
          .intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }

  /// The exponentials of y.
  static void exp(MemorySegment y, long yByteOffset, MemorySegment s, int n) {
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      long p = (long) i << 2;
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      Exp.expNonPositive(y0).intoMemorySegment(s, LANES + p, LITTLE_ENDIAN);
    }
  }

  /// gx = gy - exp(y) sum.
  static void logSoftmax(
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment s,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      int groupsOfRow) {
    long r = HIGH;
    int at = 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector minusSum = FloatVector.broadcast(F, -s.get(JAVA_FLOAT, r));
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      fromMemorySegment(F, s, LANES + p, LITTLE_ENDIAN)
          .fma(minusSum, gy0)
          .intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
      at += F.length();
      boolean next = at == groupsOfRow * VIRTUAL;
      r += next ? Float.BYTES : 0;
      at = next ? 0 : at;
    }
  }
}
