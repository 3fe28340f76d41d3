package io.github.lanewise.core.gemm;

import static io.github.lanewise.core.gemm.StripKernel.STRIP_BYTES;
import static io.github.lanewise.core.simd.Lanes.BYTES;
import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// The product of one row with packed weights in bfloat16, y += x W: lanes are outputs.
///
/// A bfloat16 is the upper half of a float, so decoding it is exact. An `int` lane holds two of
/// them, outputs j and j + 16 of a panel: a shift gives the first as a float, a mask the second.
///
/// - Layout: W lies in panels of 32 columns, the rows of a panel one after the other, 64 bytes
///   each.
/// - Order, error and special values: those of [TileKernel], on the decoded weights.
/// - Writes: y is added to; it must overlap neither x nor W.
final class CompactTileKernel {
  /// The distance from a row of a panel to the next.
  static final long ROW_BYTES = STRIP_BYTES / 2;

  /// Vectors in a row of a panel: 1, 2 or 4.
  static final int WIDTH = (int) (ROW_BYTES / BYTES);

  /// The lanes of the upper halves.
  private static final int UPPER = 0xFFFF0000;

  private CompactTileKernel() {}

  /// Eight vectors of y at a time, which four vectors of weights are for.
  ///
  /// @param panelBytes the size of a panel of W
  /// @param rowBytes the distance from a row of a panel to the next. With a constant in its place
  ///     C2 makes another loop, which takes 66 us for 512-1024-1024-256 instead of 41.
  /// @param n the number of elements of y, a multiple of eight vectors
  static void eight(
      MemorySegment x,
      long xByteOffset,
      MemorySegment w,
      long wByteOffset,
      long panelBytes,
      long rowBytes,
      MemorySegment y,
      long yByteOffset,
      int n,
      int k) {
    long w1 = 1 / WIDTH * panelBytes + 1 % WIDTH * BYTES;
    long w2 = 2 / WIDTH * panelBytes + 2 % WIDTH * BYTES;
    long w3 = 3 / WIDTH * panelBytes + 3 % WIDTH * BYTES;
    for (int j = 0; j < n; j += 8 * F.length()) {
      requireNative(y);
      long q0 = yByteOffset + ((long) j << 2);
      long q1 = q0 + 1 / WIDTH * STRIP_BYTES + 1 % WIDTH * BYTES;
      long q2 = q0 + 2 / WIDTH * STRIP_BYTES + 2 % WIDTH * BYTES;
      long q3 = q0 + 3 / WIDTH * STRIP_BYTES + 3 % WIDTH * BYTES;
      long from = wByteOffset + j / (8 * F.length()) * (4 / WIDTH * panelBytes);
      FloatVector y0 = fromMemorySegment(F, y, q0, LITTLE_ENDIAN);
      FloatVector z0 = fromMemorySegment(F, y, q0 + ROW_BYTES, LITTLE_ENDIAN);
      FloatVector y1 = fromMemorySegment(F, y, q1, LITTLE_ENDIAN);
      FloatVector z1 = fromMemorySegment(F, y, q1 + ROW_BYTES, LITTLE_ENDIAN);
      FloatVector y2 = fromMemorySegment(F, y, q2, LITTLE_ENDIAN);
      FloatVector z2 = fromMemorySegment(F, y, q2 + ROW_BYTES, LITTLE_ENDIAN);
      FloatVector y3 = fromMemorySegment(F, y, q3, LITTLE_ENDIAN);
      FloatVector z3 = fromMemorySegment(F, y, q3 + ROW_BYTES, LITTLE_ENDIAN);
      for (int l = 0; l < k; l++) {
        long p = from + l * rowBytes;
        FloatVector x0 = FloatVector.broadcast(F, x.get(JAVA_FLOAT, xByteOffset + ((long) l << 2)));
        IntVector v0 = fromMemorySegment(F, w, p, LITTLE_ENDIAN).reinterpretAsInts();
        y0 = x0.fma(v0.lanewise(LSHL, 16).reinterpretAsFloats(), y0);
        z0 = x0.fma(v0.and(UPPER).reinterpretAsFloats(), z0);
        IntVector v1 = fromMemorySegment(F, w, p + w1, LITTLE_ENDIAN).reinterpretAsInts();
        y1 = x0.fma(v1.lanewise(LSHL, 16).reinterpretAsFloats(), y1);
        z1 = x0.fma(v1.and(UPPER).reinterpretAsFloats(), z1);
        IntVector v2 = fromMemorySegment(F, w, p + w2, LITTLE_ENDIAN).reinterpretAsInts();
        y2 = x0.fma(v2.lanewise(LSHL, 16).reinterpretAsFloats(), y2);
        z2 = x0.fma(v2.and(UPPER).reinterpretAsFloats(), z2);
        IntVector v3 = fromMemorySegment(F, w, p + w3, LITTLE_ENDIAN).reinterpretAsInts();
        y3 = x0.fma(v3.lanewise(LSHL, 16).reinterpretAsFloats(), y3);
        z3 = x0.fma(v3.and(UPPER).reinterpretAsFloats(), z3);
      }
      y0.intoMemorySegment(y, q0, LITTLE_ENDIAN);
      z0.intoMemorySegment(y, q0 + ROW_BYTES, LITTLE_ENDIAN);
      y1.intoMemorySegment(y, q1, LITTLE_ENDIAN);
      z1.intoMemorySegment(y, q1 + ROW_BYTES, LITTLE_ENDIAN);
      y2.intoMemorySegment(y, q2, LITTLE_ENDIAN);
      z2.intoMemorySegment(y, q2 + ROW_BYTES, LITTLE_ENDIAN);
      y3.intoMemorySegment(y, q3, LITTLE_ENDIAN);
      z3.intoMemorySegment(y, q3 + ROW_BYTES, LITTLE_ENDIAN);
    }
  }

  /// Two vectors of y, which one vector of weights is for: half a panel apart.
  static void two(
      MemorySegment x,
      long xByteOffset,
      MemorySegment w,
      long wByteOffset,
      MemorySegment y,
      long yByteOffset,
      int k) {
    requireNative(y);
    FloatVector y0 = fromMemorySegment(F, y, yByteOffset, LITTLE_ENDIAN);
    FloatVector z0 = fromMemorySegment(F, y, yByteOffset + ROW_BYTES, LITTLE_ENDIAN);
    for (int l = 0; l < k; l++) {
      FloatVector x0 = FloatVector.broadcast(F, x.get(JAVA_FLOAT, xByteOffset + ((long) l << 2)));
      IntVector v0 =
          fromMemorySegment(F, w, wByteOffset + l * ROW_BYTES, LITTLE_ENDIAN).reinterpretAsInts();
      y0 = x0.fma(v0.lanewise(LSHL, 16).reinterpretAsFloats(), y0);
      z0 = x0.fma(v0.and(UPPER).reinterpretAsFloats(), z0);
    }
    y0.intoMemorySegment(y, yByteOffset, LITTLE_ENDIAN);
    z0.intoMemorySegment(y, yByteOffset + ROW_BYTES, LITTLE_ENDIAN);
  }

  /// Overwrites y with the floats of k rows of a panel, `[k][32]`.
  static void decode(MemorySegment w, long wByteOffset, MemorySegment y, long yByteOffset, int k) {
    for (int l = 0; l < k * WIDTH; l++) {
      requireNative(y);
      long q = yByteOffset + l / WIDTH * STRIP_BYTES + l % WIDTH * BYTES;
      IntVector v0 =
          fromMemorySegment(F, w, wByteOffset + l * BYTES, LITTLE_ENDIAN).reinterpretAsInts();
      v0.lanewise(LSHL, 16).reinterpretAsFloats().intoMemorySegment(y, q, LITTLE_ENDIAN);
      v0.and(UPPER).reinterpretAsFloats().intoMemorySegment(y, q + ROW_BYTES, LITTLE_ENDIAN);
    }
  }
}
