package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Adagrad: s += g g, p -= clr g / (sqrt(s) + eps), where clr = lr / (1 + (t - 1) lrDecay).
///
/// - State: s, any value of at least 0 before the first step.
/// - Scalars: -clr, eps.
/// - Error: s = fma(g, g, s), with one rounding; p = p + (-clr g) / d, without FMA.
/// - Special values: g = 0 leaves p and s unchanged. NaN and infinities affect only their own
///   element.
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
      long sStrideBytes,
      int n,
      float scale,
      float shrink,
      float[] c) {
    assert n % F.length() == 0;
    float minusLr = c[0];
    float eps = c[1];
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector s0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector s1 = g0.fma(g0, s0);
      s1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = s1.sqrt().add(eps);
      p0.add(g0.mul(minusLr).div(d)).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
