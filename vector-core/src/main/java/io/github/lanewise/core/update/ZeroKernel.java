package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;

import java.lang.foreign.MemorySegment;

/// x = 0, for a gradient that a step has used, while it is still in the cache.
///
/// - Error: exact. n is a multiple of the vector length.
public final class ZeroKernel {
  private ZeroKernel() {}

  public static void step(MemorySegment x, long xByteOffset, int n) {
    for (int i = 0; i < n; i += F.length()) {
      requireNative(x);
      broadcast(F, 0f).intoMemorySegment(x, xByteOffset + ((long) i << 2), LITTLE_ENDIAN);
    }
  }
}
