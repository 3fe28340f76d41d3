package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Sums of squares of blocks of 1024 elements, each in 128 lanes: lane j is the sum of the squares
/// of elements j, j + 128, up to j + 896.
///
/// - Error: 8 roundings for each lane, 3 for each of the 16 sums, which are added in double.
/// - Special values: squares beyond the largest float make a lane infinite, and a NaN makes it NaN.
/// - Writes: 128 elements of y for each block; x is only read. n is 128 times the number of blocks.
public final class SquaresKernel {
  private static final int LANES = 128;
  private static final int LANE_BYTES = LANES * Float.BYTES;

  private SquaresKernel() {}

  public static void step(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      int lane = i & (LANES - 1);
      long o = xByteOffset + ((long) (i - lane) << 5) + ((long) lane << 2);
      FloatVector a = fromMemorySegment(F, x, o, LITTLE_ENDIAN);
      FloatVector s = a.mul(a);
      a = fromMemorySegment(F, x, o + LANE_BYTES, LITTLE_ENDIAN);
      s = a.fma(a, s);
      a = fromMemorySegment(F, x, o + 2 * LANE_BYTES, LITTLE_ENDIAN);
      s = a.fma(a, s);
      a = fromMemorySegment(F, x, o + 3 * LANE_BYTES, LITTLE_ENDIAN);
      s = a.fma(a, s);
      a = fromMemorySegment(F, x, o + 4 * LANE_BYTES, LITTLE_ENDIAN);
      s = a.fma(a, s);
      a = fromMemorySegment(F, x, o + 5 * LANE_BYTES, LITTLE_ENDIAN);
      s = a.fma(a, s);
      a = fromMemorySegment(F, x, o + 6 * LANE_BYTES, LITTLE_ENDIAN);
      s = a.fma(a, s);
      a = fromMemorySegment(F, x, o + 7 * LANE_BYTES, LITTLE_ENDIAN);
      a.fma(a, s).intoMemorySegment(y, yByteOffset + ((long) i << 2), LITTLE_ENDIAN);
    }
  }

  /// Adds the 128 lanes of each block in a tree to 16: each is the sum of the lanes j, j + 16, up
  /// to j + 112. n is 16 times the number of blocks.
  public static void fold(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    int step = 16 * Float.BYTES;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      int lane = i & 15;
      long o = xByteOffset + ((long) (i - lane) << 5) + ((long) lane << 2);
      FloatVector a = fromMemorySegment(F, x, o, LITTLE_ENDIAN);
      FloatVector b = fromMemorySegment(F, x, o + step, LITTLE_ENDIAN);
      FloatVector c = fromMemorySegment(F, x, o + 2L * step, LITTLE_ENDIAN);
      FloatVector d = fromMemorySegment(F, x, o + 3L * step, LITTLE_ENDIAN);
      a = a.add(fromMemorySegment(F, x, o + 4L * step, LITTLE_ENDIAN));
      b = b.add(fromMemorySegment(F, x, o + 5L * step, LITTLE_ENDIAN));
      c = c.add(fromMemorySegment(F, x, o + 6L * step, LITTLE_ENDIAN));
      d = d.add(fromMemorySegment(F, x, o + 7L * step, LITTLE_ENDIAN));
      a.add(c).add(b.add(d)).intoMemorySegment(y, yByteOffset + ((long) i << 2), LITTLE_ENDIAN);
    }
  }
}
