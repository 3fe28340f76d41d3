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

/// Centered RMSprop: as [RmsPropKernel], but d = sqrt(v - a a) + eps, where
/// a = lerp(a, g, 1 - alpha) is a running mean, so that v - a a estimates the variance.
/// lerp(a, b, w) = a + w (b - a).
///
/// - State: v, a, then b, zeros before the first step.
/// - Scalars: -lr, alpha, 1 - alpha, eps, mu.
/// - Error: a has two roundings, v has three, and the variance fma(-a, a, v) has one.
/// - Special values: a variance that rounding makes negative gives NaN, as in PyTorch. NaN and
///   infinities affect only their own element.
/// - Reference: Graves (2013), Generating Sequences With Recurrent Neural Networks, where eps is
///   inside the root; here it is outside, as in PyTorch.
public final class CenteredRmsPropKernel {
  private CenteredRmsPropKernel() {}

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
    float minusLr = c[0];
    float alpha = c[1];
    float weight = c[2];
    float eps = c[3];
    VectorMask<Float> near = broadcast(F, weight).compare(LT, 0.5f);
    FloatVector pullV = broadcast(F, weight < 0.5f ? weight : weight - 1f);
    long s1ByteOffset = sByteOffset + sStrideBytes;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector v0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector v1 = g0.mul(weight).fma(g0, v0.mul(alpha));
      v1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector a0 = fromMemorySegment(F, s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector a1 = g0.sub(a0).fma(pullV, g0.blend(a0, near));
      a1.intoMemorySegment(s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = a1.neg().fma(a1, v1).sqrt().add(eps);
      p0.add(g0.mul(minusLr).div(d)).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  public static void momentum(
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
    FloatVector minusLrV = broadcast(F, c[0]);
    float alpha = c[1];
    float weight = c[2];
    float eps = c[3];
    float mu = c[4];
    VectorMask<Float> near = broadcast(F, weight).compare(LT, 0.5f);
    FloatVector pullV = broadcast(F, weight < 0.5f ? weight : weight - 1f);
    long s1ByteOffset = sByteOffset + sStrideBytes;
    long s2ByteOffset = s1ByteOffset + sStrideBytes;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector v0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector v1 = g0.mul(weight).fma(g0, v0.mul(alpha));
      v1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector a0 = fromMemorySegment(F, s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector a1 = g0.sub(a0).fma(pullV, g0.blend(a0, near));
      a1.intoMemorySegment(s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = a1.neg().fma(a1, v1).sqrt().add(eps);
      FloatVector b0 = fromMemorySegment(F, s, s2ByteOffset + o, LITTLE_ENDIAN);
      FloatVector b1 = b0.mul(mu).add(g0.div(d));
      b1.intoMemorySegment(s, s2ByteOffset + o, LITTLE_ENDIAN);
      b1.fma(minusLrV, p0).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
