package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Adadelta: v = rho v + (1 - rho) g g, d = sqrt(u + eps) / sqrt(v + eps) g, p -= lr d, then
/// u = rho u + (1 - rho) d d.
///
/// - State: v, then u, zeros before the first step.
/// - Scalars: -lr, rho, 1 - rho, eps.
/// - Error: v and u have three roundings each, d has six; p = fma(-lr, d, p).
/// - Special values: g = 0 leaves p unchanged. NaN and infinities affect only their own element.
/// - Reference: Zeiler (2012), ADADELTA: An Adaptive Learning Rate Method, where lr is 1. eps is
///   inside both roots.
public final class AdadeltaKernel {
  private AdadeltaKernel() {}

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
    FloatVector minusLrV = broadcast(F, c[0]);
    float rho = c[1];
    float weight = c[2];
    float eps = c[3];
    long s1ByteOffset = sByteOffset + sStrideBytes;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector v0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector v1 = g0.mul(weight).fma(g0, v0.mul(rho));
      v1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector u0 = fromMemorySegment(F, s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = u0.add(eps).sqrt().div(v1.add(eps).sqrt()).mul(g0);
      d.mul(weight).fma(d, u0.mul(rho)).intoMemorySegment(s, s1ByteOffset + o, LITTLE_ENDIAN);
      d.fma(minusLrV, p0).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
