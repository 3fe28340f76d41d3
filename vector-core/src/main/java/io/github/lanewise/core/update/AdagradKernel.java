package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Adagrad: s += g g, p -= clr g / (sqrt(s) + eps), where clr = lr / (1 + (t - 1) lrDecay).
///
/// - Error: s = fma(g, g, s), with one rounding; p = p + (-clr g) / d, without FMA.
/// - Special values: g = 0 without decay leaves p and s unchanged. NaN and infinities affect only
///   their own element.
/// - Writes: p and s in place; g is only read. n is a multiple of the vector length.
/// - Scalars: g is multiplied by sign (-1 to maximize, else 1), then decay p is added to it (L2)
///   unless decay is 0; minusLr = -clr.
/// - Reference: Duchi et al. (2011), Adaptive Subgradient Methods for Online Learning and
///   Stochastic Optimization. eps is outside the root, as in PyTorch.
public final class AdagradKernel {
  private AdagradKernel() {}

  public static void step(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment s,
      long sByteOffset,
      int n,
      float sign,
      float decay,
      float minusLr,
      float eps) {
    assert n % F.length() == 0;
    VectorMask<Float> decayed = broadcast(F, decay).compare(NE, 0f);
    FloatVector decayV = broadcast(F, decay);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(sign);
      g0 = g0.blend(p0.fma(decayV, g0), decayed);
      FloatVector s0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector s1 = g0.fma(g0, s0);
      s1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = s1.sqrt().add(eps);
      p0.add(g0.mul(minusLr).div(d)).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
