package io.github.lanewise.core.gemm;

import static io.github.lanewise.core.gemm.StripKernel.STRIP_BYTES;
import static io.github.lanewise.core.simd.Lanes.BYTES;
import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The product of one row with packed weights, y += x W: lanes are outputs.
///
/// - Layout: W lies in panels of 32 columns, the rows of a panel one after the other.
/// - Order, error and special values: those of [TileKernel].
/// - Writes: y is added to; it must overlap neither x nor W.
final class RowTileKernel {
  /// Vectors in a row of a panel: 2, 4 or 8.
  private static final int WIDTH = (int) (STRIP_BYTES / BYTES);

  private RowTileKernel() {}

  /// Eight vectors of y at a time, one chain for each, since an FMA takes as long as four to eight
  /// of them need to begin.
  ///
  /// @param panelBytes the size of a panel of W
  /// @param n the number of elements of y, a multiple of eight vectors
  static void eight(
      MemorySegment x,
      long xByteOffset,
      MemorySegment w,
      long wByteOffset,
      long panelBytes,
      MemorySegment y,
      long yByteOffset,
      int n,
      int k) {
    long w1 = 1 / WIDTH * panelBytes + 1 % WIDTH * BYTES;
    long w2 = 2 / WIDTH * panelBytes + 2 % WIDTH * BYTES;
    long w3 = 3 / WIDTH * panelBytes + 3 % WIDTH * BYTES;
    long w4 = 4 / WIDTH * panelBytes + 4 % WIDTH * BYTES;
    long w5 = 5 / WIDTH * panelBytes + 5 % WIDTH * BYTES;
    long w6 = 6 / WIDTH * panelBytes + 6 % WIDTH * BYTES;
    long w7 = 7 / WIDTH * panelBytes + 7 % WIDTH * BYTES;
    for (int j = 0; j < n; j += 8 * F.length()) {
      requireNative(y);
      long q = yByteOffset + ((long) j << 2);
      long from = wByteOffset + j / (8 * F.length()) * (8 / WIDTH * panelBytes);
      FloatVector y0 = fromMemorySegment(F, y, q, LITTLE_ENDIAN);
      FloatVector y1 = fromMemorySegment(F, y, q + BYTES, LITTLE_ENDIAN);
      FloatVector y2 = fromMemorySegment(F, y, q + 2 * BYTES, LITTLE_ENDIAN);
      FloatVector y3 = fromMemorySegment(F, y, q + 3 * BYTES, LITTLE_ENDIAN);
      FloatVector y4 = fromMemorySegment(F, y, q + 4 * BYTES, LITTLE_ENDIAN);
      FloatVector y5 = fromMemorySegment(F, y, q + 5 * BYTES, LITTLE_ENDIAN);
      FloatVector y6 = fromMemorySegment(F, y, q + 6 * BYTES, LITTLE_ENDIAN);
      FloatVector y7 = fromMemorySegment(F, y, q + 7 * BYTES, LITTLE_ENDIAN);
      for (int l = 0; l < k; l++) {
        long p = from + l * STRIP_BYTES;
        FloatVector x0 = FloatVector.broadcast(F, x.get(JAVA_FLOAT, xByteOffset + ((long) l << 2)));
        y0 = x0.fma(fromMemorySegment(F, w, p, LITTLE_ENDIAN), y0);
        y1 = x0.fma(fromMemorySegment(F, w, p + w1, LITTLE_ENDIAN), y1);
        y2 = x0.fma(fromMemorySegment(F, w, p + w2, LITTLE_ENDIAN), y2);
        y3 = x0.fma(fromMemorySegment(F, w, p + w3, LITTLE_ENDIAN), y3);
        y4 = x0.fma(fromMemorySegment(F, w, p + w4, LITTLE_ENDIAN), y4);
        y5 = x0.fma(fromMemorySegment(F, w, p + w5, LITTLE_ENDIAN), y5);
        y6 = x0.fma(fromMemorySegment(F, w, p + w6, LITTLE_ENDIAN), y6);
        y7 = x0.fma(fromMemorySegment(F, w, p + w7, LITTLE_ENDIAN), y7);
      }
      y0.intoMemorySegment(y, q, LITTLE_ENDIAN);
      y1.intoMemorySegment(y, q + BYTES, LITTLE_ENDIAN);
      y2.intoMemorySegment(y, q + 2 * BYTES, LITTLE_ENDIAN);
      y3.intoMemorySegment(y, q + 3 * BYTES, LITTLE_ENDIAN);
      y4.intoMemorySegment(y, q + 4 * BYTES, LITTLE_ENDIAN);
      y5.intoMemorySegment(y, q + 5 * BYTES, LITTLE_ENDIAN);
      y6.intoMemorySegment(y, q + 6 * BYTES, LITTLE_ENDIAN);
      y7.intoMemorySegment(y, q + 7 * BYTES, LITTLE_ENDIAN);
    }
  }

  /// Two vectors of y.
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
    FloatVector y1 = fromMemorySegment(F, y, yByteOffset + BYTES, LITTLE_ENDIAN);
    for (int l = 0; l < k; l++) {
      long p = wByteOffset + l * STRIP_BYTES;
      FloatVector x0 = FloatVector.broadcast(F, x.get(JAVA_FLOAT, xByteOffset + ((long) l << 2)));
      y0 = x0.fma(fromMemorySegment(F, w, p, LITTLE_ENDIAN), y0);
      y1 = x0.fma(fromMemorySegment(F, w, p + BYTES, LITTLE_ENDIAN), y1);
    }
    y0.intoMemorySegment(y, yByteOffset, LITTLE_ENDIAN);
    y1.intoMemorySegment(y, yByteOffset + BYTES, LITTLE_ENDIAN);
  }
}
