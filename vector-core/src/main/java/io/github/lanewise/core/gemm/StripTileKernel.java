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

/// The product C += A B, where B and C are strips of a batch: a column of tiles at a time, and
/// nothing is packed.
///
/// A tile of `4x2` has 4 rows of 2 vectors. Each method runs it down the m rows of C, a multiple of
/// the rows of the tile, while B stays in the nearest cache. The rows of A are read where they lie,
/// `aRowBytes` apart. The rows of strips are a constant apart: with a variable in its place C2
/// leaves bounds checks in the loop, and the tile has 91 instead of 113 GFLOP/s.
///
/// - Order, error and special values: those of [TileKernel].
/// - Writes: C is added to; it must overlap neither A nor B.
final class StripTileKernel {
  private StripTileKernel() {}

  /// Sets each of m rows of C to one element of A, the bias, from which a product goes on.
  static void fill(MemorySegment a, long aByteOffset, MemorySegment c, long cByteOffset, int m) {
    for (int i = 0; i < m; i++) {
      FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, aByteOffset + ((long) i << 2)));
      for (long v = 0; v < STRIP_BYTES; v += BYTES) {
        requireNative(c);
        a0.intoMemorySegment(c, cByteOffset + i * STRIP_BYTES + v, LITTLE_ENDIAN);
      }
    }
  }

  /// Two columns of A a turn, so k is even. With one, C2 unrolls eight turns and puts the sums of a
  /// row one behind the other, where two of them wait for each other: 67 instead of 104 GFLOP/s.
  static void tile4x2(
      MemorySegment a,
      long aByteOffset,
      long aRowBytes,
      MemorySegment b,
      long bByteOffset,
      MemorySegment c,
      long cByteOffset,
      int m,
      int k) {
    for (int i = 0; i < m; i += 4) {
      requireNative(c);
      long q0 = cByteOffset + i * STRIP_BYTES;
      long q1 = q0 + STRIP_BYTES;
      long q2 = q1 + STRIP_BYTES;
      long q3 = q2 + STRIP_BYTES;
      FloatVector c00 = fromMemorySegment(F, c, q0, LITTLE_ENDIAN);
      FloatVector c01 = fromMemorySegment(F, c, q0 + BYTES, LITTLE_ENDIAN);
      FloatVector c10 = fromMemorySegment(F, c, q1, LITTLE_ENDIAN);
      FloatVector c11 = fromMemorySegment(F, c, q1 + BYTES, LITTLE_ENDIAN);
      FloatVector c20 = fromMemorySegment(F, c, q2, LITTLE_ENDIAN);
      FloatVector c21 = fromMemorySegment(F, c, q2 + BYTES, LITTLE_ENDIAN);
      FloatVector c30 = fromMemorySegment(F, c, q3, LITTLE_ENDIAN);
      FloatVector c31 = fromMemorySegment(F, c, q3 + BYTES, LITTLE_ENDIAN);
      long r0 = aByteOffset + i * aRowBytes;
      for (int l = 0; l < k; l += 2) {
        long p = bByteOffset + l * STRIP_BYTES;
        long r = r0 + ((long) l << 2);
        FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
        FloatVector b1 = fromMemorySegment(F, b, p + BYTES, LITTLE_ENDIAN);
        FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
        c00 = a0.fma(b0, c00);
        c01 = a0.fma(b1, c01);
        FloatVector a1 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + aRowBytes));
        c10 = a1.fma(b0, c10);
        c11 = a1.fma(b1, c11);
        FloatVector a2 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 2 * aRowBytes));
        c20 = a2.fma(b0, c20);
        c21 = a2.fma(b1, c21);
        FloatVector a3 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 3 * aRowBytes));
        c30 = a3.fma(b0, c30);
        c31 = a3.fma(b1, c31);
        b0 = fromMemorySegment(F, b, p + STRIP_BYTES, LITTLE_ENDIAN);
        b1 = fromMemorySegment(F, b, p + STRIP_BYTES + BYTES, LITTLE_ENDIAN);
        a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 4));
        c00 = a0.fma(b0, c00);
        c01 = a0.fma(b1, c01);
        a1 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 4 + aRowBytes));
        c10 = a1.fma(b0, c10);
        c11 = a1.fma(b1, c11);
        a2 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 4 + 2 * aRowBytes));
        c20 = a2.fma(b0, c20);
        c21 = a2.fma(b1, c21);
        a3 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 4 + 3 * aRowBytes));
        c30 = a3.fma(b0, c30);
        c31 = a3.fma(b1, c31);
      }
      c00.intoMemorySegment(c, q0, LITTLE_ENDIAN);
      c01.intoMemorySegment(c, q0 + BYTES, LITTLE_ENDIAN);
      c10.intoMemorySegment(c, q1, LITTLE_ENDIAN);
      c11.intoMemorySegment(c, q1 + BYTES, LITTLE_ENDIAN);
      c20.intoMemorySegment(c, q2, LITTLE_ENDIAN);
      c21.intoMemorySegment(c, q2 + BYTES, LITTLE_ENDIAN);
      c30.intoMemorySegment(c, q3, LITTLE_ENDIAN);
      c31.intoMemorySegment(c, q3 + BYTES, LITTLE_ENDIAN);
    }
  }

  /// The last column of an odd number.
  static void last4x2(
      MemorySegment a,
      long aByteOffset,
      long aRowBytes,
      MemorySegment b,
      long bByteOffset,
      MemorySegment c,
      long cByteOffset,
      int m,
      int k) {
    for (int i = 0; i < m; i += 4) {
      requireNative(c);
      long q0 = cByteOffset + i * STRIP_BYTES;
      long q1 = q0 + STRIP_BYTES;
      long q2 = q1 + STRIP_BYTES;
      long q3 = q2 + STRIP_BYTES;
      FloatVector c00 = fromMemorySegment(F, c, q0, LITTLE_ENDIAN);
      FloatVector c01 = fromMemorySegment(F, c, q0 + BYTES, LITTLE_ENDIAN);
      FloatVector c10 = fromMemorySegment(F, c, q1, LITTLE_ENDIAN);
      FloatVector c11 = fromMemorySegment(F, c, q1 + BYTES, LITTLE_ENDIAN);
      FloatVector c20 = fromMemorySegment(F, c, q2, LITTLE_ENDIAN);
      FloatVector c21 = fromMemorySegment(F, c, q2 + BYTES, LITTLE_ENDIAN);
      FloatVector c30 = fromMemorySegment(F, c, q3, LITTLE_ENDIAN);
      FloatVector c31 = fromMemorySegment(F, c, q3 + BYTES, LITTLE_ENDIAN);
      long r0 = aByteOffset + i * aRowBytes;
      for (int l = 0; l < k; l++) {
        long p = bByteOffset + l * STRIP_BYTES;
        long r = r0 + ((long) l << 2);
        FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
        FloatVector b1 = fromMemorySegment(F, b, p + BYTES, LITTLE_ENDIAN);
        FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
        c00 = a0.fma(b0, c00);
        c01 = a0.fma(b1, c01);
        FloatVector a1 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + aRowBytes));
        c10 = a1.fma(b0, c10);
        c11 = a1.fma(b1, c11);
        FloatVector a2 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 2 * aRowBytes));
        c20 = a2.fma(b0, c20);
        c21 = a2.fma(b1, c21);
        FloatVector a3 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 3 * aRowBytes));
        c30 = a3.fma(b0, c30);
        c31 = a3.fma(b1, c31);
      }
      c00.intoMemorySegment(c, q0, LITTLE_ENDIAN);
      c01.intoMemorySegment(c, q0 + BYTES, LITTLE_ENDIAN);
      c10.intoMemorySegment(c, q1, LITTLE_ENDIAN);
      c11.intoMemorySegment(c, q1 + BYTES, LITTLE_ENDIAN);
      c20.intoMemorySegment(c, q2, LITTLE_ENDIAN);
      c21.intoMemorySegment(c, q2 + BYTES, LITTLE_ENDIAN);
      c30.intoMemorySegment(c, q3, LITTLE_ENDIAN);
      c31.intoMemorySegment(c, q3 + BYTES, LITTLE_ENDIAN);
    }
  }

  static void tile2x2(
      MemorySegment a,
      long aByteOffset,
      long aRowBytes,
      MemorySegment b,
      long bByteOffset,
      MemorySegment c,
      long cByteOffset,
      int m,
      int k) {
    for (int i = 0; i < m; i += 2) {
      requireNative(c);
      long q0 = cByteOffset + i * STRIP_BYTES;
      long q1 = q0 + STRIP_BYTES;
      FloatVector c00 = fromMemorySegment(F, c, q0, LITTLE_ENDIAN);
      FloatVector c01 = fromMemorySegment(F, c, q0 + BYTES, LITTLE_ENDIAN);
      FloatVector c10 = fromMemorySegment(F, c, q1, LITTLE_ENDIAN);
      FloatVector c11 = fromMemorySegment(F, c, q1 + BYTES, LITTLE_ENDIAN);
      long r0 = aByteOffset + i * aRowBytes;
      for (int l = 0; l < k; l++) {
        long p = bByteOffset + l * STRIP_BYTES;
        long r = r0 + ((long) l << 2);
        FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
        FloatVector b1 = fromMemorySegment(F, b, p + BYTES, LITTLE_ENDIAN);
        FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
        c00 = a0.fma(b0, c00);
        c01 = a0.fma(b1, c01);
        FloatVector a1 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + aRowBytes));
        c10 = a1.fma(b0, c10);
        c11 = a1.fma(b1, c11);
      }
      c00.intoMemorySegment(c, q0, LITTLE_ENDIAN);
      c01.intoMemorySegment(c, q0 + BYTES, LITTLE_ENDIAN);
      c10.intoMemorySegment(c, q1, LITTLE_ENDIAN);
      c11.intoMemorySegment(c, q1 + BYTES, LITTLE_ENDIAN);
    }
  }

  static void tile1x2(
      MemorySegment a,
      long aByteOffset,
      long aRowBytes,
      MemorySegment b,
      long bByteOffset,
      MemorySegment c,
      long cByteOffset,
      int m,
      int k) {
    for (int i = 0; i < m; i++) {
      requireNative(c);
      long q0 = cByteOffset + i * STRIP_BYTES;
      FloatVector c00 = fromMemorySegment(F, c, q0, LITTLE_ENDIAN);
      FloatVector c01 = fromMemorySegment(F, c, q0 + BYTES, LITTLE_ENDIAN);
      long r0 = aByteOffset + i * aRowBytes;
      for (int l = 0; l < k; l++) {
        long p = bByteOffset + l * STRIP_BYTES;
        long r = r0 + ((long) l << 2);
        FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
        FloatVector b1 = fromMemorySegment(F, b, p + BYTES, LITTLE_ENDIAN);
        FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
        c00 = a0.fma(b0, c00);
        c01 = a0.fma(b1, c01);
      }
      c00.intoMemorySegment(c, q0, LITTLE_ENDIAN);
      c01.intoMemorySegment(c, q0 + BYTES, LITTLE_ENDIAN);
    }
  }
}
