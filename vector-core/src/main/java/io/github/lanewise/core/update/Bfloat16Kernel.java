package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.I;
import static io.github.lanewise.core.simd.Lanes.S;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.NE;
import static jdk.incubator.vector.VectorOperators.UMIN;
import static jdk.incubator.vector.VectorOperators.XOR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// bfloat16, the upper half of a float: states and parameters of that precision.
///
/// - Error: parameters to nearest, ties to even, unless they are rounded at random; states to
///   nearest, ties away from 0, which takes two operations less and happens once in 65,536.
/// - Special values: infinities stay; a NaN stays a NaN; a float near the largest one becomes
///   infinite.
/// - n is a multiple of the vector length.
public final class Bfloat16Kernel {
  private static final int HIGH = 0xFFFF0000;

  // The common NaN, and the same with a sign. Other NaNs lie beyond them as integers.
  private static final int NAN = 0x7FC00000;
  private static final int MINUS_NAN = 0xFFC00000;

  private Bfloat16Kernel() {}

  /// y = x, from bfloat16 to floats.
  public static void decode(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      load(x, xByteOffset + ((long) i << 1))
          .intoMemorySegment(y, yByteOffset + ((long) i << 2), LITTLE_ENDIAN);
    }
  }

  /// y = x, from floats to bfloat16.
  public static void encode(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + ((long) i << 2), LITTLE_ENDIAN);
      store(x0, y, yByteOffset + ((long) i << 1));
    }
  }

  /// A vector of floats from elements in bfloat16. [LoopRewriter] copies the instructions.
  private static FloatVector load(MemorySegment s, long byteOffset) {
    IntVector low =
        (IntVector)
            ShortVector.fromMemorySegment(S, s, byteOffset, LITTLE_ENDIAN)
                .convertShape(ZERO_EXTEND_S2I, I, 0);
    return low.lanewise(LSHL, 16).reinterpretAsFloats();
  }

  /// Stores a vector of floats in bfloat16. [LoopRewriter] copies the instructions.
  private static void store(FloatVector x, MemorySegment s, long byteOffset) {
    // A NaN with all bits set would overflow to 0, so a NaN becomes the common one of its sign.
    IntVector a = x.reinterpretAsInts().min(NAN).lanewise(UMIN, MINUS_NAN);
    ShortVector high = (ShortVector) a.add(0x8000).lanewise(LSHR, 16).convertShape(I2S, S, 0);
    high.intoMemorySegment(s, byteOffset, LITTLE_ENDIAN);
  }

  /// p = p rounded to bfloat16 at random: up with the probability by which p lies towards the upper
  /// neighbour. The random bits of an element are a hash of its index and a key, so they depend
  /// neither on the width nor on how the array is cut.
  ///
  /// @param index of the first element
  public static void roundAtRandom(MemorySegment p, long pByteOffset, int n, int index, int key) {
    IntVector lane = broadcast(F, 0f).reinterpretAsInts().addIndex(1).add(index);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN);
      // MurmurHash3's last steps, Appleby (2011).
      IntVector h = lane.add(i).mul(0x9E3779B1).lanewise(XOR, key);
      h = h.lanewise(XOR, h.lanewise(LSHR, 16)).mul(0x85EBCA6B);
      h = h.lanewise(XOR, h.lanewise(LSHR, 13)).mul(0xC2B2AE35);
      FloatVector rounded =
          p0.reinterpretAsInts().add(h.lanewise(LSHR, 16)).and(HIGH).reinterpretAsFloats();
      rounded.blend(p0, p0.compare(NE, p0)).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  /// z = x + y: parameters in bfloat16 and what their rounding left, as floats.
  public static void join(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      MemorySegment z,
      long zByteOffset,
      int n) {
    for (int i = 0; i < n; i += F.length()) {
      requireNative(z);
      long o = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + o, LITTLE_ENDIAN);
      x0.add(fromMemorySegment(F, y, yByteOffset + o, LITTLE_ENDIAN))
          .intoMemorySegment(z, zByteOffset + o, LITTLE_ENDIAN);
    }
  }

  /// y = x rounded to bfloat16, z = (x - y) rounded to bfloat16; z = 0 where y is not finite.
  public static void split(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      MemorySegment z,
      long zByteOffset,
      int n) {
    FloatVector zeroV = broadcast(F, 0f);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      requireNative(z);
      long o = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + o, LITTLE_ENDIAN);
      IntVector a = x0.reinterpretAsInts();
      FloatVector y0 =
          a.add(a.lanewise(LSHR, 16).and(1)).add(0x7FFF).and(HIGH).reinterpretAsFloats();
      y0 = y0.blend(x0, x0.compare(NE, x0));
      y0.intoMemorySegment(y, yByteOffset + o, LITTLE_ENDIAN);
      FloatVector rest = x0.sub(y0);
      IntVector b = rest.reinterpretAsInts();
      FloatVector z0 =
          b.add(b.lanewise(LSHR, 16).and(1)).add(0x7FFF).and(HIGH).reinterpretAsFloats();
      z0.blend(zeroV, y0.sub(y0).compare(NE, 0f))
          .intoMemorySegment(z, zByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
