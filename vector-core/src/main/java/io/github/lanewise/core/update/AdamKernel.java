package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.BYTES;
import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.I;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;
import static jdk.incubator.vector.VectorOperators.UMIN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/// Adam: m = lerp(m, g, 1 - beta1), v = beta2 v + (1 - beta2) g g,
/// p -= lr / bc1 m / (sqrt(v) / sqrt(bc2) + eps), where bc = 1 - beta^t and
/// lerp(a, b, w) = a + w (b - a).
///
/// - State: m, v and for AMSGrad u, zeros before the first step. AMSGrad: u = max(u, v), without
///   bias correction, replaces v under the root. If u or v is NaN, so is the new u.
/// - Scalars: 1 - beta1, beta2, 1 - beta2, sqrt(bc2), eps, -lr / bc1.
/// - Error: m has two roundings, and v has three; p = p + (-lr / bc1 m) / d, without FMA.
/// - Special values: g = 0 and m = 0 leave p unchanged; g beyond 1e19 makes v infinite and the
///   step 0. NaN and infinities affect only their own element.
/// - Reference: Kingma and Ba (2015), Adam; Reddi et al. (2018), On the Convergence of Adam and
///   Beyond; Loshchilov and Hutter (2019), Decoupled Weight Decay Regularization. eps is added
///   after the bias correction, as in PyTorch.
public final class AdamKernel {
  private static final int HIGH = 0xFFFF0000;

  // The bits of the common NaN, and of the same with a sign. Other NaNs lie beyond them as
  // integers; those with all bits set would round to 0.
  private static final int NAN = 0x7FC00000;
  private static final int MINUS_NAN = 0xFFC00000;

  private AdamKernel() {}

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
    float root2 = c[3];
    float eps = c[4];
    float minusStep = c[5];
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
      FloatVector d = v1.sqrt().div(root2).add(eps);
      p0.add(m1.mul(minusStep).div(d)).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  public static void amsGrad(
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
    float root2 = c[3];
    float eps = c[4];
    float minusStep = c[5];
    long s1ByteOffset = sByteOffset + sStrideBytes;
    long s2ByteOffset = s1ByteOffset + sStrideBytes;
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
      FloatVector u0 = fromMemorySegment(F, s, s2ByteOffset + o, LITTLE_ENDIAN);
      FloatVector u1 = u0.blend(v1, u0.compare(LT, v1).or(v1.compare(NE, v1)));
      u1.intoMemorySegment(s, s2ByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = u1.sqrt().div(root2).add(eps);
      p0.add(m1.mul(minusStep).div(d)).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  /// The same with m and v in bfloat16, for 1 - beta1 below 1/2: two vectors a turn, whose elements
  /// share ints.
  ///
  /// The formula is written out for each of the two. With the mask that chooses between the forms
  /// of lerp C2 made an object of every vector (600 ns for 0.43), and so it did with methods of
  /// ours.
  public static void stepBfloat16(
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
    assert n % (2 * F.length()) == 0;
    FloatVector pullV = broadcast(F, c[0]);
    float beta2 = c[1];
    float weight2 = c[2];
    float root2 = c[3];
    float eps = c[4];
    float minusStep = c[5];
    long s1ByteOffset = sByteOffset + sStrideBytes;
    for (int i = 0; i < n; i += 2 * F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      long h = (long) i << 1;
      IntVector mm = IntVector.fromMemorySegment(I, s, sByteOffset + h, LITTLE_ENDIAN);
      IntVector vv = IntVector.fromMemorySegment(I, s, s1ByteOffset + h, LITTLE_ENDIAN);
      IntVector gi = IntVector.fromMemorySegment(I, g, gByteOffset + o, LITTLE_ENDIAN);
      FloatVector ga = gi.min(NAN).lanewise(UMIN, MINUS_NAN).reinterpretAsFloats().mul(scale);
      FloatVector m0a = mm.lanewise(LSHL, 16).reinterpretAsFloats();
      FloatVector ma = ga.sub(m0a).fma(pullV, m0a);
      FloatVector va =
          ga.mul(weight2).fma(ga, vv.lanewise(LSHL, 16).reinterpretAsFloats().mul(beta2));
      FloatVector pa = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      pa.add(ma.mul(minusStep).div(va.sqrt().div(root2).add(eps)))
          .intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
      gi = IntVector.fromMemorySegment(I, g, gByteOffset + o + BYTES, LITTLE_ENDIAN);
      FloatVector gb = gi.min(NAN).lanewise(UMIN, MINUS_NAN).reinterpretAsFloats().mul(scale);
      FloatVector m0b = mm.and(HIGH).reinterpretAsFloats();
      FloatVector mb = gb.sub(m0b).fma(pullV, m0b);
      FloatVector vb = gb.mul(weight2).fma(gb, vv.and(HIGH).reinterpretAsFloats().mul(beta2));
      FloatVector pb = fromMemorySegment(F, p, pByteOffset + o + BYTES, LITTLE_ENDIAN).mul(shrink);
      pb.add(mb.mul(minusStep).div(vb.sqrt().div(root2).add(eps)))
          .intoMemorySegment(p, pByteOffset + o + BYTES, LITTLE_ENDIAN);
      IntVector a = ma.reinterpretAsInts();
      IntVector b = mb.reinterpretAsInts();
      a.add(a.lanewise(LSHR, 16).and(1))
          .add(0x7FFF)
          .lanewise(LSHR, 16)
          .or(b.add(b.lanewise(LSHR, 16).and(1)).add(0x7FFF).and(HIGH))
          .intoMemorySegment(s, sByteOffset + h, LITTLE_ENDIAN);
      a = va.reinterpretAsInts();
      b = vb.reinterpretAsInts();
      a.add(a.lanewise(LSHR, 16).and(1))
          .add(0x7FFF)
          .lanewise(LSHR, 16)
          .or(b.add(b.lanewise(LSHR, 16).and(1)).add(0x7FFF).and(HIGH))
          .intoMemorySegment(s, s1ByteOffset + h, LITTLE_ENDIAN);
    }
  }
}
