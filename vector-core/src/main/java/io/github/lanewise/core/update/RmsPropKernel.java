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

/// RMSprop: v = alpha v + (1 - alpha) g g, d = sqrt(v) + eps, p -= lr g / d. With momentum:
/// b = mu b + g / d, p -= lr b.
///
/// - Error: v has three roundings; p = p + (-lr g) / d, without FMA, or with momentum
///   p = fma(-lr, b, p).
/// - Special values: g = 0 leaves p unchanged, unless momentum moves it on. NaN and infinities
///   affect only their own element.
/// - Writes: p, v and b in place; g is only read. n is a multiple of the vector length.
/// - Scalars: g is multiplied by sign (-1 to maximize, else 1), then decay p is added to it (L2)
///   unless decay is 0; weight = 1 - alpha.
/// - Reference: Tieleman and Hinton (2012), Coursera lecture 6.5. eps is outside the root, as in
///   PyTorch.
public final class RmsPropKernel {
  private RmsPropKernel() {}

  public static void step(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment v,
      long vByteOffset,
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
    for (int i = 0; i < n; i += F.length()) {
      requireNative(v);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(sign);
      g0 = g0.blend(p0.fma(decayV, g0), decayed);
      FloatVector v0 = fromMemorySegment(F, v, vByteOffset + o, LITTLE_ENDIAN);
      FloatVector v1 = g0.mul(weight).fma(g0, v0.mul(alpha));
      v1.intoMemorySegment(v, vByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = v1.sqrt().add(eps);
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
    for (int i = 0; i < n; i += F.length()) {
      requireNative(v);
      requireNative(b);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(sign);
      g0 = g0.blend(p0.fma(decayV, g0), decayed);
      FloatVector v0 = fromMemorySegment(F, v, vByteOffset + o, LITTLE_ENDIAN);
      FloatVector v1 = g0.mul(weight).fma(g0, v0.mul(alpha));
      v1.intoMemorySegment(v, vByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = v1.sqrt().add(eps);
      FloatVector b0 = fromMemorySegment(F, b, bByteOffset + o, LITTLE_ENDIAN);
      FloatVector b1 = b0.mul(mu).add(g0.div(d));
      b1.intoMemorySegment(b, bByteOffset + o, LITTLE_ENDIAN);
      b1.fma(minusLrV, p0).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
