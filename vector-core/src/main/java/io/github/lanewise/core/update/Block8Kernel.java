package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/// States of 8 bits: blocks of 256 elements share a scale, the largest absolute value of the block,
/// and each element is a code for its part of the scale.
///
/// - Codes: 0 for 0, and otherwise the exponent and 3 bits of the mantissa of the part, counted
///   down from that of 1, which is the largest code: 255 without a sign, 127 with one, which is
///   then the eighth bit. The smallest part is 2^-31.75 without a sign, 2^-15.75 with one.
/// - Error: to the nearest code, at most 1/16 of the element. What is smaller than half of the
///   smallest part becomes 0; without a sign it becomes the smallest part instead, because such a
///   state is a divisor in most rules. To encode what was decoded changes nothing.
/// - Special values: a NaN or an infinity makes the whole block NaN.
/// - Layout: of every 4 L codes, where L is the vector length, the bytes k of L ints hold those
///   from k L on.
/// - n is a multiple of 4 L.
public final class Block8Kernel {
  private static final int DROPPED_BITS = 20;

  private Block8Kernel() {}

  /// The largest absolute value; NaN if there is a NaN.
  public static float largest(MemorySegment x, long xByteOffset, int n) {
    FloatVector most = broadcast(F, 0f);
    for (int i = 0; i < n; i += F.length()) {
      long o = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + o, LITTLE_ENDIAN).abs();
      most = most.blend(x0, x0.compare(GT, most).or(x0.compare(NE, x0)));
    }
    return most.compare(NE, most).anyTrue() ? Float.NaN : most.reduceLanes(MAX);
  }

  /// y = codes of x, one in each int.
  ///
  /// @param signs 1 if elements have a sign, else 0
  public static void encode(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float scale,
      int signs) {
    int most = signs == 0 ? 255 : 127;
    int below = (127 << 3) - most;
    FloatVector scaleV = broadcast(F, scale);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long o = (long) i << 2;
      FloatVector part = fromMemorySegment(F, x, xByteOffset + o, LITTLE_ENDIAN).div(scaleV);
      IntVector bits = part.abs().reinterpretAsInts();
      IntVector code = bits.add(1 << (DROPPED_BITS - 1)).lanewise(LSHR, DROPPED_BITS).sub(below);
      int least = 1 - signs;
      VectorMask<Integer> isLow = code.compare(LT, 1);
      code = code.blend(least, isLow).blend(0, bits.compare(EQ, 0));
      IntVector sign = part.reinterpretAsInts().lanewise(LSHR, 31).mul(signs).lanewise(LSHL, 7);
      code.or(sign).reinterpretAsFloats().intoMemorySegment(y, yByteOffset + o, LITTLE_ENDIAN);
    }
  }

  /// y = the values of the codes x, one in each int.
  ///
  /// @param signs 1 if elements have a sign, else 0
  public static void decode(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float scale,
      int signs) {
    int most = signs == 0 ? 255 : 127;
    int below = (127 << 3) - most;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long o = (long) i << 2;
      IntVector code = fromMemorySegment(F, x, xByteOffset + o, LITTLE_ENDIAN).reinterpretAsInts();
      IntVector size = code.and(most);
      IntVector bits = size.add(below).lanewise(LSHL, DROPPED_BITS).blend(0, size.compare(EQ, 0));
      IntVector sign = code.lanewise(LSHR, 7).mul(signs).lanewise(LSHL, 31);
      bits.or(sign)
          .reinterpretAsFloats()
          .mul(scale)
          .intoMemorySegment(y, yByteOffset + o, LITTLE_ENDIAN);
    }
  }

  /// y = x, from one code in each int to four.
  public static void pack(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    long vector = (long) F.length() * Float.BYTES;
    for (int i = 0; i < n; i += 4 * F.length()) {
      requireNative(y);
      long o = xByteOffset + ((long) i << 2);
      IntVector a = fromMemorySegment(F, x, o, LITTLE_ENDIAN).reinterpretAsInts();
      IntVector b = fromMemorySegment(F, x, o + vector, LITTLE_ENDIAN).reinterpretAsInts();
      IntVector c = fromMemorySegment(F, x, o + 2 * vector, LITTLE_ENDIAN).reinterpretAsInts();
      IntVector d = fromMemorySegment(F, x, o + 3 * vector, LITTLE_ENDIAN).reinterpretAsInts();
      a.or(b.lanewise(LSHL, 8))
          .or(c.lanewise(LSHL, 16))
          .or(d.lanewise(LSHL, 24))
          .reinterpretAsFloats()
          .intoMemorySegment(y, yByteOffset + i, LITTLE_ENDIAN);
    }
  }

  /// y = x, from four codes in each int to one.
  public static void unpack(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    long vector = (long) F.length() * Float.BYTES;
    for (int i = 0; i < n; i += 4 * F.length()) {
      requireNative(y);
      long o = yByteOffset + ((long) i << 2);
      IntVector all = fromMemorySegment(F, x, xByteOffset + i, LITTLE_ENDIAN).reinterpretAsInts();
      all.and(255).reinterpretAsFloats().intoMemorySegment(y, o, LITTLE_ENDIAN);
      all.lanewise(LSHR, 8)
          .and(255)
          .reinterpretAsFloats()
          .intoMemorySegment(y, o + vector, LITTLE_ENDIAN);
      all.lanewise(LSHR, 16)
          .and(255)
          .reinterpretAsFloats()
          .intoMemorySegment(y, o + 2 * vector, LITTLE_ENDIAN);
      all.lanewise(LSHR, 24)
          .reinterpretAsFloats()
          .intoMemorySegment(y, o + 3 * vector, LITTLE_ENDIAN);
    }
  }
}
