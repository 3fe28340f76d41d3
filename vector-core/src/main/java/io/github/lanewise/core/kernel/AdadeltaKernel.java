package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;
import static io.github.lanewise.core.kernel.UpdateSteps.addProduct;
import static io.github.lanewise.core.kernel.UpdateSteps.decayed;
import static io.github.lanewise.core.kernel.UpdateSteps.gradient;
import static io.github.lanewise.core.kernel.UpdateSteps.squares;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Adadelta: v = rho v + (1 - rho) g g, d = sqrt(u + eps) / sqrt(v + eps) g,
/// u = rho u + (1 - rho) d d, p -= lr d.
///
/// - Error: v and u have three roundings each, d five; p = fma(-lr, d, p).
/// - Special values: g = 0 leaves p unless eps = 0, where 0 / 0 is NaN. NaN and infinities stay in
///   their element.
/// - Writes: p, v and u in place; g is only read. sign is -1 to maximize, else 1; decay is L2.
/// - Scalars: weight = 1 - rho.
/// - Reference: Zeiler (2012), ADADELTA: An Adaptive Learning Rate Method, where lr is 1; eps
///   inside both roots.
public final class AdadeltaKernel {
  private AdadeltaKernel() {}

  private static FloatVector delta(FloatVector u, FloatVector v, FloatVector g, float eps) {
    return u.add(eps).sqrt().div(v.add(eps).sqrt()).mul(g);
  }

  public static void step(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment v,
      long vByteOffset,
      MemorySegment u,
      long uByteOffset,
      int n,
      float sign,
      float decay,
      float minusLr,
      float rho,
      float weight,
      float eps) {
    VectorMask<Float> decayed = decayed(decay);
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long o = (long) i << 2;
      FloatVector p0 = load(p, pByteOffset + o);
      FloatVector g0 = gradient(load(g, gByteOffset + o), p0, sign, decay, decayed);
      FloatVector v1 = squares(load(v, vByteOffset + o), g0, rho, weight);
      FloatVector u0 = load(u, uByteOffset + o);
      FloatVector d = delta(u0, v1, g0, eps);
      store(v, vByteOffset + o, v1);
      store(u, uByteOffset + o, squares(u0, d, rho, weight));
      store(p, pByteOffset + o, addProduct(p0, minusLr, d));
    }
    if (i < n) {
      long o = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      FloatVector p0 = load(p, pByteOffset + o, tail);
      FloatVector g0 = gradient(load(g, gByteOffset + o, tail), p0, sign, decay, decayed);
      FloatVector v1 = squares(load(v, vByteOffset + o, tail), g0, rho, weight);
      FloatVector u0 = load(u, uByteOffset + o, tail);
      FloatVector d = delta(u0, v1, g0, eps);
      store(v, vByteOffset + o, v1, tail);
      store(u, uByteOffset + o, squares(u0, d, rho, weight), tail);
      store(p, pByteOffset + o, addProduct(p0, minusLr, d), tail);
    }
  }
}
