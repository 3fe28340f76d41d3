package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;
import static io.github.lanewise.core.kernel.UpdateSteps.addQuotient;
import static io.github.lanewise.core.kernel.UpdateSteps.decayed;
import static io.github.lanewise.core.kernel.UpdateSteps.gradient;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Adagrad: s += g g, p -= clr g / (sqrt(s) + eps), where clr = lr / (1 + (t - 1) lrDecay).
///
/// - Error: s = fma(g, g, s), one rounding; p = p + (-clr g) / d, no FMA.
/// - Special values: g = 0 without decay leaves p and s. NaN and infinities stay in their element.
/// - Writes: p and s in place; g is only read. sign is -1 to maximize, else 1; decay is L2.
/// - Reference: Duchi et al. (2011), Adaptive Subgradient Methods for Online Learning and
///   Stochastic Optimization; eps outside the root, as in PyTorch.
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
    VectorMask<Float> decayed = decayed(decay);
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long o = (long) i << 2;
      FloatVector p0 = load(p, pByteOffset + o);
      FloatVector g0 = gradient(load(g, gByteOffset + o), p0, sign, decay, decayed);
      FloatVector s1 = g0.fma(g0, load(s, sByteOffset + o));
      store(s, sByteOffset + o, s1);
      store(p, pByteOffset + o, addQuotient(p0, minusLr, g0, s1.sqrt().add(eps)));
    }
    if (i < n) {
      long o = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      FloatVector p0 = load(p, pByteOffset + o, tail);
      FloatVector g0 = gradient(load(g, gByteOffset + o, tail), p0, sign, decay, decayed);
      FloatVector s1 = g0.fma(g0, load(s, sByteOffset + o, tail));
      store(s, sByteOffset + o, s1, tail);
      store(p, pByteOffset + o, addQuotient(p0, minusLr, g0, s1.sqrt().add(eps)), tail);
    }
  }
}
