package io.github.lanewise.core.loss;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Huber's loss of d = y - t, divided by a divisor: d^2 / 2 if |d| <= delta, else
/// delta (|d| - delta / 2).
///
/// With m = min(|d|, delta) both cases are the one formula m (|d| - m / 2). A divisor of 1 gives
/// Huber's loss, and a divisor of delta gives smooth L1.
///
/// - Error: at most 2.5 ULP (five roundings, some of which count less than in full).
/// - Special values: those of IEEE arithmetic; an infinite d has the gradient of a large one.
/// - Gradient: factor / divisor times d clamped to [-delta, delta].
/// - Writes: losses overwrites loss; gradient overwrites gy, which may be y or t. n must be a
///   multiple of the vector length.
/// - References: Huber (1964), Robust Estimation of a Location Parameter; Girshick (2015), Fast
///   R-CNN
public final class HuberKernel {
  private HuberKernel() {}

  public static void losses(
      MemorySegment y,
      long yByteOffset,
      MemorySegment t,
      long tByteOffset,
      MemorySegment loss,
      long lossByteOffset,
      int n,
      float delta,
      float divisor) {
    assert n % F.length() == 0;
    FloatVector deltaV = FloatVector.broadcast(F, delta);
    FloatVector divisorV = FloatVector.broadcast(F, divisor);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(loss);
      long p = (long) i << 2;
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector t0 = fromMemorySegment(F, t, tByteOffset + p, LITTLE_ENDIAN);
      FloatVector size = y0.sub(t0).abs();
      FloatVector m = size.blend(deltaV, size.compare(GT, deltaV));
      m.div(divisorV)
          .mul(m.fma(FloatVector.broadcast(F, -0.5f), size))
          .intoMemorySegment(loss, lossByteOffset + p, LITTLE_ENDIAN);
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
      float factor,
      float delta,
      float divisor) {
    assert n % F.length() == 0;
    FloatVector factorV = FloatVector.broadcast(F, factor);
    FloatVector deltaV = FloatVector.broadcast(F, delta);
    FloatVector divisorV = FloatVector.broadcast(F, divisor);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gy);
      long p = (long) i << 2;
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector t0 = fromMemorySegment(F, t, tByteOffset + p, LITTLE_ENDIAN);
      FloatVector d = y0.sub(t0);
      d.blend(deltaV, d.compare(GT, deltaV))
          .blend(deltaV.neg(), d.compare(LT, deltaV.neg()))
          .div(divisorV)
          .mul(factorV)
          .intoMemorySegment(gy, gyByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
