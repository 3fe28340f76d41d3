package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// RMSprop: v = alpha v + (1 - alpha) g g, d = sqrt(v) + eps, p -= lr g / d. With momentum:
/// b = mu b + g / d, p -= lr b.
///
/// - State: v, then b, zeros before the first step.
/// - Scalars: -lr, alpha, 1 - alpha, eps, mu.
/// - Error: v has three roundings; p = p + (-lr g) / d, without FMA, or with momentum
///   p = fma(-lr, b, p).
/// - Special values: g = 0 leaves p unchanged, unless momentum moves it on. NaN and infinities
///   affect only their own element.
/// - Reference: Tieleman and Hinton (2012), Coursera lecture 6.5. eps is outside the root, as in
///   PyTorch.
public final class RmsPropKernel {
  private RmsPropKernel() {}

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
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector v0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector v1 = g0.mul(weight).fma(g0, v0.mul(alpha));
      v1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = v1.sqrt().add(eps);
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
      FloatVector d = v1.sqrt().add(eps);
      FloatVector b0 = fromMemorySegment(F, s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector b1 = b0.mul(mu).add(g0.div(d));
      b1.intoMemorySegment(s, s1ByteOffset + o, LITTLE_ENDIAN);
      b1.fma(minusLrV, p0).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
