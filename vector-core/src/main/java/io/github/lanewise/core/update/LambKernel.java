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

/// The direction of LAMB: m and v as Adam's, u = m / bc1 / (sqrt(v) / sqrt(bc2) + eps) + wd p. u
/// takes the place of p, so p is a copy of the parameters: they move along u once the norms of the
/// whole parameter and of u are known.
///
/// - State: m, v, zeros before the first step.
/// - Scalars: 1 - beta1, beta2, 1 - beta2, bc1, sqrt(bc2), eps, wd.
/// - Error: m has two roundings, v three; u = fma(wd, p, (m / bc1) / d).
/// - Special values: NaN and infinities affect only their own element, until they enter a norm.
/// - Reference: You et al. (2020), Large Batch Optimization for Deep Learning: Training BERT in 76
///   Minutes, Algorithm 2.
public final class LambKernel {
  private LambKernel() {}

  public static void direction(
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
    float correction1 = c[3];
    float root2 = c[4];
    float eps = c[5];
    FloatVector decayV = broadcast(F, c[6]);
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
      p0.fma(decayV, m1.div(correction1).div(d))
          .intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
