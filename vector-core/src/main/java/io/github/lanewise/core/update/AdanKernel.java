package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Adan: with the change of the gradient y = g - g', 0 in the first step, m = beta1 m +
/// (1 - beta1) g, u = beta2 u + (1 - beta2) y, x = g + beta2 y, v = beta3 v + (1 - beta3) x x,
/// d = sqrt(v) / sqrt(bc3) + eps, p -= lr m / (bc1 d) + lr beta2 u / (bc2 d), p /= 1 + lr wd.
///
/// - State: m, u, v and -g', zeros before the first step.
/// - Scalars: beta1, 1 - beta1, beta2, 1 - beta2, beta3, 1 - beta3, sqrt(bc3), eps, -lr / bc1,
///   -lr beta2 / bc2, 1 + lr wd, and 1 in the first step, then 0.
/// - Error: two roundings for m, u and x, three for v; p without FMA.
/// - Special values: NaN and infinities affect only their own element.
/// - Reference: Xie et al. (2022), Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing
///   Deep Models, in the order of the authors' program, which keeps -g'.
public final class AdanKernel {
  private AdanKernel() {}

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
    float beta1 = c[0];
    FloatVector weight1V = broadcast(F, c[1]);
    FloatVector beta2V = broadcast(F, c[2]);
    FloatVector weight2V = broadcast(F, c[3]);
    float beta3 = c[4];
    float weight3 = c[5];
    float root3 = c[6];
    float eps = c[7];
    float minusStep1 = c[8];
    float minusStep2 = c[9];
    float divisor = c[10];
    VectorMask<Float> isFirst = broadcast(F, c[11]).compare(NE, 0f);
    long s1ByteOffset = sByteOffset + sStrideBytes;
    long s2ByteOffset = s1ByteOffset + sStrideBytes;
    long s3ByteOffset = s2ByteOffset + sStrideBytes;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector b0 = fromMemorySegment(F, s, s3ByteOffset + o, LITTLE_ENDIAN);
      FloatVector y = b0.add(g0).blend(broadcast(F, 0f), isFirst);
      g0.neg().intoMemorySegment(s, s3ByteOffset + o, LITTLE_ENDIAN);
      FloatVector m0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector m1 = g0.fma(weight1V, m0.mul(beta1));
      m1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector u0 = fromMemorySegment(F, s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector u1 = y.fma(weight2V, u0.mul(beta2V));
      u1.intoMemorySegment(s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector x = y.mul(beta2V).add(g0);
      FloatVector v0 = fromMemorySegment(F, s, s2ByteOffset + o, LITTLE_ENDIAN);
      FloatVector v1 = x.mul(weight3).fma(x, v0.mul(beta3));
      v1.intoMemorySegment(s, s2ByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = v1.sqrt().div(root3).add(eps);
      p0 = p0.add(m1.mul(minusStep1).div(d)).add(u1.mul(minusStep2).div(d));
      p0.div(divisor).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
