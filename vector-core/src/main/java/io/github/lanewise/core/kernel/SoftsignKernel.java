package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Softsign: y = x / (1 + abs(x)).
///
/// - Error: at most 1.5 ULP (two roundings).
/// - Special values: inf / inf is NaN, for both infinities, as in PyTorch; -0.0 is kept.
/// - Backward, from the saved input: gx = gy / (1 + abs(x))^2, NaN for the infinities: x - x is 0
///   or NaN.
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy. Whole vectors only: n is
///   a multiple of their length.
public final class SoftsignKernel {
  private SoftsignKernel() {}

  private static FloatVector value(FloatVector x) {
    return x.div(x.abs().add(1f));
  }

  private static FloatVector gradient(FloatVector x, FloatVector gy) {
    FloatVector r = FloatVector.broadcast(F, 1f).div(x.abs().add(1f));
    return gy.mul(r.mul(r).add(x.sub(x)));
  }

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      value(x0).intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
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
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      gradient(x0, gy0).intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
