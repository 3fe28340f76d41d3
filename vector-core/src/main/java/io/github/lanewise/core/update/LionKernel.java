package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Lion: p -= lr sign(beta1 m + (1 - beta1) g), then m = beta2 m + (1 - beta2) g.
///
/// - State: m, zeros before the first step.
/// - Scalars: beta1, 1 - beta1, beta2, 1 - beta2, lr.
/// - Error: two roundings for fma(1 - beta1, g, beta1 m), two for m, one for p.
/// - Special values: the sign of 0 is 0, and that of NaN is NaN. NaN and infinities affect only
///   their own element.
/// - Reference: Chen et al. (2023), Symbolic Discovery of Optimization Algorithms, Algorithm 2.
public final class LionKernel {
  private LionKernel() {}

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
    float beta2 = c[2];
    FloatVector weight2V = broadcast(F, c[3]);
    FloatVector lrV = broadcast(F, c[4]);
    FloatVector minusLrV = lrV.neg();
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector m0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = g0.fma(weight1V, m0.mul(beta1));
      g0.fma(weight2V, m0.mul(beta2)).intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      d = d.blend(lrV, d.compare(GT, 0f)).blend(minusLrV, d.compare(LT, 0f));
      p0.sub(d).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
