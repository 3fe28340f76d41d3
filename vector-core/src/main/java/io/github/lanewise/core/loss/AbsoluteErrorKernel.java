package io.github.lanewise.core.loss;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Absolute error: |y - t|.
///
/// - Error: at most 0.5 ULP (one rounding).
/// - Special values: those of IEEE arithmetic.
/// - Gradient: factor sign(y - t), where sign(0) is 0 and, as in PyTorch, so is sign(NaN).
/// - Writes: losses overwrites loss; gradient overwrites gy, which may be y or t. n must be a
///   multiple of the vector length.
public final class AbsoluteErrorKernel {
  private AbsoluteErrorKernel() {}

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
      y0.sub(t0).abs().intoMemorySegment(loss, lossByteOffset + p, LITTLE_ENDIAN);
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
    FloatVector factorV = FloatVector.broadcast(F, factor);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gy);
      long p = (long) i << 2;
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector t0 = fromMemorySegment(F, t, tByteOffset + p, LITTLE_ENDIAN);
      FloatVector.zero(F)
          .blend(factorV, y0.compare(GT, t0))
          .blend(factorV.neg(), y0.compare(LT, t0))
          .intoMemorySegment(gy, gyByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
