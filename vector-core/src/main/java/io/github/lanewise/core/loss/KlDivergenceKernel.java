package io.github.lanewise.core.loss;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.EQ;

import io.github.lanewise.core.math.Log;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// A term of the Kullback-Leibler divergence, of a log-probability y and a probability t:
/// t (log(t) - y), or 0 where t is 0.
///
/// - Error: 2 ULP of t times the larger of log(t) and log(t) - y, because that difference may
///   cancel.
/// - Special values: t = 0 gives 0 whatever y is, where PyTorch gives NaN unless y is finite; a
///   negative t gives NaN.
/// - Gradient: -factor t, also where t is 0.
/// - Writes: losses overwrites loss; gradient overwrites gy, which may be y or t. n must be a
///   multiple of the vector length.
/// - Reference: Kullback and Leibler (1951), On Information and Sufficiency
public final class KlDivergenceKernel {
  private KlDivergenceKernel() {}

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
      t0.mul(Log.log(t0).sub(y0))
          .blend(0f, t0.compare(EQ, 0f))
          .intoMemorySegment(loss, lossByteOffset + p, LITTLE_ENDIAN);
    }
  }

  /// The gradient depends on t alone; y is not read.
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
    FloatVector factorV = FloatVector.broadcast(F, factor);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gy);
      long p = (long) i << 2;
      FloatVector t0 = fromMemorySegment(F, t, tByteOffset + p, LITTLE_ENDIAN);
      t0.mul(factorV).neg().intoMemorySegment(gy, gyByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
