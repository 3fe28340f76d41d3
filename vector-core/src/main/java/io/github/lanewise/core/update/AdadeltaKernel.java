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

/// Adadelta: v = rho v + (1 - rho) g g, d = sqrt(u + eps) / sqrt(v + eps) g,
/// u = rho u + (1 - rho) d d, p -= lr d.
///
/// - Error: v and u have three roundings each, and d has five; p = fma(-lr, d, p).
/// - Special values: g = 0 leaves p unchanged, unless eps = 0, where 0 / 0 is NaN. NaN and
///   infinities affect only their own element.
/// - Writes: p, v and u in place; g is only read. n is a multiple of the vector length.
/// - Scalars: g is multiplied by sign (-1 to maximize, else 1), then decay p is added to it (L2)
///   unless decay is 0; weight = 1 - rho.
/// - Reference: Zeiler (2012), ADADELTA: An Adaptive Learning Rate Method, where lr is 1. eps is
///   inside both roots.
public final class AdadeltaKernel {
  private AdadeltaKernel() {}

  public static void step(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment v,
      long vByteOffset,
      MemorySegment u,
      long uByteOffset,
      int n,
      float sign,
      float decay,
      float minusLr,
      float rho,
      float weight,
      float eps) {
    assert n % F.length() == 0;
    VectorMask<Float> decayed = broadcast(F, decay).compare(NE, 0f);
    FloatVector decayV = broadcast(F, decay);
    FloatVector minusLrV = broadcast(F, minusLr);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(v);
      requireNative(u);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(sign);
      g0 = g0.blend(p0.fma(decayV, g0), decayed);
      FloatVector v0 = fromMemorySegment(F, v, vByteOffset + o, LITTLE_ENDIAN);
      FloatVector v1 = g0.mul(weight).fma(g0, v0.mul(rho));
      v1.intoMemorySegment(v, vByteOffset + o, LITTLE_ENDIAN);
      FloatVector u0 = fromMemorySegment(F, u, uByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = u0.add(eps).sqrt().div(v1.add(eps).sqrt()).mul(g0);
      FloatVector u1 = d.mul(weight).fma(d, u0.mul(rho));
      u1.intoMemorySegment(u, uByteOffset + o, LITTLE_ENDIAN);
      d.fma(minusLrV, p0).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
