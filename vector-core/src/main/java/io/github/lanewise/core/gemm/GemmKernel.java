package io.github.lanewise.core.gemm;

import static io.github.lanewise.core.gemm.PackKernel.ROWS;

import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Loop;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Matrix product: C += A B, where A is `[m, k]`, B is `[k, n]`, and C is row-major `[m, n]`.
///
/// All work is done by [TileKernel], whose header states order, error and special values. Here C, A
/// and B are cut into blocks, which are packed and stay in the caches while tiles run over them
/// (Goto and van de Geijn, 2008, Anatomy of High-Performance Matrix Multiplication). No block size
/// is part of the numerical contract.
///
/// - Writes: C, which must overlap neither A nor B, is added to. The [Workspace] is overwritten.
public final class GemmKernel {
  /// Values of k in a block. A panel of A and one of B then take 80 kB with vectors of 512 bits.
  static final int K_BLOCK = 384;

  /// Rows of A in a block, a multiple of [PackKernel#ROWS]. Packed, the block takes 360 kB.
  static final int M_BLOCK = 240;

  /// Columns of B in a block, a multiple of the widest panel. Packed, the block takes 1.1 MB.
  static final int N_BLOCK = 768;

  private static final Loop TILE_4X3 = Loop.of(TileKernel.class, "tile4x3");
  private static final Loop TILE_2X3 = Loop.of(TileKernel.class, "tile2x3");
  private static final Loop TILE_1X3 = Loop.of(TileKernel.class, "tile1x3");
  private static final Loop TILE_4X2 = Loop.of(TileKernel.class, "tile4x2");
  private static final Loop TILE_2X2 = Loop.of(TileKernel.class, "tile2x2");
  private static final Loop TILE_1X2 = Loop.of(TileKernel.class, "tile1x2");
  private static final Loop TILE_4X1 = Loop.of(TileKernel.class, "tile4x1");
  private static final Loop TILE_2X1 = Loop.of(TileKernel.class, "tile2x1");
  private static final Loop TILE_1X1 = Loop.of(TileKernel.class, "tile1x1");

  private GemmKernel() {}

  /// C += A B.
  ///
  /// @param aTransposed whether the rows in memory are the columns of A
  /// @param bTransposed whether the rows in memory are the columns of B
  public static void plain(
      MemorySegment a,
      long aByteOffset,
      long aRowBytes,
      boolean aTransposed,
      MemorySegment b,
      long bByteOffset,
      long bRowBytes,
      boolean bTransposed,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int m,
      int n,
      int k,
      Workspace work) {
    long aStepBytes = aTransposed ? aRowBytes : Float.BYTES;
    MemorySegment panels = work.memory();
    for (int j = 0, cols; j < n; j += cols) {
      cols = Math.min(N_BLOCK, n - j);
      for (int l = 0, depth; l < k; l += depth) {
        depth = Math.min(K_BLOCK, k - l);
        if (bTransposed) {
          long p = bByteOffset + j * bRowBytes + ((long) l << 2);
          PackKernel.transposed(b, p, bRowBytes, depth, cols, panels, work.rightByteOffset());
        } else {
          long p = bByteOffset + l * bRowBytes + ((long) j << 2);
          PackKernel.rowMajor(b, p, bRowBytes, depth, cols, panels, work.rightByteOffset());
        }
        block(
            a,
            aByteOffset + l * aStepBytes,
            aRowBytes,
            aTransposed,
            panels,
            work.rightByteOffset(),
            depth,
            0,
            c,
            cByteOffset + ((long) j << 2),
            cRowBytes,
            m,
            cols,
            depth,
            work);
      }
    }
  }

  /// C += A B, where [PackKernel] has packed all of B.
  public static void packed(
      MemorySegment a,
      long aByteOffset,
      long aRowBytes,
      MemorySegment b,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int m,
      int n,
      int k,
      Workspace work) {
    for (int l = 0, depth; l < k; l += depth) {
      depth = Math.min(K_BLOCK, k - l);
      long p = aByteOffset + ((long) l << 2);
      // A panel's rows lie one after the other, so the block begins l rows into each panel.
      block(a, p, aRowBytes, false, b, 0, k, l, c, cByteOffset, cRowBytes, m, n, depth, work);
    }
  }

  /// Adds the products of one block of k to C.
  ///
  /// @param bRows the number of rows of the panels of B
  /// @param bFrom the first row of the block in the panels of B
  private static void block(
      MemorySegment a,
      long aByteOffset,
      long aRowBytes,
      boolean aTransposed,
      MemorySegment b,
      long bByteOffset,
      int bRows,
      int bFrom,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int m,
      int n,
      int k,
      Workspace work) {
    MemorySegment panels = work.memory();
    for (int i = 0, rows; i < m; i += rows) {
      rows = Math.min(M_BLOCK, m - i);
      long r = aByteOffset + i * (aTransposed ? Float.BYTES : aRowBytes);
      long s = cByteOffset + i * cRowBytes;
      int tiled = rows - rows % ROWS;
      // Rows that fill no tile are read where they are, unless they are columns in memory.
      MemorySegment rest = a;
      long restByteOffset = r + tiled * aRowBytes;
      long restRowBytes = aRowBytes;
      if (aTransposed) {
        PackKernel.leftTransposed(a, r, aRowBytes, rows, k, panels, 0);
        rest = panels;
        restByteOffset = PackKernel.panelByteOffset(tiled, k);
        restRowBytes = (long) k << 2;
      } else {
        PackKernel.left(a, r, aRowBytes, rows, k, panels, 0);
      }
      for (int j = 0, cols; j < n; j += cols) {
        int width = PackKernel.panelWidth(n - j);
        cols = Math.min(width, n - j);
        long p = bByteOffset + PackKernel.panelByteOffset(j, bRows) + (long) bFrom * width * 4;
        long q = s + ((long) j << 2);
        for (int t = 0; t < tiled; t += ROWS) {
          long panel = PackKernel.panelByteOffset(t, k);
          tile(panels, panel, ROWS, b, p, width, c, q + t * cRowBytes, cRowBytes, cols, k, work);
        }
        for (int t = tiled; t < rows; t++) {
          long row = restByteOffset + (t - tiled) * restRowBytes;
          tile(rest, row, 1, b, p, width, c, q + t * cRowBytes, cRowBytes, cols, k, work);
        }
      }
    }
  }

  /// Runs a tile on C, or, where C has fewer columns than the panel of B, on a copy of its part of
  /// C.
  private static void tile(
      MemorySegment a,
      long aByteOffset,
      int rows,
      MemorySegment b,
      long bByteOffset,
      int width,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int cols,
      int k,
      Workspace work) {
    Loop loop = loop(rows, width);
    if (cols == width) {
      run(loop, a, aByteOffset, b, bByteOffset, c, cByteOffset, cRowBytes, k);
      return;
    }
    MemorySegment edge = work.memory();
    long edgeByteOffset = work.edgeByteOffset();
    long rowBytes = (long) width << 2;
    long bytes = (long) cols << 2;
    for (int i = 0; i < rows; i++) {
      long to = edgeByteOffset + i * rowBytes;
      MemorySegment.copy(c, cByteOffset + i * cRowBytes, edge, to, bytes);
    }
    run(loop, a, aByteOffset, b, bByteOffset, edge, edgeByteOffset, rowBytes, k);
    for (int i = 0; i < rows; i++) {
      long from = edgeByteOffset + i * rowBytes;
      MemorySegment.copy(edge, from, c, cByteOffset + i * cRowBytes, bytes);
    }
  }

  private static Loop loop(int rows, int width) {
    return switch (width / Lanes.LENGTH) {
      case 3 -> rows == 4 ? TILE_4X3 : rows == 2 ? TILE_2X3 : TILE_1X3;
      case 2 -> rows == 4 ? TILE_4X2 : rows == 2 ? TILE_2X2 : TILE_1X2;
      default -> rows == 4 ? TILE_4X1 : rows == 2 ? TILE_2X1 : TILE_1X1;
    };
  }

  private static void run(
      Loop loop,
      MemorySegment a,
      long aByteOffset,
      MemorySegment b,
      long bByteOffset,
      MemorySegment c,
      long cByteOffset,
      long cRowBytes,
      int k) {
    MethodHandle f = loop.handle((long) k * Lanes.LENGTH);
    try {
      f.invokeExact(a, aByteOffset, b, bByteOffset, c, cByteOffset, cRowBytes, k);
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }
}
