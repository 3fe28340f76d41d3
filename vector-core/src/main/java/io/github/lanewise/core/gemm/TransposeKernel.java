package io.github.lanewise.core.gemm;

import static io.github.lanewise.core.simd.Lanes.BYTES;
import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/// Moves floats in the ways that packing needs: copies rows, and transposes blocks in registers.
///
/// Everything is made of one step. Two vectors, seen as rows of groups of lanes, are interleaved:
/// x0 y0 x1 y1 and so on. The groups are single lanes, or quarters of a vector.
///
/// - Error: none, bits are copied.
/// - Writes: y is overwritten; it must not overlap x.
final class TransposeKernel {
  private static final int QUARTER = F.length() / 4;

  private static final VectorShuffle<Float> LANES_LOW = interleaving(1, 0);
  private static final VectorShuffle<Float> LANES_HIGH = interleaving(1, F.length() / 2);
  private static final VectorMask<Float> ODD_LANES = odd(1);
  private static final VectorShuffle<Float> QUARTERS_LOW = interleaving(QUARTER, 0);
  private static final VectorShuffle<Float> QUARTERS_HIGH = interleaving(QUARTER, F.length() / 2);
  private static final VectorMask<Float> ODD_QUARTERS = odd(QUARTER);

  private TransposeKernel() {}

  /// Returns the lanes of one of the two vectors that are interleaved: each group twice.
  private static VectorShuffle<Float> interleaving(int group, int from) {
    return VectorShuffle.fromOp(F, i -> from + i / (2 * group) * group + i % group);
  }

  /// Returns the lanes of the result that come from the second vector.
  private static VectorMask<Float> odd(int group) {
    boolean[] lanes = new boolean[F.length()];
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = i / group % 2 == 1;
    }
    return VectorMask.fromArray(F, lanes, 0);
  }

  /// Copies one vector from each of `rows` rows.
  static void copy(
      MemorySegment x,
      long xByteOffset,
      long xRowBytes,
      MemorySegment y,
      long yByteOffset,
      long yRowBytes,
      int rows) {
    for (int i = 0; i < rows; i++) {
      requireNative(y);
      fromMemorySegment(F, x, xByteOffset + i * xRowBytes, LITTLE_ENDIAN)
          .intoMemorySegment(y, yByteOffset + i * yRowBytes, LITTLE_ENDIAN);
    }
  }

  /// Transposes 2 rows of `cols` columns, a multiple of the vector length, to pairs.
  static void pairs(
      MemorySegment x,
      long xByteOffset,
      long xRowBytes,
      MemorySegment y,
      long yByteOffset,
      int cols) {
    for (int i = 0; i < cols; i += F.length()) {
      requireNative(y);
      long p = xByteOffset + ((long) i << 2);
      long q = yByteOffset + ((long) i << 3);
      FloatVector x0 = fromMemorySegment(F, x, p, LITTLE_ENDIAN);
      FloatVector x1 = fromMemorySegment(F, x, p + xRowBytes, LITTLE_ENDIAN);
      x0.rearrange(LANES_LOW)
          .blend(x1.rearrange(LANES_LOW), ODD_LANES)
          .intoMemorySegment(y, q, LITTLE_ENDIAN);
      x0.rearrange(LANES_HIGH)
          .blend(x1.rearrange(LANES_HIGH), ODD_LANES)
          .intoMemorySegment(y, q + BYTES, LITTLE_ENDIAN);
    }
  }

  /// Transposes 4 rows of `cols` columns, a multiple of the vector length, to groups of four.
  static void fours(
      MemorySegment x,
      long xByteOffset,
      long xRowBytes,
      MemorySegment y,
      long yByteOffset,
      int cols) {
    for (int i = 0; i < cols; i += F.length()) {
      requireNative(y);
      long p = xByteOffset + ((long) i << 2);
      long q = yByteOffset + ((long) i << 4);
      FloatVector x0 = fromMemorySegment(F, x, p, LITTLE_ENDIAN);
      FloatVector x1 = fromMemorySegment(F, x, p + xRowBytes, LITTLE_ENDIAN);
      FloatVector x2 = fromMemorySegment(F, x, p + 2 * xRowBytes, LITTLE_ENDIAN);
      FloatVector x3 = fromMemorySegment(F, x, p + 3 * xRowBytes, LITTLE_ENDIAN);
      FloatVector u0 = x0.rearrange(LANES_LOW).blend(x2.rearrange(LANES_LOW), ODD_LANES);
      FloatVector u1 = x0.rearrange(LANES_HIGH).blend(x2.rearrange(LANES_HIGH), ODD_LANES);
      FloatVector v0 = x1.rearrange(LANES_LOW).blend(x3.rearrange(LANES_LOW), ODD_LANES);
      FloatVector v1 = x1.rearrange(LANES_HIGH).blend(x3.rearrange(LANES_HIGH), ODD_LANES);
      u0.rearrange(LANES_LOW)
          .blend(v0.rearrange(LANES_LOW), ODD_LANES)
          .intoMemorySegment(y, q, LITTLE_ENDIAN);
      u0.rearrange(LANES_HIGH)
          .blend(v0.rearrange(LANES_HIGH), ODD_LANES)
          .intoMemorySegment(y, q + BYTES, LITTLE_ENDIAN);
      u1.rearrange(LANES_LOW)
          .blend(v1.rearrange(LANES_LOW), ODD_LANES)
          .intoMemorySegment(y, q + 2 * BYTES, LITTLE_ENDIAN);
      u1.rearrange(LANES_HIGH)
          .blend(v1.rearrange(LANES_HIGH), ODD_LANES)
          .intoMemorySegment(y, q + 3 * BYTES, LITTLE_ENDIAN);
    }
  }

  /// Transposes blocks of 4 vectors by 4 quarters: vector g of a block of y holds quarter g of the
  /// 4 vectors of the block of x.
  ///
  /// @param xRowBytes the distance of the vectors of a block of x
  /// @param xBlockBytes the distance from a block of x to the next
  static void quarters(
      MemorySegment x,
      long xByteOffset,
      long xRowBytes,
      long xBlockBytes,
      MemorySegment y,
      long yByteOffset,
      long yRowBytes,
      long yBlockBytes,
      int blocks) {
    for (int i = 0; i < blocks; i++) {
      requireNative(y);
      long p = xByteOffset + i * xBlockBytes;
      long q = yByteOffset + i * yBlockBytes;
      FloatVector x0 = fromMemorySegment(F, x, p, LITTLE_ENDIAN);
      FloatVector x1 = fromMemorySegment(F, x, p + xRowBytes, LITTLE_ENDIAN);
      FloatVector x2 = fromMemorySegment(F, x, p + 2 * xRowBytes, LITTLE_ENDIAN);
      FloatVector x3 = fromMemorySegment(F, x, p + 3 * xRowBytes, LITTLE_ENDIAN);
      FloatVector u0 = x0.rearrange(QUARTERS_LOW).blend(x2.rearrange(QUARTERS_LOW), ODD_QUARTERS);
      FloatVector u1 = x0.rearrange(QUARTERS_HIGH).blend(x2.rearrange(QUARTERS_HIGH), ODD_QUARTERS);
      FloatVector v0 = x1.rearrange(QUARTERS_LOW).blend(x3.rearrange(QUARTERS_LOW), ODD_QUARTERS);
      FloatVector v1 = x1.rearrange(QUARTERS_HIGH).blend(x3.rearrange(QUARTERS_HIGH), ODD_QUARTERS);
      u0.rearrange(QUARTERS_LOW)
          .blend(v0.rearrange(QUARTERS_LOW), ODD_QUARTERS)
          .intoMemorySegment(y, q, LITTLE_ENDIAN);
      u0.rearrange(QUARTERS_HIGH)
          .blend(v0.rearrange(QUARTERS_HIGH), ODD_QUARTERS)
          .intoMemorySegment(y, q + yRowBytes, LITTLE_ENDIAN);
      u1.rearrange(QUARTERS_LOW)
          .blend(v1.rearrange(QUARTERS_LOW), ODD_QUARTERS)
          .intoMemorySegment(y, q + 2 * yRowBytes, LITTLE_ENDIAN);
      u1.rearrange(QUARTERS_HIGH)
          .blend(v1.rearrange(QUARTERS_HIGH), ODD_QUARTERS)
          .intoMemorySegment(y, q + 3 * yRowBytes, LITTLE_ENDIAN);
    }
  }
}
