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

/// The product C += A^T B, where B and C are strips of a batch: [StripTileKernel] for an operand
/// whose rows are neighbours for each step of k, and whose steps are `aRowBytes` apart.
///
/// - Order, error and special values: those of [TileKernel].
/// - Writes: C is added to; it must overlap neither A nor B.
final class TransposedStripTileKernel {
  private TransposedStripTileKernel() {}

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
      long r0 = aByteOffset + ((long) i << 2);
      for (int l = 0; l < k; l++) {
        long p = bByteOffset + l * STRIP_BYTES;
        long r = r0 + l * aRowBytes;
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
      long r0 = aByteOffset + ((long) i << 2);
      for (int l = 0; l < k; l++) {
        long p = bByteOffset + l * STRIP_BYTES;
        long r = r0 + l * aRowBytes;
        FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
        FloatVector b1 = fromMemorySegment(F, b, p + BYTES, LITTLE_ENDIAN);
        FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r));
        c00 = a0.fma(b0, c00);
        c01 = a0.fma(b1, c01);
        FloatVector a1 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, r + 4));
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
      long r0 = aByteOffset + ((long) i << 2);
      for (int l = 0; l < k; l++) {
        long p = bByteOffset + l * STRIP_BYTES;
        long r = r0 + l * aRowBytes;
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
