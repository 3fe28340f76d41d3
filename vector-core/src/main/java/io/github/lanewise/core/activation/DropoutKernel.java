package io.github.lanewise.core.activation;

import static io.github.lanewise.core.simd.Lanes.BYTES;
import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Dropout of a strip of a batch, `[n features][32]`: y = 0 with probability p, else x / (1 - p).
///
/// - Random bits: those of the number of the element, row times n plus feature, through two rounds
///   of the finalizer of MurmurHash3 with two keys. So they depend on the keys and on which element
///   it is, and on nothing else.
/// - Error: one rounding.
/// - Special values: a dropped NaN or infinity is 0.
/// - Backward is the same function of gy.
/// - Writes: y is overwritten; it may be x.
/// - Reference: Srivastava et al. (2014), Dropout: A Simple Way to Prevent Neural Networks from
///   Overfitting
public final class DropoutKernel {
  private static final long STRIP_BYTES = 128;

  private DropoutKernel() {}

  /// Drops elements of a strip, whose first row has the number `first`.
  ///
  /// @param key two halves, 32 bits each
  /// @param dropped p times 2^24
  /// @param factor 1 / (1 - p)
  public static void forward(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      long key,
      int first,
      int n,
      float dropped,
      float factor) {
    IntVector lane = FloatVector.zero(F).reinterpretAsInts().addIndex(1);
    for (int v = 0; v < STRIP_BYTES / BYTES; v++) {
      IntVector row = lane.add(first + v * F.length()).mul(n).add((int) key);
      for (int i = 0; i < n; i++) {
        requireNative(y);
        long p = i * STRIP_BYTES + v * BYTES;
        IntVector bits = random(row.add(i), (int) (key >>> 32));
        FloatVector uniform = (FloatVector) bits.lanewise(LSHR, 8).convert(I2F, 0);
        fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN)
            .mul(factor)
            .blend(0f, uniform.compare(LT, dropped))
            .intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
      }
    }
  }

  /// Returns 32 random bits for each number.
  private static IntVector random(IntVector number, int key) {
    IntVector x = number.lanewise(XOR, number.lanewise(LSHR, 16)).mul(0x85EBCA6B);
    x = x.lanewise(XOR, x.lanewise(LSHR, 13)).mul(0xC2B2AE35);
    x = x.lanewise(XOR, x.lanewise(LSHR, 16)).add(key);
    x = x.lanewise(XOR, x.lanewise(LSHR, 16)).mul(0x85EBCA6B);
    x = x.lanewise(XOR, x.lanewise(LSHR, 13)).mul(0xC2B2AE35);
    return x.lanewise(XOR, x.lanewise(LSHR, 16));
  }
}
