package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.EQ;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// ASGD: p = (1 - lambda eta) p - eta g, and a running mean ax = p while mu is 1, else
/// ax += mu (p - ax).
///
/// - State: ax, zeros before the first step.
/// - Scalars: 1 - lambda eta, -eta, mu.
/// - Error: one rounding for (1 - lambda eta) p and one for p = fma(-eta, g, p); ax has three.
/// - Special values: NaN and infinities affect only their own element.
/// - Reference: Polyak and Juditsky (1992), Acceleration of Stochastic Approximation by Averaging,
///   with the steps of PyTorch.
public final class AsgdKernel {
  private AsgdKernel() {}

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
    float keep = c[0];
    FloatVector minusEtaV = broadcast(F, c[1]);
    float mu = c[2];
    VectorMask<Float> copied = broadcast(F, mu).compare(EQ, 1f);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector p1 = g0.fma(minusEtaV, p0.mul(keep));
      FloatVector a0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector a1 = a0.add(p1.sub(a0).mul(mu)).blend(p1, copied);
      a1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      p1.intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
