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

/// Schedule-Free SGD and AdamW. p holds y, at which gradients are taken; z is the sequence of SGD,
/// and x, with which the model is evaluated, lies between them: y = lerp(y, z, w),
/// y += lr (beta (1 - w) - 1) g, z -= lr g, where w is the weight of this step in the mean.
/// AdamW has g / (sqrt(v / bc2) + eps) + wd y for g.
///
/// - State: z, which is p before the first step, then v for AdamW, zeros before the first step.
/// - Scalars: w, lr (beta (1 - w) - 1), -lr, and 1 in the first step, then 0; AdamW: beta2,
///   1 - beta2, bc2, eps, wd.
/// - Error: two roundings for lerp, one for each fma, three for v.
/// - Special values: NaN and infinities affect only their own element.
/// - Reference: Defazio et al. (2024), The Road Less Scheduled, in the order of the authors'
///   program.
public final class ScheduleFreeKernel {
  private ScheduleFreeKernel() {}

  public static void sgd(
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
    float weight = c[0];
    VectorMask<Float> near = broadcast(F, weight).compare(LT, 0.5f);
    FloatVector pullV = broadcast(F, weight < 0.5f ? weight : weight - 1f);
    FloatVector factorV = broadcast(F, c[1]);
    FloatVector minusLrV = broadcast(F, c[2]);
    VectorMask<Float> isFirst = broadcast(F, c[3]).compare(NE, 0f);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector z0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN);
      z0 = z0.blend(p0, isFirst);
      FloatVector y = z0.sub(p0).fma(pullV, z0.blend(p0, near));
      g0.fma(minusLrV, z0).intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      g0.fma(factorV, y).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  public static void adamW(
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
    float weight = c[0];
    VectorMask<Float> near = broadcast(F, weight).compare(LT, 0.5f);
    FloatVector pullV = broadcast(F, weight < 0.5f ? weight : weight - 1f);
    FloatVector factorV = broadcast(F, c[1]);
    FloatVector minusLrV = broadcast(F, c[2]);
    VectorMask<Float> isFirst = broadcast(F, c[3]).compare(NE, 0f);
    float beta2 = c[4];
    float weight2 = c[5];
    float correction2 = c[6];
    float eps = c[7];
    FloatVector decayV = broadcast(F, c[8]);
    VectorMask<Float> decayed = decayV.compare(NE, 0f);
    long s1ByteOffset = sByteOffset + sStrideBytes;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector v0 = fromMemorySegment(F, s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector v1 = g0.mul(weight2).fma(g0, v0.mul(beta2));
      v1.intoMemorySegment(s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = g0.div(v1.div(correction2).sqrt().add(eps));
      d = d.blend(p0.fma(decayV, d), decayed);
      FloatVector z0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN);
      z0 = z0.blend(p0, isFirst);
      FloatVector y = z0.sub(p0).fma(pullV, z0.blend(p0, near));
      d.fma(minusLrV, z0).intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      d.fma(factorV, y).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
