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

/// RAdam: m and v as Adam's, h = lr m / bc1, p -= h in the first steps, and
/// p -= h r sqrt(bc2) / (sqrt(v) + eps) once the variance of v is finite, where r rectifies it.
///
/// - State: m, v, zeros before the first step.
/// - Scalars: 1 - beta1, beta2, 1 - beta2, bc1, lr, eps, sqrt(bc2), r, which is 0 in the first
///   steps.
/// - Error: m has two roundings, v three; h = m / bc1 lr, h = h (1 / d sqrt(bc2)) r, one rounding
///   each.
/// - Special values: in the first steps v does not matter. NaN and infinities affect only their own
///   element.
/// - Reference: Liu et al. (2020), On the Variance of the Adaptive Learning Rate and Beyond. eps is
///   added to the uncorrected root, as in PyTorch.
public final class RAdamKernel {
  private RAdamKernel() {}

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
    float weight2 = c[2];
    float correction1 = c[3];
    float lr = c[4];
    float eps = c[5];
    float root2 = c[6];
    float rectifier = c[7];
    VectorMask<Float> rectified = broadcast(F, rectifier).compare(NE, 0f);
    FloatVector oneV = broadcast(F, 1f);
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
      FloatVector v0 = fromMemorySegment(F, s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector v1 = g0.mul(weight2).fma(g0, v0.mul(beta2));
      v1.intoMemorySegment(s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector h = m1.div(correction1).mul(lr);
      FloatVector d = v1.sqrt().add(eps);
      h = h.blend(h.mul(oneV.div(d).mul(root2)).mul(rectifier), rectified);
      p0.sub(h).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
