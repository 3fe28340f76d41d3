package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.BYTES;
import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.FloatVector.zero;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Sums of squares of blocks of 1024 elements, each in 64 lanes: lane j is the sum of the squares
/// of elements j, j + 64, up to j + 960.
///
/// - Error: 16 roundings for each lane, 2 for each of the 16 sums, which are added in double.
/// - Special values: squares beyond the largest float make a lane infinite, and a NaN makes it NaN.
/// - Writes: 64 elements of y for each block; x is only read. n is 64 times the number of blocks.
public final class SquaresKernel {
  private static final int LANES = 64;
  private static final int BLOCK_BYTES = 1024 * Float.BYTES;

  private SquaresKernel() {}

  /// Four vectors of sums at a time: with 16 floats in a vector these are all lanes, and x is read
  /// from front to back, as the memory likes it.
  public static void step(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    for (int i = 0; i < n; i += 4 * F.length()) {
      requireNative(y);
      int lane = i & (LANES - 1);
      long begin = xByteOffset + ((long) (i - lane) << 6) + ((long) lane << 2);
      FloatVector s0 = zero(F);
      FloatVector s1 = zero(F);
      FloatVector s2 = zero(F);
      FloatVector s3 = zero(F);
      for (int row = 0; row < BLOCK_BYTES; row += LANES * Float.BYTES) {
        long o = begin + row;
        FloatVector a = fromMemorySegment(F, x, o, LITTLE_ENDIAN);
        s0 = a.fma(a, s0);
        a = fromMemorySegment(F, x, o + BYTES, LITTLE_ENDIAN);
        s1 = a.fma(a, s1);
        a = fromMemorySegment(F, x, o + 2 * BYTES, LITTLE_ENDIAN);
        s2 = a.fma(a, s2);
        a = fromMemorySegment(F, x, o + 3 * BYTES, LITTLE_ENDIAN);
        s3 = a.fma(a, s3);
      }
      long o = yByteOffset + ((long) i << 2);
      s0.intoMemorySegment(y, o, LITTLE_ENDIAN);
      s1.intoMemorySegment(y, o + BYTES, LITTLE_ENDIAN);
      s2.intoMemorySegment(y, o + 2 * BYTES, LITTLE_ENDIAN);
      s3.intoMemorySegment(y, o + 3 * BYTES, LITTLE_ENDIAN);
    }
  }

  /// Adds the 64 lanes of each block in a tree to 16: each is the sum of the lanes j, j + 16, j +
  /// 32 and j + 48. n is 16 times the number of blocks.
  public static void fold(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    int step = 16 * Float.BYTES;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      int lane = i & 15;
      long o = xByteOffset + ((long) (i - lane) << 4) + ((long) lane << 2);
      FloatVector a = fromMemorySegment(F, x, o, LITTLE_ENDIAN);
      FloatVector b = fromMemorySegment(F, x, o + step, LITTLE_ENDIAN);
      a = a.add(fromMemorySegment(F, x, o + 2L * step, LITTLE_ENDIAN));
      b = b.add(fromMemorySegment(F, x, o + 3L * step, LITTLE_ENDIAN));
      a.add(b).intoMemorySegment(y, yByteOffset + ((long) i << 2), LITTLE_ENDIAN);
    }
  }
}
