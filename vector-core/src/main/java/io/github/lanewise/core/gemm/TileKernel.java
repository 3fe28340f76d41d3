package io.github.lanewise.core.gemm;

import static io.github.lanewise.core.simd.Lanes.BYTES;
import static io.github.lanewise.core.simd.Lanes.F;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The one operation of matrix products, C += A B, for a tile of C that fits the registers. A tile
/// of `4x3` has 4 rows of 3 vectors.
///
/// - Order: every element of C is loaded, goes through one chain of FMAs over ascending k, and is
///   stored. Cutting k into blocks, or C into other tiles, therefore changes no bit.
/// - Error: at most (K + 1) u / (1 - (K + 1) u) of abs(C) + abs(A) abs(B), u = 2^-24 (Higham's
///   classical bound); K instead of K + 1 where C was zero.
/// - Special values: those of IEEE arithmetic. inf times 0 is NaN, because no factor of 0 is
///   skipped.
/// - Writes: C is added to; it must overlap neither A nor B.
/// - Layout: A lies as [PackKernel] packs its rows, so the rows of a tile are neighbours for each
///   k; B as it packs its columns.
final class TileKernel {
  private TileKernel() {}

  static void tile4x3(
      MemorySegment a,
      long aByteOffset,
      MemorySegment b,
      long bByteOffset,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int k) {
    FloatVector c00 = fromMemorySegment(F, c, cByteOffset, LITTLE_ENDIAN);
    FloatVector c01 = fromMemorySegment(F, c, cByteOffset + BYTES, LITTLE_ENDIAN);
    FloatVector c02 = fromMemorySegment(F, c, cByteOffset + 2 * BYTES, LITTLE_ENDIAN);
    long q1 = cByteOffset + cRowBytes;
    FloatVector c10 = fromMemorySegment(F, c, q1, LITTLE_ENDIAN);
    FloatVector c11 = fromMemorySegment(F, c, q1 + BYTES, LITTLE_ENDIAN);
    FloatVector c12 = fromMemorySegment(F, c, q1 + 2 * BYTES, LITTLE_ENDIAN);
    long q2 = cByteOffset + 2 * cRowBytes;
    FloatVector c20 = fromMemorySegment(F, c, q2, LITTLE_ENDIAN);
    FloatVector c21 = fromMemorySegment(F, c, q2 + BYTES, LITTLE_ENDIAN);
    FloatVector c22 = fromMemorySegment(F, c, q2 + 2 * BYTES, LITTLE_ENDIAN);
    long q3 = cByteOffset + 3 * cRowBytes;
    FloatVector c30 = fromMemorySegment(F, c, q3, LITTLE_ENDIAN);
    FloatVector c31 = fromMemorySegment(F, c, q3 + BYTES, LITTLE_ENDIAN);
    FloatVector c32 = fromMemorySegment(F, c, q3 + 2 * BYTES, LITTLE_ENDIAN);
    for (int l = 0; l < k; l++) {
      long p = bByteOffset + 3 * BYTES * l;
      long r = aByteOffset + 16L * l;
      FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
      FloatVector b1 = fromMemorySegment(F, b, p + BYTES, LITTLE_ENDIAN);
      FloatVector b2 = fromMemorySegment(F, b, p + 2 * BYTES, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 4));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      FloatVector a2 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 8));
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      FloatVector a3 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 12));
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
    }
    c00.intoMemorySegment(c, cByteOffset, LITTLE_ENDIAN);
    c01.intoMemorySegment(c, cByteOffset + BYTES, LITTLE_ENDIAN);
    c02.intoMemorySegment(c, cByteOffset + 2 * BYTES, LITTLE_ENDIAN);
    c10.intoMemorySegment(c, q1, LITTLE_ENDIAN);
    c11.intoMemorySegment(c, q1 + BYTES, LITTLE_ENDIAN);
    c12.intoMemorySegment(c, q1 + 2 * BYTES, LITTLE_ENDIAN);
    c20.intoMemorySegment(c, q2, LITTLE_ENDIAN);
    c21.intoMemorySegment(c, q2 + BYTES, LITTLE_ENDIAN);
    c22.intoMemorySegment(c, q2 + 2 * BYTES, LITTLE_ENDIAN);
    c30.intoMemorySegment(c, q3, LITTLE_ENDIAN);
    c31.intoMemorySegment(c, q3 + BYTES, LITTLE_ENDIAN);
    c32.intoMemorySegment(c, q3 + 2 * BYTES, LITTLE_ENDIAN);
  }

  static void tile2x3(
      MemorySegment a,
      long aByteOffset,
      MemorySegment b,
      long bByteOffset,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int k) {
    FloatVector c00 = fromMemorySegment(F, c, cByteOffset, LITTLE_ENDIAN);
    FloatVector c01 = fromMemorySegment(F, c, cByteOffset + BYTES, LITTLE_ENDIAN);
    FloatVector c02 = fromMemorySegment(F, c, cByteOffset + 2 * BYTES, LITTLE_ENDIAN);
    long q1 = cByteOffset + cRowBytes;
    FloatVector c10 = fromMemorySegment(F, c, q1, LITTLE_ENDIAN);
    FloatVector c11 = fromMemorySegment(F, c, q1 + BYTES, LITTLE_ENDIAN);
    FloatVector c12 = fromMemorySegment(F, c, q1 + 2 * BYTES, LITTLE_ENDIAN);
    for (int l = 0; l < k; l++) {
      long p = bByteOffset + 3 * BYTES * l;
      long r = aByteOffset + 8L * l;
      FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
      FloatVector b1 = fromMemorySegment(F, b, p + BYTES, LITTLE_ENDIAN);
      FloatVector b2 = fromMemorySegment(F, b, p + 2 * BYTES, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 4));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
    }
    c00.intoMemorySegment(c, cByteOffset, LITTLE_ENDIAN);
    c01.intoMemorySegment(c, cByteOffset + BYTES, LITTLE_ENDIAN);
    c02.intoMemorySegment(c, cByteOffset + 2 * BYTES, LITTLE_ENDIAN);
    c10.intoMemorySegment(c, q1, LITTLE_ENDIAN);
    c11.intoMemorySegment(c, q1 + BYTES, LITTLE_ENDIAN);
    c12.intoMemorySegment(c, q1 + 2 * BYTES, LITTLE_ENDIAN);
  }

  static void tile1x3(
      MemorySegment a,
      long aByteOffset,
      MemorySegment b,
      long bByteOffset,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int k) {
    FloatVector c00 = fromMemorySegment(F, c, cByteOffset, LITTLE_ENDIAN);
    FloatVector c01 = fromMemorySegment(F, c, cByteOffset + BYTES, LITTLE_ENDIAN);
    FloatVector c02 = fromMemorySegment(F, c, cByteOffset + 2 * BYTES, LITTLE_ENDIAN);
    for (int l = 0; l < k; l++) {
      long p = bByteOffset + 3 * BYTES * l;
      long r = aByteOffset + 4L * l;
      FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
      FloatVector b1 = fromMemorySegment(F, b, p + BYTES, LITTLE_ENDIAN);
      FloatVector b2 = fromMemorySegment(F, b, p + 2 * BYTES, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
    }
    c00.intoMemorySegment(c, cByteOffset, LITTLE_ENDIAN);
    c01.intoMemorySegment(c, cByteOffset + BYTES, LITTLE_ENDIAN);
    c02.intoMemorySegment(c, cByteOffset + 2 * BYTES, LITTLE_ENDIAN);
  }

  static void tile4x2(
      MemorySegment a,
      long aByteOffset,
      MemorySegment b,
      long bByteOffset,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int k) {
    FloatVector c00 = fromMemorySegment(F, c, cByteOffset, LITTLE_ENDIAN);
    FloatVector c01 = fromMemorySegment(F, c, cByteOffset + BYTES, LITTLE_ENDIAN);
    long q1 = cByteOffset + cRowBytes;
    FloatVector c10 = fromMemorySegment(F, c, q1, LITTLE_ENDIAN);
    FloatVector c11 = fromMemorySegment(F, c, q1 + BYTES, LITTLE_ENDIAN);
    long q2 = cByteOffset + 2 * cRowBytes;
    FloatVector c20 = fromMemorySegment(F, c, q2, LITTLE_ENDIAN);
    FloatVector c21 = fromMemorySegment(F, c, q2 + BYTES, LITTLE_ENDIAN);
    long q3 = cByteOffset + 3 * cRowBytes;
    FloatVector c30 = fromMemorySegment(F, c, q3, LITTLE_ENDIAN);
    FloatVector c31 = fromMemorySegment(F, c, q3 + BYTES, LITTLE_ENDIAN);
    for (int l = 0; l < k; l++) {
      long p = bByteOffset + 2 * BYTES * l;
      long r = aByteOffset + 16L * l;
      FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
      FloatVector b1 = fromMemorySegment(F, b, p + BYTES, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 4));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 8));
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 12));
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
    }
    c00.intoMemorySegment(c, cByteOffset, LITTLE_ENDIAN);
    c01.intoMemorySegment(c, cByteOffset + BYTES, LITTLE_ENDIAN);
    c10.intoMemorySegment(c, q1, LITTLE_ENDIAN);
    c11.intoMemorySegment(c, q1 + BYTES, LITTLE_ENDIAN);
    c20.intoMemorySegment(c, q2, LITTLE_ENDIAN);
    c21.intoMemorySegment(c, q2 + BYTES, LITTLE_ENDIAN);
    c30.intoMemorySegment(c, q3, LITTLE_ENDIAN);
    c31.intoMemorySegment(c, q3 + BYTES, LITTLE_ENDIAN);
  }

  static void tile2x2(
      MemorySegment a,
      long aByteOffset,
      MemorySegment b,
      long bByteOffset,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int k) {
    FloatVector c00 = fromMemorySegment(F, c, cByteOffset, LITTLE_ENDIAN);
    FloatVector c01 = fromMemorySegment(F, c, cByteOffset + BYTES, LITTLE_ENDIAN);
    long q1 = cByteOffset + cRowBytes;
    FloatVector c10 = fromMemorySegment(F, c, q1, LITTLE_ENDIAN);
    FloatVector c11 = fromMemorySegment(F, c, q1 + BYTES, LITTLE_ENDIAN);
    for (int l = 0; l < k; l++) {
      long p = bByteOffset + 2 * BYTES * l;
      long r = aByteOffset + 8L * l;
      FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
      FloatVector b1 = fromMemorySegment(F, b, p + BYTES, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 4));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
    }
    c00.intoMemorySegment(c, cByteOffset, LITTLE_ENDIAN);
    c01.intoMemorySegment(c, cByteOffset + BYTES, LITTLE_ENDIAN);
    c10.intoMemorySegment(c, q1, LITTLE_ENDIAN);
    c11.intoMemorySegment(c, q1 + BYTES, LITTLE_ENDIAN);
  }

  static void tile1x2(
      MemorySegment a,
      long aByteOffset,
      MemorySegment b,
      long bByteOffset,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int k) {
    FloatVector c00 = fromMemorySegment(F, c, cByteOffset, LITTLE_ENDIAN);
    FloatVector c01 = fromMemorySegment(F, c, cByteOffset + BYTES, LITTLE_ENDIAN);
    for (int l = 0; l < k; l++) {
      long p = bByteOffset + 2 * BYTES * l;
      long r = aByteOffset + 4L * l;
      FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
      FloatVector b1 = fromMemorySegment(F, b, p + BYTES, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
    }
    c00.intoMemorySegment(c, cByteOffset, LITTLE_ENDIAN);
    c01.intoMemorySegment(c, cByteOffset + BYTES, LITTLE_ENDIAN);
  }

  static void tile4x1(
      MemorySegment a,
      long aByteOffset,
      MemorySegment b,
      long bByteOffset,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int k) {
    FloatVector c00 = fromMemorySegment(F, c, cByteOffset, LITTLE_ENDIAN);
    long q1 = cByteOffset + cRowBytes;
    FloatVector c10 = fromMemorySegment(F, c, q1, LITTLE_ENDIAN);
    long q2 = cByteOffset + 2 * cRowBytes;
    FloatVector c20 = fromMemorySegment(F, c, q2, LITTLE_ENDIAN);
    long q3 = cByteOffset + 3 * cRowBytes;
    FloatVector c30 = fromMemorySegment(F, c, q3, LITTLE_ENDIAN);
    for (int l = 0; l < k; l++) {
      long p = bByteOffset + BYTES * l;
      long r = aByteOffset + 16L * l;
      FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 4));
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 8));
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 12));
      c30 = a3.fma(b0, c30);
    }
    c00.intoMemorySegment(c, cByteOffset, LITTLE_ENDIAN);
    c10.intoMemorySegment(c, q1, LITTLE_ENDIAN);
    c20.intoMemorySegment(c, q2, LITTLE_ENDIAN);
    c30.intoMemorySegment(c, q3, LITTLE_ENDIAN);
  }

  static void tile2x1(
      MemorySegment a,
      long aByteOffset,
      MemorySegment b,
      long bByteOffset,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int k) {
    FloatVector c00 = fromMemorySegment(F, c, cByteOffset, LITTLE_ENDIAN);
    long q1 = cByteOffset + cRowBytes;
    FloatVector c10 = fromMemorySegment(F, c, q1, LITTLE_ENDIAN);
    for (int l = 0; l < k; l++) {
      long p = bByteOffset + BYTES * l;
      long r = aByteOffset + 8L * l;
      FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 4));
      c10 = a1.fma(b0, c10);
    }
    c00.intoMemorySegment(c, cByteOffset, LITTLE_ENDIAN);
    c10.intoMemorySegment(c, q1, LITTLE_ENDIAN);
  }

  static void tile1x1(
      MemorySegment a,
      long aByteOffset,
      MemorySegment b,
      long bByteOffset,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int k) {
    FloatVector c00 = fromMemorySegment(F, c, cByteOffset, LITTLE_ENDIAN);
    for (int l = 0; l < k; l++) {
      long p = bByteOffset + BYTES * l;
      long r = aByteOffset + 4L * l;
      FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
      c00 = a0.fma(b0, c00);
    }
    c00.intoMemorySegment(c, cByteOffset, LITTLE_ENDIAN);
  }
}
