package io.github.lanewise.core.activation;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Hardsigmoid: y = (x + 3 clamped to [0, 6]) / 6.
///
/// - Error: at most 1 ULP (two roundings).
/// - Special values: NaN gives NaN.
/// - Backward: gx = gy / 6 if -3 < x < 3, else 0, where x is the saved input. A NaN in x gives 0.
/// - Writes: forward overwrites y, which may be x; backward overwrites gx, which may be gy. n must
///   be a multiple of the vector length.
public final class HardsigmoidKernel {
  private HardsigmoidKernel() {}

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector t = x0.add(3f);
      t.blend(0f, t.compare(LT, 0f))
          .blend(6f, t.compare(GT, 6f))
          .div(6f)
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
      FloatVector.zero(F)
          .blend(gy0.mul(1f / 6), x0.abs().compare(LT, 3f))
          .intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
