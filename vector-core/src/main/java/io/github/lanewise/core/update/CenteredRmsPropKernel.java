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

/// Centered RMSprop: as [RmsPropKernel], but d = sqrt(v - a a) + eps, where
/// a = lerp(a, g, 1 - alpha) is a running mean, so that v - a a estimates the variance.
/// lerp(a, b, w) = a + w (b - a).
///
/// - Error: a has two roundings, v has three, and the variance fma(-a, a, v) has one.
/// - Special values: a variance that rounding makes negative gives NaN, as in PyTorch. NaN and
///   infinities affect only their own element.
/// - Writes: p, v, a and b in place; g is only read. n is a multiple of the vector length.
/// - Scalars: g is multiplied by sign (-1 to maximize, else 1), then decay p is added to it (L2)
///   unless decay is 0; weight = 1 - alpha.
/// - Reference: Graves (2013), Generating Sequences With Recurrent Neural Networks, where eps is
///   inside the root; here it is outside, as in PyTorch.
public final class CenteredRmsPropKernel {
  private CenteredRmsPropKernel() {}

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
    assert n % F.length() == 0;
    VectorMask<Float> decayed = broadcast(F, decay).compare(NE, 0f);
    FloatVector decayV = broadcast(F, decay);
    VectorMask<Float> near = broadcast(F, weight).compare(LT, 0.5f);
    FloatVector pullV = broadcast(F, weight < 0.5f ? weight : weight - 1f);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(v);
      requireNative(a);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(sign);
      g0 = g0.blend(p0.fma(decayV, g0), decayed);
      FloatVector v0 = fromMemorySegment(F, v, vByteOffset + o, LITTLE_ENDIAN);
      FloatVector v1 = g0.mul(weight).fma(g0, v0.mul(alpha));
      v1.intoMemorySegment(v, vByteOffset + o, LITTLE_ENDIAN);
      FloatVector a0 = fromMemorySegment(F, a, aByteOffset + o, LITTLE_ENDIAN);
      FloatVector a1 = g0.sub(a0).fma(pullV, g0.blend(a0, near));
      a1.intoMemorySegment(a, aByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = a1.neg().fma(a1, v1).sqrt().add(eps);
      p0.add(g0.mul(minusLr).div(d)).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
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
    assert n % F.length() == 0;
    VectorMask<Float> decayed = broadcast(F, decay).compare(NE, 0f);
    FloatVector decayV = broadcast(F, decay);
    FloatVector minusLrV = broadcast(F, minusLr);
    VectorMask<Float> near = broadcast(F, weight).compare(LT, 0.5f);
    FloatVector pullV = broadcast(F, weight < 0.5f ? weight : weight - 1f);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(v);
      requireNative(a);
      requireNative(b);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(sign);
      g0 = g0.blend(p0.fma(decayV, g0), decayed);
      FloatVector v0 = fromMemorySegment(F, v, vByteOffset + o, LITTLE_ENDIAN);
      FloatVector v1 = g0.mul(weight).fma(g0, v0.mul(alpha));
      v1.intoMemorySegment(v, vByteOffset + o, LITTLE_ENDIAN);
      FloatVector a0 = fromMemorySegment(F, a, aByteOffset + o, LITTLE_ENDIAN);
      FloatVector a1 = g0.sub(a0).fma(pullV, g0.blend(a0, near));
      a1.intoMemorySegment(a, aByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = a1.neg().fma(a1, v1).sqrt().add(eps);
      FloatVector b0 = fromMemorySegment(F, b, bByteOffset + o, LITTLE_ENDIAN);
      FloatVector b1 = b0.mul(mu).add(g0.div(d));
      b1.intoMemorySegment(b, bByteOffset + o, LITTLE_ENDIAN);
      b1.fma(minusLrV, p0).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
