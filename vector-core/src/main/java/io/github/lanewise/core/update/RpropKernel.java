package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Rprop: each element has a step z of its own, which grows while g keeps its sign, and shrinks
/// when g changes it: z = clamp(z f), f = eta+ if g g' > 0, eta- if g g' < 0, else 1, where g' is
/// the gradient of the step before. After a change of sign g counts as 0. Then p -= sign(g) z.
///
/// - State: g', zeros before the first step, and z.
/// - Scalars: eta-, eta+, the smallest and the largest z, and the first z, or NaN after the first
///   step.
/// - Error: one rounding for z f and one for p - sign(g) z.
/// - Special values: a product g g' that underflows counts as 0, and so does the sign of a NaN, as
///   in PyTorch.
/// - Reference: Riedmiller and Braun (1993), A Direct Adaptive Method for Faster Backpropagation
///   Learning: The RPROP Algorithm.
public final class RpropKernel {
  private RpropKernel() {}

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
    FloatVector etaMinusV = broadcast(F, c[0]);
    FloatVector etaPlusV = broadcast(F, c[1]);
    FloatVector leastV = broadcast(F, c[2]);
    FloatVector mostV = broadcast(F, c[3]);
    FloatVector firstV = broadcast(F, c[4]);
    VectorMask<Float> isFirst = firstV.compare(EQ, firstV);
    FloatVector oneV = broadcast(F, 1f);
    FloatVector zeroV = broadcast(F, 0f);
    long s1ByteOffset = sByteOffset + sStrideBytes;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector before = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector z0 = fromMemorySegment(F, s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector product = g0.mul(before);
      VectorMask<Float> turned = product.compare(LT, 0f);
      FloatVector f = oneV.blend(etaPlusV, product.compare(GT, 0f)).blend(etaMinusV, turned);
      FloatVector z1 = z0.blend(firstV, isFirst).mul(f);
      z1 = z1.blend(leastV, z1.compare(LT, leastV));
      z1 = z1.blend(mostV, z1.compare(GT, mostV));
      z1.intoMemorySegment(s, s1ByteOffset + o, LITTLE_ENDIAN);
      FloatVector g1 = g0.blend(zeroV, turned);
      g1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = zeroV.blend(z1, g1.compare(GT, 0f)).blend(z1.neg(), g1.compare(LT, 0f));
      p0.sub(d).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
