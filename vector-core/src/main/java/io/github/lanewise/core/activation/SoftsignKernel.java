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
/// - Error: at most 1.25 ULP, at 1.0005978; rising; over all inputs.
/// - Special values: inf / inf is NaN, for both infinities, as in PyTorch; -0.0 is kept.
/// - Backward, from the saved input: gx = gy / (1 + abs(x))^2, NaN for the infinities: x - x is 0
///   or NaN.
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy. Whole vectors only: n is
///   a multiple of their length.
public final class SoftsignKernel {
  private SoftsignKernel() {}

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      // For a = abs(x) below 1, a / (1 + a) with what the roundings of the sum and of the quotient
      // dropped put back, given that 1 / (1 + a) is 1 - a / (1 + a); above, 1 - 1 / (1 + a), which
      // rises with the rounded sum. The plain quotient steps down wherever the sum steps up. The
      // infinities become NaN by a - a.
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
      gy0.mul(r.mul(r).add(x0.sub(x0))).intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
