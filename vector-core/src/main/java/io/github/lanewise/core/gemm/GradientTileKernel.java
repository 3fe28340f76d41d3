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

/// The product C += A B, where A is a strip of a batch, the gradient of a layer's outputs, and the
/// rows of B and C, the inputs and the gradient of the weight, are `bRowBytes` and `cRowBytes`
/// apart.
///
/// The sum over k is short, 32 rows, so the tile is as wide as the registers allow, to load and
/// store C for as many FMAs as possible. Each method runs it down the m rows of C.
///
/// - Order, error and special values: those of [TileKernel].
/// - Writes: C is added to; it must overlap neither A nor B.
final class GradientTileKernel {
  private GradientTileKernel() {}

  static void tile4x3(
      MemorySegment a,
      long aByteOffset,
      MemorySegment b,
      long bByteOffset,
      long bRowBytes,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int m,
      int k) {
    for (int i = 0; i < m; i += 4) {
      requireNative(c);
      long q0 = cByteOffset + i * cRowBytes;
      long q1 = q0 + cRowBytes;
      long q2 = q1 + cRowBytes;
      long q3 = q2 + cRowBytes;
      FloatVector c00 = fromMemorySegment(F, c, q0, LITTLE_ENDIAN);
      FloatVector c01 = fromMemorySegment(F, c, q0 + BYTES, LITTLE_ENDIAN);
      FloatVector c02 = fromMemorySegment(F, c, q0 + 2 * BYTES, LITTLE_ENDIAN);
      FloatVector c10 = fromMemorySegment(F, c, q1, LITTLE_ENDIAN);
      FloatVector c11 = fromMemorySegment(F, c, q1 + BYTES, LITTLE_ENDIAN);
      FloatVector c12 = fromMemorySegment(F, c, q1 + 2 * BYTES, LITTLE_ENDIAN);
      FloatVector c20 = fromMemorySegment(F, c, q2, LITTLE_ENDIAN);
      FloatVector c21 = fromMemorySegment(F, c, q2 + BYTES, LITTLE_ENDIAN);
      FloatVector c22 = fromMemorySegment(F, c, q2 + 2 * BYTES, LITTLE_ENDIAN);
      FloatVector c30 = fromMemorySegment(F, c, q3, LITTLE_ENDIAN);
      FloatVector c31 = fromMemorySegment(F, c, q3 + BYTES, LITTLE_ENDIAN);
      FloatVector c32 = fromMemorySegment(F, c, q3 + 2 * BYTES, LITTLE_ENDIAN);
      long r0 = aByteOffset + i * STRIP_BYTES;
      for (int l = 0; l < k; l++) {
        long p = bByteOffset + l * bRowBytes;
        long r = r0 + ((long) l << 2);
        FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
        FloatVector b1 = fromMemorySegment(F, b, p + BYTES, LITTLE_ENDIAN);
        FloatVector b2 = fromMemorySegment(F, b, p + 2 * BYTES, LITTLE_ENDIAN);
        FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
        c00 = a0.fma(b0, c00);
        c01 = a0.fma(b1, c01);
        c02 = a0.fma(b2, c02);
        FloatVector a1 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + STRIP_BYTES));
        c10 = a1.fma(b0, c10);
        c11 = a1.fma(b1, c11);
        c12 = a1.fma(b2, c12);
        FloatVector a2 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 2 * STRIP_BYTES));
        c20 = a2.fma(b0, c20);
        c21 = a2.fma(b1, c21);
        c22 = a2.fma(b2, c22);
        FloatVector a3 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 3 * STRIP_BYTES));
        c30 = a3.fma(b0, c30);
        c31 = a3.fma(b1, c31);
        c32 = a3.fma(b2, c32);
      }
      c00.intoMemorySegment(c, q0, LITTLE_ENDIAN);
      c01.intoMemorySegment(c, q0 + BYTES, LITTLE_ENDIAN);
      c02.intoMemorySegment(c, q0 + 2 * BYTES, LITTLE_ENDIAN);
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
  }

  static void tile4x2(
      MemorySegment a,
      long aByteOffset,
      MemorySegment b,
      long bByteOffset,
      long bRowBytes,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int m,
      int k) {
    for (int i = 0; i < m; i += 4) {
      requireNative(c);
      long q0 = cByteOffset + i * cRowBytes;
      long q1 = q0 + cRowBytes;
      long q2 = q1 + cRowBytes;
      long q3 = q2 + cRowBytes;
      FloatVector c00 = fromMemorySegment(F, c, q0, LITTLE_ENDIAN);
      FloatVector c01 = fromMemorySegment(F, c, q0 + BYTES, LITTLE_ENDIAN);
      FloatVector c10 = fromMemorySegment(F, c, q1, LITTLE_ENDIAN);
      FloatVector c11 = fromMemorySegment(F, c, q1 + BYTES, LITTLE_ENDIAN);
      FloatVector c20 = fromMemorySegment(F, c, q2, LITTLE_ENDIAN);
      FloatVector c21 = fromMemorySegment(F, c, q2 + BYTES, LITTLE_ENDIAN);
      FloatVector c30 = fromMemorySegment(F, c, q3, LITTLE_ENDIAN);
      FloatVector c31 = fromMemorySegment(F, c, q3 + BYTES, LITTLE_ENDIAN);
      long r0 = aByteOffset + i * STRIP_BYTES;
      for (int l = 0; l < k; l++) {
        long p = bByteOffset + l * bRowBytes;
        long r = r0 + ((long) l << 2);
        FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
        FloatVector b1 = fromMemorySegment(F, b, p + BYTES, LITTLE_ENDIAN);
        FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
        c00 = a0.fma(b0, c00);
        c01 = a0.fma(b1, c01);
        FloatVector a1 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + STRIP_BYTES));
        c10 = a1.fma(b0, c10);
        c11 = a1.fma(b1, c11);
        FloatVector a2 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 2 * STRIP_BYTES));
        c20 = a2.fma(b0, c20);
        c21 = a2.fma(b1, c21);
        FloatVector a3 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 3 * STRIP_BYTES));
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

  static void tile4x1(
      MemorySegment a,
      long aByteOffset,
      MemorySegment b,
      long bByteOffset,
      long bRowBytes,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int m,
      int k) {
    for (int i = 0; i < m; i += 4) {
      requireNative(c);
      long q0 = cByteOffset + i * cRowBytes;
      long q1 = q0 + cRowBytes;
      long q2 = q1 + cRowBytes;
      long q3 = q2 + cRowBytes;
      FloatVector c00 = fromMemorySegment(F, c, q0, LITTLE_ENDIAN);
      FloatVector c10 = fromMemorySegment(F, c, q1, LITTLE_ENDIAN);
      FloatVector c20 = fromMemorySegment(F, c, q2, LITTLE_ENDIAN);
      FloatVector c30 = fromMemorySegment(F, c, q3, LITTLE_ENDIAN);
      long r0 = aByteOffset + i * STRIP_BYTES;
      for (int l = 0; l < k; l++) {
        long p = bByteOffset + l * bRowBytes;
        long r = r0 + ((long) l << 2);
        FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
        FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
        c00 = a0.fma(b0, c00);
        FloatVector a1 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + STRIP_BYTES));
        c10 = a1.fma(b0, c10);
        FloatVector a2 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 2 * STRIP_BYTES));
        c20 = a2.fma(b0, c20);
        FloatVector a3 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 3 * STRIP_BYTES));
        c30 = a3.fma(b0, c30);
      }
      c00.intoMemorySegment(c, q0, LITTLE_ENDIAN);
      c10.intoMemorySegment(c, q1, LITTLE_ENDIAN);
      c20.intoMemorySegment(c, q2, LITTLE_ENDIAN);
      c30.intoMemorySegment(c, q3, LITTLE_ENDIAN);
    }
  }

  static void tile1x2(
      MemorySegment a,
      long aByteOffset,
      MemorySegment b,
      long bByteOffset,
      long bRowBytes,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int m,
      int k) {
    for (int i = 0; i < m; i++) {
      requireNative(c);
      long q0 = cByteOffset + i * cRowBytes;
      FloatVector c00 = fromMemorySegment(F, c, q0, LITTLE_ENDIAN);
      FloatVector c01 = fromMemorySegment(F, c, q0 + BYTES, LITTLE_ENDIAN);
      long r0 = aByteOffset + i * STRIP_BYTES;
      for (int l = 0; l < k; l++) {
        long p = bByteOffset + l * bRowBytes;
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

  static void tile1x1(
      MemorySegment a,
      long aByteOffset,
      MemorySegment b,
      long bByteOffset,
      long bRowBytes,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int m,
      int k) {
    for (int i = 0; i < m; i++) {
      requireNative(c);
      long q0 = cByteOffset + i * cRowBytes;
      FloatVector c00 = fromMemorySegment(F, c, q0, LITTLE_ENDIAN);
      long r0 = aByteOffset + i * STRIP_BYTES;
      for (int l = 0; l < k; l++) {
        long p = bByteOffset + l * bRowBytes;
        long r = r0 + ((long) l << 2);
        FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
        FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
        c00 = a0.fma(b0, c00);
      }
      c00.intoMemorySegment(c, q0, LITTLE_ENDIAN);
    }
  }
}
