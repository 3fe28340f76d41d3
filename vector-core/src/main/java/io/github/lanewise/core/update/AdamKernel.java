package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Adam: m = lerp(m, g, 1 - beta1), v = beta2 v + (1 - beta2) g g,
/// p -= lr / bc1 m / (sqrt(v) / sqrt(bc2) + eps), where bc = 1 - beta^t and
/// lerp(a, b, w) = a + w (b - a).
///
/// - Decay: AdamW first multiplies p by shrink = 1 - lr wd; Adam adds decay p to g. One loop serves
///   both, since shrink = 1 and decay = 0 change no bit.
/// - AMSGrad: u = max(u, v), without bias correction, replaces v under the root. If u or v is NaN,
///   so is the new u.
/// - Error: m has two roundings, and v has three; p = p + (-lr / bc1 m) / d, without FMA.
/// - Special values: g = 0 and m = 0 leave p unchanged; g beyond 1e19 makes v infinite and the
///   step 0. NaN and infinities affect only their own element.
/// - Writes: p, m, v and u in place; g is only read. n is a multiple of the vector length.
/// - Scalars: g is multiplied by sign (-1 to maximize, else 1); weight = 1 - beta,
///   root2 = sqrt(bc2), minusStep = -lr / bc1.
/// - Reference: Kingma and Ba (2015), Adam; Reddi et al. (2018), On the Convergence of Adam and
///   Beyond; Loshchilov and Hutter (2019), Decoupled Weight Decay Regularization. eps is added
///   after the bias correction, as in PyTorch.
public final class AdamKernel {
  private AdamKernel() {}

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
    assert n % F.length() == 0;
    VectorMask<Float> decayed = broadcast(F, decay).compare(NE, 0f);
    FloatVector decayV = broadcast(F, decay);
    VectorMask<Float> near = broadcast(F, weight1).compare(LT, 0.5f);
    FloatVector pullV = broadcast(F, weight1 < 0.5f ? weight1 : weight1 - 1f);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(m);
      requireNative(v);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(sign);
      g0 = g0.blend(p0.fma(decayV, g0), decayed);
      FloatVector m0 = fromMemorySegment(F, m, mByteOffset + o, LITTLE_ENDIAN);
      FloatVector m1 = g0.sub(m0).fma(pullV, g0.blend(m0, near));
      m1.intoMemorySegment(m, mByteOffset + o, LITTLE_ENDIAN);
      FloatVector v0 = fromMemorySegment(F, v, vByteOffset + o, LITTLE_ENDIAN);
      FloatVector v1 = g0.mul(weight2).fma(g0, v0.mul(beta2));
      v1.intoMemorySegment(v, vByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = v1.sqrt().div(root2).add(eps);
      p0.mul(shrink)
          .add(m1.mul(minusStep).div(d))
          .intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
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
    assert n % F.length() == 0;
    VectorMask<Float> decayed = broadcast(F, decay).compare(NE, 0f);
    FloatVector decayV = broadcast(F, decay);
    VectorMask<Float> near = broadcast(F, weight1).compare(LT, 0.5f);
    FloatVector pullV = broadcast(F, weight1 < 0.5f ? weight1 : weight1 - 1f);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(m);
      requireNative(v);
      requireNative(u);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(sign);
      g0 = g0.blend(p0.fma(decayV, g0), decayed);
      FloatVector m0 = fromMemorySegment(F, m, mByteOffset + o, LITTLE_ENDIAN);
      FloatVector m1 = g0.sub(m0).fma(pullV, g0.blend(m0, near));
      m1.intoMemorySegment(m, mByteOffset + o, LITTLE_ENDIAN);
      FloatVector v0 = fromMemorySegment(F, v, vByteOffset + o, LITTLE_ENDIAN);
      FloatVector v1 = g0.mul(weight2).fma(g0, v0.mul(beta2));
      v1.intoMemorySegment(v, vByteOffset + o, LITTLE_ENDIAN);
      FloatVector u0 = fromMemorySegment(F, u, uByteOffset + o, LITTLE_ENDIAN);
      FloatVector u1 = u0.blend(v1, u0.compare(LT, v1).or(v1.compare(NE, v1)));
      u1.intoMemorySegment(u, uByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = u1.sqrt().div(root2).add(eps);
      p0.mul(shrink)
          .add(m1.mul(minusStep).div(d))
          .intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
