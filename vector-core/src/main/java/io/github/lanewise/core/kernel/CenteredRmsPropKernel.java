package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;
import static io.github.lanewise.core.kernel.UpdateSteps.addProduct;
import static io.github.lanewise.core.kernel.UpdateSteps.addQuotient;
import static io.github.lanewise.core.kernel.UpdateSteps.decayed;
import static io.github.lanewise.core.kernel.UpdateSteps.gradient;
import static io.github.lanewise.core.kernel.UpdateSteps.lerp;
import static io.github.lanewise.core.kernel.UpdateSteps.near;
import static io.github.lanewise.core.kernel.UpdateSteps.pull;
import static io.github.lanewise.core.kernel.UpdateSteps.squares;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Centered RMSprop: as [RmsPropKernel], but d = sqrt(v - a a) + eps, where the running mean
/// a = lerp(a, g, 1 - alpha) makes v - a a an estimate of the variance.
///
/// - Error: a has two roundings, v three, the variance fma(-a, a, v) one.
/// - Special values: a variance that rounding makes negative gives NaN, as in PyTorch. NaN and
///   infinities stay in their element.
/// - Writes: p, v, a and b in place; g is only read. sign is -1 to maximize, else 1; decay is L2.
/// - Scalars: weight = 1 - alpha.
/// - Reference: Graves (2013), Generating Sequences With Recurrent Neural Networks, where eps is
///   inside the root; here it is outside, as in PyTorch.
public final class CenteredRmsPropKernel {
  private CenteredRmsPropKernel() {}

  private static FloatVector deviation(FloatVector v, FloatVector a, float eps) {
    return a.neg().fma(a, v).sqrt().add(eps);
  }

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
      MemorySegment a,
      long aByteOffset,
      int n,
      float sign,
      float decay,
      float minusLr,
      float alpha,
      float weight,
      float eps) {
    VectorMask<Float> decayed = decayed(decay);
    VectorMask<Float> near = near(weight);
    float pull = pull(weight);
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long o = (long) i << 2;
      FloatVector p0 = load(p, pByteOffset + o);
      FloatVector g0 = gradient(load(g, gByteOffset + o), p0, sign, decay, decayed);
      FloatVector v1 = squares(load(v, vByteOffset + o), g0, alpha, weight);
      store(v, vByteOffset + o, v1);
      FloatVector a1 = lerp(load(a, aByteOffset + o), g0, pull, near);
      store(a, aByteOffset + o, a1);
      store(p, pByteOffset + o, addQuotient(p0, minusLr, g0, deviation(v1, a1, eps)));
    }
    if (i < n) {
      long o = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      FloatVector p0 = load(p, pByteOffset + o, tail);
      FloatVector g0 = gradient(load(g, gByteOffset + o, tail), p0, sign, decay, decayed);
      FloatVector v1 = squares(load(v, vByteOffset + o, tail), g0, alpha, weight);
      store(v, vByteOffset + o, v1, tail);
      FloatVector a1 = lerp(load(a, aByteOffset + o, tail), g0, pull, near);
      store(a, aByteOffset + o, a1, tail);
      store(p, pByteOffset + o, addQuotient(p0, minusLr, g0, deviation(v1, a1, eps)), tail);
    }
  }

  public static void momentum(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment v,
      long vByteOffset,
      MemorySegment a,
      long aByteOffset,
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
    VectorMask<Float> near = near(weight);
    float pull = pull(weight);
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long o = (long) i << 2;
      FloatVector p0 = load(p, pByteOffset + o);
      FloatVector g0 = gradient(load(g, gByteOffset + o), p0, sign, decay, decayed);
      FloatVector v1 = squares(load(v, vByteOffset + o), g0, alpha, weight);
      store(v, vByteOffset + o, v1);
      FloatVector a1 = lerp(load(a, aByteOffset + o), g0, pull, near);
      store(a, aByteOffset + o, a1);
      FloatVector b1 = velocity(load(b, bByteOffset + o), g0, deviation(v1, a1, eps), mu);
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
      FloatVector a1 = lerp(load(a, aByteOffset + o, tail), g0, pull, near);
      store(a, aByteOffset + o, a1, tail);
      FloatVector b1 = velocity(load(b, bByteOffset + o, tail), g0, deviation(v1, a1, eps), mu);
      store(b, bByteOffset + o, b1, tail);
      store(p, pByteOffset + o, addProduct(p0, minusLr, b1), tail);
    }
  }
}
