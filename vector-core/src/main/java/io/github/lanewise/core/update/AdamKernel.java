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
/// - State: m, v and for AMSGrad u, zeros before the first step. AMSGrad: u = max(u, v), without
///   bias correction, replaces v under the root. If u or v is NaN, so is the new u.
/// - Scalars: 1 - beta1, beta2, 1 - beta2, sqrt(bc2), eps, -lr / bc1.
/// - Error: m has two roundings, and v has three; p = p + (-lr / bc1 m) / d, without FMA.
/// - Special values: g = 0 and m = 0 leave p unchanged; g beyond 1e19 makes v infinite and the
///   step 0. NaN and infinities affect only their own element.
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
      MemorySegment s,
      long sByteOffset,
      long sStrideBytes,
      int n,
      float scale,
      float shrink,
      float[] c) {
    assert n % F.length() == 0;
    float weight1 = c[0];
    VectorMask<Float> near = broadcast(F, weight1).compare(LT, 0.5f);
    FloatVector pullV = broadcast(F, weight1 < 0.5f ? weight1 : weight1 - 1f);
    float beta2 = c[1];
    float weight2 = c[2];
    float root2 = c[3];
    float eps = c[4];
    float minusStep = c[5];
    long s1ByteOffset = sByteOffset + sStrideBytes;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector m0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector m1 = g0.sub(m0).fma(pullV, g0.blend(m0, near));
      m1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector v0 = fromMemorySegment(F, s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector v1 = g0.mul(weight2).fma(g0, v0.mul(beta2));
      v1.intoMemorySegment(s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = v1.sqrt().div(root2).add(eps);
      p0.add(m1.mul(minusStep).div(d)).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  public static void amsGrad(
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
    float weight1 = c[0];
    VectorMask<Float> near = broadcast(F, weight1).compare(LT, 0.5f);
    FloatVector pullV = broadcast(F, weight1 < 0.5f ? weight1 : weight1 - 1f);
    float beta2 = c[1];
    float weight2 = c[2];
    float root2 = c[3];
    float eps = c[4];
    float minusStep = c[5];
    long s1ByteOffset = sByteOffset + sStrideBytes;
    long s2ByteOffset = s1ByteOffset + sStrideBytes;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector m0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector m1 = g0.sub(m0).fma(pullV, g0.blend(m0, near));
      m1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector v0 = fromMemorySegment(F, s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector v1 = g0.mul(weight2).fma(g0, v0.mul(beta2));
      v1.intoMemorySegment(s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector u0 = fromMemorySegment(F, s, s2ByteOffset + o, LITTLE_ENDIAN);
      FloatVector u1 = u0.blend(v1, u0.compare(LT, v1).or(v1.compare(NE, v1)));
      u1.intoMemorySegment(s, s2ByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = u1.sqrt().div(root2).add(eps);
      p0.add(m1.mul(minusStep).div(d)).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
