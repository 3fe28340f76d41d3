package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;
import static io.github.lanewise.core.kernel.UpdateSteps.addQuotient;
import static io.github.lanewise.core.kernel.UpdateSteps.decayed;
import static io.github.lanewise.core.kernel.UpdateSteps.gradient;
import static io.github.lanewise.core.kernel.UpdateSteps.lerp;
import static io.github.lanewise.core.kernel.UpdateSteps.near;
import static io.github.lanewise.core.kernel.UpdateSteps.pull;
import static io.github.lanewise.core.kernel.UpdateSteps.squares;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Adam: m = lerp(m, g, 1 - beta1), v = beta2 v + (1 - beta2) g g,
/// p -= lr / bc1 m / (sqrt(v) / sqrt(bc2) + eps), where bc = 1 - beta^t.
///
/// - Decay: AdamW multiplies p by shrink = 1 - lr wd first; Adam adds decay p to g. One loop
///   serves both, since shrink = 1 and decay = 0 change no bit.
/// - AMSGrad: u = max(u, v) of the uncorrected v stands for v under the root. NaN wins.
/// - Error: m has two roundings, v three; p = p + (-lr / bc1 m) / d, no FMA there.
/// - Special values: g = 0 and m = 0 leave p; g beyond 1e19 makes v infinite and the step 0. NaN
///   and infinities stay in their element.
/// - Writes: p, m, v and u in place; g is only read. sign is -1 to maximize, else 1.
/// - Scalars: weight = 1 - beta, root2 = sqrt(bc2), minusStep = -lr / bc1.
/// - Reference: Kingma and Ba (2015), Adam; Reddi et al. (2018), On the Convergence of Adam and
///   Beyond; Loshchilov and Hutter (2019), Decoupled Weight Decay Regularization. eps is added
///   after the bias correction, as in PyTorch.
public final class AdamKernel {
  private AdamKernel() {}

  private static FloatVector parameter(
      FloatVector p,
      FloatVector m,
      FloatVector v,
      float shrink,
      float root2,
      float eps,
      float minusStep) {
    return addQuotient(p.mul(shrink), minusStep, m, v.sqrt().div(root2).add(eps));
  }

  private static FloatVector larger(FloatVector u, FloatVector v) {
    return u.blend(v, u.compare(LT, v).or(v.compare(NE, v)));
  }

  public static void step(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment m,
      long mByteOffset,
      MemorySegment v,
      long vByteOffset,
      int n,
      float sign,
      float decay,
      float shrink,
      float weight1,
      float beta2,
      float weight2,
      float root2,
      float eps,
      float minusStep) {
    VectorMask<Float> decayed = decayed(decay);
    VectorMask<Float> near = near(weight1);
    float pull = pull(weight1);
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long o = (long) i << 2;
      FloatVector p0 = load(p, pByteOffset + o);
      FloatVector g0 = gradient(load(g, gByteOffset + o), p0, sign, decay, decayed);
      FloatVector m1 = lerp(load(m, mByteOffset + o), g0, pull, near);
      FloatVector v1 = squares(load(v, vByteOffset + o), g0, beta2, weight2);
      store(m, mByteOffset + o, m1);
      store(v, vByteOffset + o, v1);
      store(p, pByteOffset + o, parameter(p0, m1, v1, shrink, root2, eps, minusStep));
    }
    if (i < n) {
      long o = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      FloatVector p0 = load(p, pByteOffset + o, tail);
      FloatVector g0 = gradient(load(g, gByteOffset + o, tail), p0, sign, decay, decayed);
      FloatVector m1 = lerp(load(m, mByteOffset + o, tail), g0, pull, near);
      FloatVector v1 = squares(load(v, vByteOffset + o, tail), g0, beta2, weight2);
      store(m, mByteOffset + o, m1, tail);
      store(v, vByteOffset + o, v1, tail);
      store(p, pByteOffset + o, parameter(p0, m1, v1, shrink, root2, eps, minusStep), tail);
    }
  }

  public static void amsGrad(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment m,
      long mByteOffset,
      MemorySegment v,
      long vByteOffset,
      MemorySegment u,
      long uByteOffset,
      int n,
      float sign,
      float decay,
      float shrink,
      float weight1,
      float beta2,
      float weight2,
      float root2,
      float eps,
      float minusStep) {
    VectorMask<Float> decayed = decayed(decay);
    VectorMask<Float> near = near(weight1);
    float pull = pull(weight1);
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long o = (long) i << 2;
      FloatVector p0 = load(p, pByteOffset + o);
      FloatVector g0 = gradient(load(g, gByteOffset + o), p0, sign, decay, decayed);
      FloatVector m1 = lerp(load(m, mByteOffset + o), g0, pull, near);
      FloatVector v1 = squares(load(v, vByteOffset + o), g0, beta2, weight2);
      store(m, mByteOffset + o, m1);
      store(v, vByteOffset + o, v1);
      FloatVector u1 = larger(load(u, uByteOffset + o), v1);
      store(u, uByteOffset + o, u1);
      store(p, pByteOffset + o, parameter(p0, m1, u1, shrink, root2, eps, minusStep));
    }
    if (i < n) {
      long o = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      FloatVector p0 = load(p, pByteOffset + o, tail);
      FloatVector g0 = gradient(load(g, gByteOffset + o, tail), p0, sign, decay, decayed);
      FloatVector m1 = lerp(load(m, mByteOffset + o, tail), g0, pull, near);
      FloatVector v1 = squares(load(v, vByteOffset + o, tail), g0, beta2, weight2);
      store(m, mByteOffset + o, m1, tail);
      store(v, vByteOffset + o, v1, tail);
      FloatVector u1 = larger(load(u, uByteOffset + o, tail), v1);
      store(u, uByteOffset + o, u1, tail);
      store(p, pByteOffset + o, parameter(p0, m1, u1, shrink, root2, eps, minusStep), tail);
    }
  }
}
