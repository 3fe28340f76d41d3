package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;
import static io.github.lanewise.core.kernel.UpdateSteps.addProduct;
import static io.github.lanewise.core.kernel.UpdateSteps.addQuotient;
import static io.github.lanewise.core.kernel.UpdateSteps.decayed;
import static io.github.lanewise.core.kernel.UpdateSteps.gradient;
import static io.github.lanewise.core.kernel.UpdateSteps.squares;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// RMSprop: v = alpha v + (1 - alpha) g g, d = sqrt(v) + eps, p -= lr g / d; with momentum
/// b = mu b + g / d, p -= lr b.
///
/// - Error: v has three roundings; p = p + (-lr g) / d without FMA, with momentum
///   p = fma(-lr, b, p).
/// - Special values: g = 0 leaves p unless momentum carries on. NaN and infinities stay in their
///   element.
/// - Writes: p, v and b in place; g is only read. sign is -1 to maximize, else 1; decay is L2.
/// - Scalars: weight = 1 - alpha.
/// - Reference: Tieleman and Hinton (2012), Coursera lecture 6.5; eps outside the root, as in
///   PyTorch.
public final class RmsPropKernel {
  private RmsPropKernel() {}

  private static FloatVector velocity(FloatVector b, FloatVector g, FloatVector d, float mu) {
    return b.mul(mu).add(g.div(d));
  }

  public static void step(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment v,
      long vByteOffset,
      int n,
      float sign,
      float decay,
      float minusLr,
      float alpha,
      float weight,
      float eps) {
    VectorMask<Float> decayed = decayed(decay);
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long o = (long) i << 2;
      FloatVector p0 = load(p, pByteOffset + o);
      FloatVector g0 = gradient(load(g, gByteOffset + o), p0, sign, decay, decayed);
      FloatVector v1 = squares(load(v, vByteOffset + o), g0, alpha, weight);
      store(v, vByteOffset + o, v1);
      store(p, pByteOffset + o, addQuotient(p0, minusLr, g0, v1.sqrt().add(eps)));
    }
    if (i < n) {
      long o = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      FloatVector p0 = load(p, pByteOffset + o, tail);
      FloatVector g0 = gradient(load(g, gByteOffset + o, tail), p0, sign, decay, decayed);
      FloatVector v1 = squares(load(v, vByteOffset + o, tail), g0, alpha, weight);
      store(v, vByteOffset + o, v1, tail);
      store(p, pByteOffset + o, addQuotient(p0, minusLr, g0, v1.sqrt().add(eps)), tail);
    }
  }

  public static void momentum(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment v,
      long vByteOffset,
      MemorySegment b,
      long bByteOffset,
      int n,
      float sign,
      float decay,
      float minusLr,
      float alpha,
      float weight,
      float eps,
      float mu) {
    VectorMask<Float> decayed = decayed(decay);
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long o = (long) i << 2;
      FloatVector p0 = load(p, pByteOffset + o);
      FloatVector g0 = gradient(load(g, gByteOffset + o), p0, sign, decay, decayed);
      FloatVector v1 = squares(load(v, vByteOffset + o), g0, alpha, weight);
      store(v, vByteOffset + o, v1);
      FloatVector b1 = velocity(load(b, bByteOffset + o), g0, v1.sqrt().add(eps), mu);
      store(b, bByteOffset + o, b1);
      store(p, pByteOffset + o, addProduct(p0, minusLr, b1));
    }
    if (i < n) {
      long o = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      FloatVector p0 = load(p, pByteOffset + o, tail);
      FloatVector g0 = gradient(load(g, gByteOffset + o, tail), p0, sign, decay, decayed);
      FloatVector v1 = squares(load(v, vByteOffset + o, tail), g0, alpha, weight);
      store(v, vByteOffset + o, v1, tail);
      FloatVector b1 = velocity(load(b, bByteOffset + o, tail), g0, v1.sqrt().add(eps), mu);
      store(b, bByteOffset + o, b1, tail);
      store(p, pByteOffset + o, addProduct(p0, minusLr, b1), tail);
    }
  }
}
