package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The way from x to y: z = x + weight (y - x), for means of parameters.
///
/// - Error: two roundings. From a weight of 1/2 on it is y + (weight - 1) (y - x), so that a weight
///   of 1 gives y exactly, as 0 gives x.
/// - Special values: x and y of one infinity give NaN.
/// - Writes: z, which may be x or y. n is a multiple of the vector length.
/// - Reference: PyTorch's `lerp`.
public final class LerpKernel {
  private LerpKernel() {}

  public static void step(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      MemorySegment z,
      long zByteOffset,
      int n,
      float weight) {
    assert n % F.length() == 0;
    VectorMask<Float> near = broadcast(F, weight).compare(LT, 0.5f);
    FloatVector pullV = broadcast(F, weight < 0.5f ? weight : weight - 1f);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(z);
      long o = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + o, LITTLE_ENDIAN);
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + o, LITTLE_ENDIAN);
      y0.sub(x0)
          .fma(pullV, y0.blend(x0, near))
          .intoMemorySegment(z, zByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
