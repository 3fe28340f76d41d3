package io.github.lanewise.core.activation;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Hardswish: y = x (x + 3 clamped to [0, 6]) / 6.
///
/// - Error: at most 1.5 ULP (three roundings). From x = 3 on y is exactly x, also where the product
///   would overflow.
/// - Special values: NaN gives NaN; all x <= -3, -inf included, give -0.0.
/// - Backward: gx is gy times 0 for x <= -3, 1 for x >= 3, and x / 3 + 1/2 between, where x is the
///   saved input.
/// - Writes: forward overwrites y, which may be x; backward overwrites gx, which may be gy. n must
///   be a multiple of the vector length.
/// - Reference: Howard et al. (2019), Searching for MobileNetV3
public final class HardswishKernel {
  private HardswishKernel() {}

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      // Up to -1.5 the gate is (x0 + 3) / 6, because that sum is exact there. Above, it is an FMA,
      // which rounds once where the sum and the quotient would round twice.
      FloatVector gate = x0.add(3f).div(6f).blend(x0.fma(1f / 6, 0.5f), x0.compare(GT, -1.5f));
      FloatVector y0 = x0.mul(gate);
      y0.blend(x0, x0.compare(GE, 3f))
          .blend(-0f, x0.compare(LE, -3f))
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
      int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      FloatVector slope = x0.fma(1f / 3, 0.5f);
      slope = slope.blend(1f, x0.compare(GE, 3f)).blend(0f, x0.compare(LE, -3f));
      gy0.mul(slope).intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
