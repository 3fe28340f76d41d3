package io.github.lanewise.core.rows;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;

/// Negation: y = -x.
///
/// - Error: exact.
/// - Special values: the sign bit is turned, that of 0 and NaN too.
/// - Writes: y is overwritten; it may be x. Whole vectors only: n is a multiple of their length.
public final class NegateKernel {
  private NegateKernel() {}

  public static void run(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN)
          .neg()
          .intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
