package io.github.lanewise.core.activation;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Softshrink: y = x - lambda if x > lambda, x + lambda if x < -lambda, else 0.
///
/// - Error: at most 0.5 ULP (one rounding).
/// - Special values: NaN gives NaN; zeros in y are +0.
/// - Backward: gx = gy if abs(y) > 0, else 0, where y is the saved output. A NaN in y gives 0.
/// - Writes: forward overwrites y, which may be x; backward overwrites gx, which may be gy. n must
///   be a multiple of the vector length.
public final class SoftshrinkKernel {
  private SoftshrinkKernel() {}

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n, float lambda) {
    assert n % F.length() == 0;
    FloatVector lambdaV = FloatVector.broadcast(F, lambda);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector y0 = x0.sub(lambdaV).blend(x0.add(lambdaV), x0.compare(LT, 0f));
      y0.blend(0f, x0.abs().compare(LE, lambdaV))
          .intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
    }
  }

  public static void backward(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      FloatVector.zero(F)
          .blend(gy0, y0.abs().compare(GT, 0f))
          .intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
