package io.github.lanewise.core.gemm;

import static io.github.lanewise.core.simd.Lanes.BYTES;
import static io.github.lanewise.core.simd.Lanes.F;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Matrix product: C = A B, or C += A B, where [PackKernel] has packed B. A has m rows and K
/// columns.
///
/// - Order: the values of k, which counts the columns of A, are cut into blocks of [#K_BLOCK]. For
///   each block an element of C gains one chain of FMAs, over ascending k. That does not depend on
///   the tile, the vector width or the other rows, so a row alone has the same bits as in a batch.
/// - Error: at most K u / (1 - K u) of abs(A) abs(B), u = 2^-24 (Higham's classical bound).
/// - Special values: those of IEEE arithmetic. inf times 0 is NaN, because no factor of 0 is
///   skipped.
/// - Writes: C, which must overlap neither A nor B, is overwritten or added to; scratch, of
///   [#SCRATCH_FLOATS], is overwritten.
/// - Tiles: 4 rows by 3 vectors, whose 12 sums, 3 vectors of B and 1 of A fill the 16 registers of
///   AVX2. Tiles of 1 row or 1 vector serve the edges.
///
/// A method that computes a tile only stores its sums. They go directly to C, or, at an edge and
/// where C is added to, to scratch, from where [#block] moves them. A tile that also added to C
/// would be too large for C2 (see "Body once" in `Loop`), and all of its sums would be boxed.
public final class GemmKernel {
  /// The largest number of products in one chain of FMAs, which is part of the numerical contract.
  /// With 512-bit vectors a panel of B takes 24 kB per block.
  public static final int K_BLOCK = 128;

  private static final int ROWS = 4;

  /// The number of floats in the largest tile.
  public static final int SCRATCH_FLOATS = ROWS * 3 * F.length();

  private GemmKernel() {}

  /// Adds the products of one block of k to C, or overwrites C with them.
  ///
  /// @param aRowBytes the distance from an element of A to the one in the next row
  /// @param aStepBytes the distance from an element of A to the one for the next k
  /// @param bRows the number of rows of all of B, which is the height of its panels
  /// @param kFrom the first k of the block: a column of A and a row of B
  /// @param k the number of values of k in the block, at most [#K_BLOCK]
  /// @param m the number of rows of A and C
  /// @param n the number of columns of B and C
  public static void block(
      MemorySegment a,
      long aByteOffset,
      long aRowBytes,
      long aStepBytes,
      MemorySegment b,
      int bRows,
      int kFrom,
      int k,
      MemorySegment c,
      long cByteOffset,
      int m,
      int n,
      boolean overwrite,
      MemorySegment scratch) {
    assert 0 <= m && 0 <= n && 0 <= k && k <= K_BLOCK && kFrom <= bRows - k;
    long cRowBytes = (long) n << 2;
    for (int j = 0, width; j < n; j += width) {
      width = PackKernel.panelWidth(n - j);
      boolean straight = overwrite && width <= n - j;
      MemorySegment to = straight ? c : scratch;
      long toRowBytes = straight ? cRowBytes : (long) width << 2;
      long p = PackKernel.panelByteOffset(j, bRows) + kFrom * (long) width * Float.BYTES;
      for (int i = 0, rows; i < m; i += rows) {
        rows = m - i >= ROWS ? ROWS : 1;
        long r = aByteOffset + kFrom * aStepBytes + i * aRowBytes;
        long s = cByteOffset + i * cRowBytes + ((long) j << 2);
        tile(a, r, aRowBytes, aStepBytes, b, p, k, to, straight ? s : 0, toRowBytes, rows, width);
        if (!straight) {
          move(scratch, toRowBytes, c, s, cRowBytes, rows, Math.min(width, n - j), overwrite);
        }
      }
    }
  }

  private static void tile(
      MemorySegment a,
      long aByteOffset,
      long aRowBytes,
      long aStepBytes,
      MemorySegment b,
      long bByteOffset,
      int k,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int rows,
      int width) {
    boolean wide = width > F.length();
    if (rows == ROWS && wide) {
      tile4x3(a, aByteOffset, aRowBytes, aStepBytes, b, bByteOffset, k, c, cByteOffset, cRowBytes);
    } else if (rows == ROWS) {
      tile4x1(a, aByteOffset, aRowBytes, aStepBytes, b, bByteOffset, k, c, cByteOffset, cRowBytes);
    } else if (wide) {
      tile1x3(a, aByteOffset, aStepBytes, b, bByteOffset, k, c, cByteOffset);
    } else {
      tile1x1(a, aByteOffset, aStepBytes, b, bByteOffset, k, c, cByteOffset);
    }
  }

  /// Copies the sums of a tile from scratch to C, or adds them to it.
  private static void move(
      MemorySegment scratch,
      long scratchRowBytes,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int rows,
      int cols,
      boolean overwrite) {
    for (int i = 0; i < rows; i++) {
      long p = i * scratchRowBytes;
      long q = cByteOffset + i * cRowBytes;
      if (overwrite) {
        MemorySegment.copy(scratch, p, c, q, (long) cols << 2);
      } else {
        AxpyKernel.run(scratch, p, c, q, c, q, cols, 1f);
      }
    }
  }

  private static void tile4x3(
      MemorySegment a,
      long aByteOffset,
      long aRowBytes,
      long aStepBytes,
      MemorySegment b,
      long bByteOffset,
      int k,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes) {
    FloatVector zero = FloatVector.zero(F);
    FloatVector c00 = zero, c01 = zero, c02 = zero;
    FloatVector c10 = zero, c11 = zero, c12 = zero;
    FloatVector c20 = zero, c21 = zero, c22 = zero;
    FloatVector c30 = zero, c31 = zero, c32 = zero;
    for (int l = 0; l < k; l++) {
      long p = bByteOffset + 3 * BYTES * l;
      long r = aByteOffset + aStepBytes * l;
      FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
      FloatVector b1 = fromMemorySegment(F, b, p + BYTES, LITTLE_ENDIAN);
      FloatVector b2 = fromMemorySegment(F, b, p + 2 * BYTES, LITTLE_ENDIAN);
      FloatVector a0 = broadcast(a, r);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = broadcast(a, r + aRowBytes);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      FloatVector a2 = broadcast(a, r + 2 * aRowBytes);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      FloatVector a3 = broadcast(a, r + 3 * aRowBytes);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
    }
    c00.intoMemorySegment(c, cByteOffset, LITTLE_ENDIAN);
    c01.intoMemorySegment(c, cByteOffset + BYTES, LITTLE_ENDIAN);
    c02.intoMemorySegment(c, cByteOffset + 2 * BYTES, LITTLE_ENDIAN);
    long q1 = cByteOffset + cRowBytes;
    c10.intoMemorySegment(c, q1, LITTLE_ENDIAN);
    c11.intoMemorySegment(c, q1 + BYTES, LITTLE_ENDIAN);
    c12.intoMemorySegment(c, q1 + 2 * BYTES, LITTLE_ENDIAN);
    long q2 = cByteOffset + 2 * cRowBytes;
    c20.intoMemorySegment(c, q2, LITTLE_ENDIAN);
    c21.intoMemorySegment(c, q2 + BYTES, LITTLE_ENDIAN);
    c22.intoMemorySegment(c, q2 + 2 * BYTES, LITTLE_ENDIAN);
    long q3 = cByteOffset + 3 * cRowBytes;
    c30.intoMemorySegment(c, q3, LITTLE_ENDIAN);
    c31.intoMemorySegment(c, q3 + BYTES, LITTLE_ENDIAN);
    c32.intoMemorySegment(c, q3 + 2 * BYTES, LITTLE_ENDIAN);
  }

  private static void tile4x1(
      MemorySegment a,
      long aByteOffset,
      long aRowBytes,
      long aStepBytes,
      MemorySegment b,
      long bByteOffset,
      int k,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes) {
    FloatVector zero = FloatVector.zero(F);
    FloatVector c00 = zero, c10 = zero, c20 = zero, c30 = zero;
    for (int l = 0; l < k; l++) {
      long p = bByteOffset + BYTES * l;
      long r = aByteOffset + aStepBytes * l;
      FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
      FloatVector a0 = broadcast(a, r);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = broadcast(a, r + aRowBytes);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = broadcast(a, r + 2 * aRowBytes);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = broadcast(a, r + 3 * aRowBytes);
      c30 = a3.fma(b0, c30);
    }
    c00.intoMemorySegment(c, cByteOffset, LITTLE_ENDIAN);
    long q1 = cByteOffset + cRowBytes;
    c10.intoMemorySegment(c, q1, LITTLE_ENDIAN);
    long q2 = cByteOffset + 2 * cRowBytes;
    c20.intoMemorySegment(c, q2, LITTLE_ENDIAN);
    long q3 = cByteOffset + 3 * cRowBytes;
    c30.intoMemorySegment(c, q3, LITTLE_ENDIAN);
  }

  private static void tile1x3(
      MemorySegment a,
      long aByteOffset,
      long aStepBytes,
      MemorySegment b,
      long bByteOffset,
      int k,
      MemorySegment c,
      long cByteOffset) {
    FloatVector zero = FloatVector.zero(F);
    FloatVector c00 = zero, c01 = zero, c02 = zero;
    for (int l = 0; l < k; l++) {
      long p = bByteOffset + 3 * BYTES * l;
      long r = aByteOffset + aStepBytes * l;
      FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
      FloatVector b1 = fromMemorySegment(F, b, p + BYTES, LITTLE_ENDIAN);
      FloatVector b2 = fromMemorySegment(F, b, p + 2 * BYTES, LITTLE_ENDIAN);
      FloatVector a0 = broadcast(a, r);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
    }
    c00.intoMemorySegment(c, cByteOffset, LITTLE_ENDIAN);
    c01.intoMemorySegment(c, cByteOffset + BYTES, LITTLE_ENDIAN);
    c02.intoMemorySegment(c, cByteOffset + 2 * BYTES, LITTLE_ENDIAN);
  }

  private static void tile1x1(
      MemorySegment a,
      long aByteOffset,
      long aStepBytes,
      MemorySegment b,
      long bByteOffset,
      int k,
      MemorySegment c,
      long cByteOffset) {
    FloatVector zero = FloatVector.zero(F);
    FloatVector c00 = zero;
    for (int l = 0; l < k; l++) {
      long p = bByteOffset + BYTES * l;
      long r = aByteOffset + aStepBytes * l;
      FloatVector b0 = fromMemorySegment(F, b, p, LITTLE_ENDIAN);
      FloatVector a0 = broadcast(a, r);
      c00 = a0.fma(b0, c00);
    }
    c00.intoMemorySegment(c, cByteOffset, LITTLE_ENDIAN);
  }

  private static FloatVector broadcast(MemorySegment a, long aByteOffset) {
    return FloatVector.broadcast(F, a.get(JAVA_FLOAT, aByteOffset));
  }
}
