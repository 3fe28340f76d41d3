package io.github.lanewise.core.gemm;

import static io.github.lanewise.core.simd.Lanes.F;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;

/// Packs the right operand of [GemmKernel]: its columns are cut into panels, and the rows of a
/// panel lie one after the other.
///
/// - A panel is 3 vectors wide while more than 2 vectors of columns remain, then 1 vector wide. The
///   last panel is padded with zeros, so that every tile is whole.
/// - For an operand with K rows, the panel that starts with column j begins at element j K.
/// - Writes: the panels are overwritten; they must not overlap the source.
public final class PackKernel {
  private PackKernel() {}

  /// Returns the width in columns of the next panel, where `cols` columns remain.
  static int panelWidth(int cols) {
    return cols > 2 * F.length() ? 3 * F.length() : F.length();
  }

  /// Returns the byte offset of the panel that starts with column `j`.
  static long panelByteOffset(int j, int rows) {
    return (long) j * rows * Float.BYTES;
  }

  /// Returns how many elements an operand of `rows` by `cols` takes when it is packed.
  public static long elements(int rows, int cols) {
    int j = 0;
    while (j < cols) {
      j += panelWidth(cols - j);
    }
    return (long) j * rows;
  }

  /// Packs B, `[rows, cols]`, from its row-major elements.
  public static void rowMajor(
      MemorySegment x, long xByteOffset, int rows, int cols, MemorySegment panels) {
    for (int j = 0, width; j < cols; j += width) {
      width = panelWidth(cols - j);
      long panel = panelByteOffset(j, rows);
      long bytes = (long) Math.min(width, cols - j) << 2;
      for (int i = 0; i < rows; i++) {
        long p = xByteOffset + (((long) i * cols + j) << 2);
        MemorySegment.copy(x, p, panels, panel + (long) i * width * Float.BYTES, bytes);
      }
      for (int k = cols - j; k < width; k++) {
        clearColumn(rows, panels, panel + ((long) k << 2), (long) width << 2);
      }
    }
  }

  /// Packs B, `[rows, cols]`, from the row-major elements of its transpose, such as a weight of
  /// shape `[out, in]`.
  public static void transposed(
      MemorySegment x, long xByteOffset, int rows, int cols, MemorySegment panels) {
    for (int j = 0, width; j < cols; j += width) {
      width = panelWidth(cols - j);
      long panel = panelByteOffset(j, rows);
      for (int v = 0; v < width; v++) {
        long q = panel + ((long) v << 2);
        if (j + v < cols) {
          long p = xByteOffset + (long) (j + v) * rows * Float.BYTES;
          copyColumn(x, p, rows, panels, q, (long) width << 2);
        } else {
          clearColumn(rows, panels, q, (long) width << 2);
        }
      }
    }
  }

  private static void copyColumn(
      MemorySegment x, long xByteOffset, int rows, MemorySegment panel, long q, long rowBytes) {
    for (int i = 0; i < rows; i++) {
      panel.set(JAVA_FLOAT, q + i * rowBytes, x.get(JAVA_FLOAT, xByteOffset + ((long) i << 2)));
    }
  }

  private static void clearColumn(int rows, MemorySegment panel, long q, long rowBytes) {
    for (int i = 0; i < rows; i++) {
      panel.set(JAVA_FLOAT, q + i * rowBytes, 0f);
    }
  }
}
