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

/// Adamax: m = lerp(m, g, 1 - beta1), u = max(beta2 u, abs(g) + eps), p -= lr / bc1 m / u, where
/// bc1 = 1 - beta1^t and lerp(a, b, w) = a + w (b - a).
///
/// - State: m, u, zeros before the first step.
/// - Scalars: 1 - beta1, beta2, eps, -lr / bc1.
/// - Error: m has two roundings, u one; p = p + (-lr / bc1 m) / u, without FMA.
/// - Special values: if beta2 u or g is NaN, so is the new u. NaN and infinities affect only their
///   own element.
/// - Reference: Kingma and Ba (2015), Adam, section 7.1, where eps is missing; PyTorch adds it to
///   abs(g).
public final class AdamaxKernel {
  private AdamaxKernel() {}

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
    float eps = c[2];
    float minusStep = c[3];
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
      FloatVector u0 = fromMemorySegment(F, s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector a = g0.abs().add(eps);
      u0 = u0.mul(beta2);
      FloatVector u1 = u0.blend(a, u0.compare(LT, a).or(a.compare(NE, a)));
      u1.intoMemorySegment(s, s1ByteOffset + o, LITTLE_ENDIAN);
      p0.add(m1.mul(minusStep).div(u1)).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
