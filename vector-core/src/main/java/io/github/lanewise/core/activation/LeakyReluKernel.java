package io.github.lanewise.core.activation;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Leaky ReLU: y = x if x > 0, else slope x.
///
/// - Error: exact for x > 0, else at most 0.5 ULP (one rounding).
/// - Special values: NaN gives NaN; -0.0 and -inf are multiplied like any negative x.
/// - Backward: gx = gy if x > 0, else slope gy, where x is the saved input.
/// - Writes: forward overwrites y, which may be x; backward overwrites gx, which may be gy. n must
///   be a multiple of the vector length.
/// - Reference: Maas et al. (2013), Rectifier Nonlinearities Improve Neural Network Acoustic Models
public final class LeakyReluKernel {
  private LeakyReluKernel() {}

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n, float slope) {
    assert n % F.length() == 0;
    FloatVector slopeV = FloatVector.broadcast(F, slope);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      x0.mul(slopeV)
          .blend(x0, x0.compare(GT, 0f))
          .intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
    }
  }

  public static void backward(
      MemorySegment x,
      long xByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      float slope) {
    assert n % F.length() == 0;
    FloatVector slopeV = FloatVector.broadcast(F, slope);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      gy0.mul(slopeV)
          .blend(gy0, x0.compare(GT, 0f))
          .intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
