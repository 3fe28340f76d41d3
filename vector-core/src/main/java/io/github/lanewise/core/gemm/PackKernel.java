package io.github.lanewise.core.gemm;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.Scratch;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Packs the operands of [GemmKernel], so that a tile reads each of them in one stream.
///
/// - B, of K rows, is cut into panels of columns, and the rows of a panel lie one after the other.
///   A panel is 3 vectors wide, but the last 4 vectors of columns are two panels of 2, since a tile
///   of one vector waits for its own sums. The last panel is padded with zeros. The panel that
///   starts with column j begins at element j K.
/// - A, of K columns, is cut into panels of [#ROWS] rows, and the columns of a panel lie one after
///   the other. The rows that are left over are panels of their own. The panel that starts with row
///   i begins at element i K.
/// - Writes: the panels are overwritten; they must not overlap the source.
public final class PackKernel {
  /// The number of rows of a tile. Its sums and operands must fit the registers: 32 with vectors of
  /// 512 bits and on ARM, whose vectors have 128, and 16 on processors with 256.
  static final int ROWS = Lanes.LENGTH == 8 ? 2 : 4;

  private static final int WIDE = 3 * Lanes.LENGTH;

  /// The number of panels of rows in a vector.
  private static final int GROUPS = Lanes.LENGTH / ROWS;

  /// The largest number of columns that are transposed at once: as many as the scratch memory holds
  /// for a vector of rows, in whole vectors of 512 bits.
  private static final int CHUNK = (int) (Scratch.BYTES / Lanes.BYTES) / 16 * 16;

  private static final Loop COPY = Loop.of(TransposeKernel.class, "copy");
  private static final Loop PAIRS = Loop.of(TransposeKernel.class, "pairs");
  private static final Loop FOURS = Loop.of(TransposeKernel.class, "fours");
  private static final Loop QUARTERS = Loop.of(TransposeKernel.class, "quarters");

  private PackKernel() {}

  /// Returns the width in columns of the next panel of B, where `cols` columns remain.
  static int panelWidth(int cols) {
    if (cols > 4 * Lanes.LENGTH) {
      return WIDE;
    }
    int vectors = (cols + Lanes.LENGTH - 1) / Lanes.LENGTH;
    return vectors == 4 ? 2 * Lanes.LENGTH : vectors * Lanes.LENGTH;
  }

  /// Returns the byte offset of the panel that starts with column or row `j`.
  static long panelByteOffset(int j, int k) {
    return (long) j * k * Float.BYTES;
  }

  /// Returns how many elements B, `[rows, cols]`, takes when it is packed.
  public static long elements(int rows, int cols) {
    long padded = (cols - 1L + Lanes.LENGTH) / Lanes.LENGTH * Lanes.LENGTH;
    return padded * rows;
  }

  /// Packs B, `[rows, cols]`, from its row-major elements.
  public static void rowMajor(
      MemorySegment x,
      long xByteOffset,
      long xRowBytes,
      int rows,
      int cols,
      MemorySegment panels,
      long panelsByteOffset) {
    for (int j = 0, taken; j < cols; j += taken) {
      int width = panelWidth(cols - j);
      taken = Math.min(width, cols - j);
      long p = xByteOffset + ((long) j << 2);
      long q = panelsByteOffset + panelByteOffset(j, rows);
      long rowBytes = (long) width << 2;
      int v = 0;
      for (; v + Lanes.LENGTH <= taken; v += Lanes.LENGTH) {
        copy(x, p + 4L * v, xRowBytes, panels, q + 4L * v, rowBytes, rows);
      }
      for (; v < width; v++) {
        if (v < taken) {
          column(x, p + 4L * v, xRowBytes, panels, q + 4L * v, rowBytes, rows);
        } else {
          clear(panels, q + 4L * v, rowBytes, rows);
        }
      }
    }
  }

  /// Packs B, `[rows, cols]`, from the row-major elements of its transpose, such as a weight of
  /// shape `[out, in]`.
  public static void transposed(
      MemorySegment x,
      long xByteOffset,
      long xRowBytes,
      int rows,
      int cols,
      MemorySegment panels,
      long panelsByteOffset) {
    for (int j = 0, taken; j < cols; j += taken) {
      int width = panelWidth(cols - j);
      taken = Math.min(width, cols - j);
      long p = xByteOffset + j * xRowBytes;
      long q = panelsByteOffset + panelByteOffset(j, rows);
      long rowBytes = (long) width << 2;
      int v = 0;
      for (; v + Lanes.LENGTH <= taken; v += Lanes.LENGTH) {
        square(x, p + v * xRowBytes, xRowBytes, rows, panels, q + 4L * v, rowBytes);
      }
      for (; v < width; v++) {
        if (v < taken) {
          column(x, p + v * xRowBytes, Float.BYTES, panels, q + 4L * v, rowBytes, rows);
        } else {
          clear(panels, q + 4L * v, rowBytes, rows);
        }
      }
    }
  }

  /// Packs the rows of A, `[rows, k]`, from its row-major elements. The rows that fill no tile are
  /// left out, because they are panels as they are.
  static void left(
      MemorySegment x,
      long xByteOffset,
      long xRowBytes,
      int rows,
      int k,
      MemorySegment panels,
      long panelsByteOffset) {
    int whole = k - k % Lanes.LENGTH;
    for (int i = 0; i < rows - rows % ROWS; i += ROWS) {
      long p = xByteOffset + i * xRowBytes;
      long q = panelsByteOffset + panelByteOffset(i, k);
      interleave(x, p, xRowBytes, panels, q, whole);
      for (int r = 0; r < ROWS && whole < k; r++) {
        long from = p + r * xRowBytes + 4L * whole;
        long to = q + 4L * whole * ROWS + 4L * r;
        column(x, from, Float.BYTES, panels, to, 4L * ROWS, k - whole);
      }
    }
  }

  /// Packs the rows of A, `[rows, k]`, from the row-major elements of its transpose.
  static void leftTransposed(
      MemorySegment x,
      long xByteOffset,
      long xRowBytes,
      int rows,
      int k,
      MemorySegment panels,
      long panelsByteOffset) {
    int i = 0;
    for (; i + Lanes.LENGTH <= rows; i += Lanes.LENGTH) {
      long q = panelsByteOffset + panelByteOffset(i, k);
      spread(x, xByteOffset + 4L * i, xRowBytes, k, panels, q);
    }
    for (; i < rows; i++) {
      boolean alone = i >= rows - rows % ROWS;
      int first = alone ? i : i - i % ROWS;
      long q = panelsByteOffset + panelByteOffset(first, k) + 4L * (i - first);
      long p = xByteOffset + 4L * i;
      column(x, p, xRowBytes, panels, q, alone ? Float.BYTES : 4L * ROWS, k);
    }
  }

  /// Y = X^T, where X is `[rows, cols]`, and a row of each begins so many bytes after the one
  /// before.
  public static void transpose(
      MemorySegment x,
      long xByteOffset,
      long xRowBytes,
      int rows,
      int cols,
      MemorySegment y,
      long yByteOffset,
      long yRowBytes) {
    int v = 0;
    for (; v + Lanes.LENGTH <= rows; v += Lanes.LENGTH) {
      square(x, xByteOffset + v * xRowBytes, xRowBytes, cols, y, yByteOffset + 4L * v, yRowBytes);
    }
    for (; v < rows; v++) {
      long p = xByteOffset + v * xRowBytes;
      column(x, p, Float.BYTES, y, yByteOffset + 4L * v, yRowBytes, cols);
    }
  }

  /// Transposes as many rows as a vector has lanes, each of `k` elements.
  private static void square(
      MemorySegment x,
      long xByteOffset,
      long xRowBytes,
      int k,
      MemorySegment y,
      long yByteOffset,
      long yRowBytes) {
    int whole = k - k % Lanes.LENGTH;
    if (whole > 0) {
      try (Scratch scratch = Scratch.take()) {
        MemorySegment s = scratch.memory();
        for (int l = 0, n; l < whole; l += n) {
          n = Math.min(CHUNK, whole - l);
          long panelBytes = 4L * n * ROWS;
          for (int g = 0; g < GROUPS; g++) {
            long p = xByteOffset + (long) g * ROWS * xRowBytes + 4L * l;
            interleave(x, p, xRowBytes, s, g * panelBytes, n);
          }
          long q = yByteOffset + l * yRowBytes;
          if (GROUPS == 1) {
            copy(s, 0, Lanes.BYTES, y, q, yRowBytes, n);
          } else {
            quarters(s, 0, panelBytes, Lanes.BYTES, y, q, yRowBytes, 4 * yRowBytes, n / 4);
          }
        }
      }
    }
    for (int v = 0; v < Lanes.LENGTH && whole < k; v++) {
      long p = xByteOffset + v * xRowBytes + 4L * whole;
      long q = yByteOffset + whole * yRowBytes + 4L * v;
      column(x, p, Float.BYTES, y, q, yRowBytes, k - whole);
    }
  }

  /// Spreads `k` vectors of neighbours over panels of [#ROWS] rows.
  private static void spread(
      MemorySegment x, long xByteOffset, long xRowBytes, int k, MemorySegment y, long yByteOffset) {
    long panelBytes = panelByteOffset(ROWS, k);
    if (GROUPS == 1) {
      copy(x, xByteOffset, xRowBytes, y, yByteOffset, Lanes.BYTES, k);
      return;
    }
    int whole = k - k % GROUPS;
    quarters(
        x,
        xByteOffset,
        xRowBytes,
        GROUPS * xRowBytes,
        y,
        yByteOffset,
        panelBytes,
        Lanes.BYTES,
        k / GROUPS);
    for (int i = 0; i < Lanes.LENGTH && whole < k; i++) {
      long p = xByteOffset + 4L * i + whole * xRowBytes;
      long q = yByteOffset + i / ROWS * panelBytes + 4L * (i % ROWS) + 4L * whole * ROWS;
      column(x, p, xRowBytes, y, q, 4L * ROWS, k - whole);
    }
  }

  private static void copy(
      MemorySegment x,
      long xByteOffset,
      long xRowBytes,
      MemorySegment y,
      long yByteOffset,
      long yRowBytes,
      int rows) {
    MethodHandle f = COPY.handle((long) rows * Lanes.LENGTH);
    try {
      f.invokeExact(x, xByteOffset, xRowBytes, y, yByteOffset, yRowBytes, rows);
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// Transposes [#ROWS] rows of `cols` columns, a multiple of the vector length.
  private static void interleave(
      MemorySegment x,
      long xByteOffset,
      long xRowBytes,
      MemorySegment y,
      long yByteOffset,
      int cols) {
    MethodHandle f = (ROWS == 2 ? PAIRS : FOURS).handle(cols);
    try {
      f.invokeExact(x, xByteOffset, xRowBytes, y, yByteOffset, cols);
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  private static void quarters(
      MemorySegment x,
      long xByteOffset,
      long xRowBytes,
      long xBlockBytes,
      MemorySegment y,
      long yByteOffset,
      long yRowBytes,
      long yBlockBytes,
      int blocks) {
    MethodHandle f = QUARTERS.handle((long) blocks * Lanes.LENGTH);
    try {
      f.invokeExact(
          x, xByteOffset, xRowBytes, xBlockBytes, y, yByteOffset, yRowBytes, yBlockBytes, blocks);
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  private static void column(
      MemorySegment x,
      long xByteOffset,
      long xRowBytes,
      MemorySegment y,
      long yByteOffset,
      long yRowBytes,
      int rows) {
    for (int i = 0; i < rows; i++) {
      y.set(
          JAVA_FLOAT, yByteOffset + i * yRowBytes, x.get(JAVA_FLOAT, xByteOffset + i * xRowBytes));
    }
  }

  private static void clear(MemorySegment y, long yByteOffset, long yRowBytes, int rows) {
    for (int i = 0; i < rows; i++) {
      y.set(JAVA_FLOAT, yByteOffset + i * yRowBytes, 0f);
    }
  }
}
