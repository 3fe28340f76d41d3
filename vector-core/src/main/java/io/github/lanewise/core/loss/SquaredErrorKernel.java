package io.github.lanewise.core.loss;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Squared error: (y - t)^2.
///
/// - Error: at most 1.5 ULP (two roundings; the square doubles the error of the first).
/// - Special values: those of IEEE arithmetic.
/// - Gradient: 2 factor (y - t).
/// - Writes: losses overwrites loss; gradient overwrites gy, which may be y or t. n must be a
///   multiple of the vector length.
public final class SquaredErrorKernel {
  private SquaredErrorKernel() {}

  public static void losses(
      MemorySegment y,
      long yByteOffset,
      MemorySegment t,
      long tByteOffset,
      MemorySegment loss,
      long lossByteOffset,
      int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(loss);
      long p = (long) i << 2;
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector t0 = fromMemorySegment(F, t, tByteOffset + p, LITTLE_ENDIAN);
      FloatVector d = y0.sub(t0);
      d.mul(d).intoMemorySegment(loss, lossByteOffset + p, LITTLE_ENDIAN);
    }
  }

  public static void gradient(
      MemorySegment y,
      long yByteOffset,
      MemorySegment t,
      long tByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      int n,
      float factor) {
    assert n % F.length() == 0;
    FloatVector factorV = FloatVector.broadcast(F, 2 * factor);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gy);
      long p = (long) i << 2;
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector t0 = fromMemorySegment(F, t, tByteOffset + p, LITTLE_ENDIAN);
      y0.sub(t0).mul(factorV).intoMemorySegment(gy, gyByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
