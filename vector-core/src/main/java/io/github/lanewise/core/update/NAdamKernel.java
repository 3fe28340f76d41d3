package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// NAdam: m and v as Adam's, d = sqrt(v / bc2) + eps, p -= a g / d + b m / d, where
/// a = lr (1 - mu) / (1 - product), b = lr mu' / (1 - product mu'), mu = beta1 (1 - 0.96^(t psi) /
/// 2) and product is that of mu up to this step, mu' the next one.
///
/// - State: m, v, zeros before the first step.
/// - Scalars: 1 - beta1, beta2, 1 - beta2, bc2, eps, -a, -b.
/// - Error: m has two roundings, v three; p = (p + (-a g) / d) + (-b m) / d, without FMA.
/// - Special values: NaN and infinities affect only their own element.
/// - Reference: Dozat (2016), Incorporating Nesterov Momentum into Adam.
public final class NAdamKernel {
  private NAdamKernel() {}

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
    float correction2 = c[3];
    float eps = c[4];
    float minusA = c[5];
    float minusB = c[6];
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
      FloatVector d = v1.div(correction2).sqrt().add(eps);
      p0.add(g0.mul(minusA).div(d))
          .add(m1.mul(minusB).div(d))
          .intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
