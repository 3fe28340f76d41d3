package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The gradient that a rule reads: y = sign clamp(scale g, -clip, clip) + decay p.
///
/// - Error: one rounding for scale g and one for y = fma(decay, p, g). Without decay, and with an
///   infinite clip, the other operations are exact: the sum with decay p is then left out, because
///   fma(0, p, -0) is +0 and an infinite p would give NaN.
/// - Special values: a NaN stays NaN; an infinite g is clamped.
/// - Writes: y; p and g are only read. y may be g. n is a multiple of the vector length.
/// - Reference: PyTorch's `clip_grad_value_`, `maximize` and `weight_decay`, in this order.
public final class PrepareKernel {
  private PrepareKernel() {}

  public static void step(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float scale,
      float clip,
      float sign,
      float decay) {
    assert n % F.length() == 0;
    VectorMask<Float> decayed = broadcast(F, decay).compare(NE, 0f);
    FloatVector decayV = broadcast(F, decay);
    FloatVector clipV = broadcast(F, clip);
    FloatVector minusClipV = broadcast(F, -clip);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      g0 = g0.blend(clipV, g0.compare(GT, clipV));
      g0 = g0.blend(minusClipV, g0.compare(LT, minusClipV)).mul(sign);
      g0.blend(p0.fma(decayV, g0), decayed).intoMemorySegment(y, yByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
