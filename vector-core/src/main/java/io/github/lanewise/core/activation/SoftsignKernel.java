package io.github.lanewise.core.activation;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Softsign: y = x / (1 + abs(x)).
///
/// - Error: at most 1.25 ULP, at 1.0005978, measured over all inputs; monotone over all of them.
/// - Special values: both infinities give NaN (inf / inf), as in PyTorch; -0.0 stays -0.0.
/// - Backward: gx = gy / (1 + abs(x))^2, where x is the saved input. An infinite x gives NaN.
/// - Writes: forward overwrites y, which may be x; backward overwrites gx, which may be gy. n must
///   be a multiple of the vector length.
public final class SoftsignKernel {
  private SoftsignKernel() {}

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      // With a = abs(x), the plain quotient a / (1 + a) is not monotone: it steps down wherever the
      // rounded sum 1 + a steps up. So the quotient is computed in two ways:
      // - For a < 1 it is q + c / (1 + a). The remainder c = a - q (1 + a) holds what the roundings
      //   of the sum and of the quotient q have dropped, and 1 / (1 + a) is close to gap = 1 - q.
      // - Elsewhere it is gap = 1 - 1 / (1 + a), which rises when the rounded sum does.
      // Adding a - a gives NaN for the infinities.
      FloatVector one = FloatVector.broadcast(F, 1f);
      FloatVector a = x0.abs();
      VectorMask<Float> near = a.compare(LT, one);
      FloatVector d = a.add(one);
      FloatVector q = one.blend(a, near).div(d);
      FloatVector gap = one.sub(q);
      FloatVector dropped = a.sub(d.sub(one));
      FloatVector c = q.neg().fma(dropped, q.neg().fma(d, a));
      gap.blend(c.fma(gap, q), near)
          .add(a.sub(a))
          .reinterpretAsInts()
          .or(x0.reinterpretAsInts().and(0x80000000))
          .reinterpretAsFloats()
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
      FloatVector r = FloatVector.broadcast(F, 1f).div(x0.abs().add(1f));
      // Adding x0 - x0 gives NaN for the infinities.
      gy0.mul(r.mul(r).add(x0.sub(x0))).intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
