package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// AdaBelief: m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) (g - m)^2 + eps with the new
/// m, p -= lr / bc1 m / (sqrt(v) / sqrt(bc2) + eps), where bc = 1 - beta^t.
///
/// - State: m, v, zeros before the first step.
/// - Scalars: beta1, 1 - beta1, beta2, 1 - beta2, sqrt(bc2), eps, -lr / bc1.
/// - Error: m has two roundings, and v has five; p = p + (-lr / bc1 m) / d, without FMA.
/// - Special values: g = 0 and m = 0 leave p unchanged if eps is above 0; with an eps of 0 they
///   make p NaN. A distance of g from m beyond 1e19 makes v infinite and the step 0. NaN and
///   infinities affect only their own element.
/// - Reference: Zhuang et al. (2020), AdaBelief Optimizer: Adapting Stepsizes by the Belief in
///   Observed Gradients, Algorithm 2, with its eps inside and outside the root.
public final class AdaBeliefKernel {
  private AdaBeliefKernel() {}

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
    FloatVector weight1V = FloatVector.broadcast(F, c[1]);
    float beta2 = c[2];
    float weight2 = c[3];
    float root2 = c[4];
    float eps = c[5];
    float minusStep = c[6];
    long s1ByteOffset = sByteOffset + sStrideBytes;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector m0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector m1 = g0.fma(weight1V, m0.mul(beta1));
      m1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector r = g0.sub(m1);
      FloatVector v0 = fromMemorySegment(F, s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector v1 = r.mul(weight2).fma(r, v0.mul(beta2)).add(eps);
      v1.intoMemorySegment(s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = v1.sqrt().div(root2).add(eps);
      p0.add(m1.mul(minusStep).div(d)).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
