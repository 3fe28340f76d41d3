package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// p stays as it is: the rule of a step whose passes alone are wanted.
///
/// - Error: exact while shrink is 1.
public final class KeepKernel {
  private KeepKernel() {}

  public static void step(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment s,
      long sByteOffset,
      long sStrideBytes,
      int n,
      float scale,
      float shrink,
      float[] c) {
    assert n % F.length() == 0;

    for (int i = 0; i < n; i += F.length()) {
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      p0.intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
