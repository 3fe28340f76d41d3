package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;

/// Packs the right operand of [GemmKernel]: panels of columns, each row of a panel contiguous.
///
/// - Panels are 3 vectors wide while more than 2 vectors of columns remain, then 1 vector. The last
///   one is padded with zeros, so that a tile is always whole.
/// - Column j of an operand with K rows is in the panel that begins at element j K.
/// - Writes: forward overwrites the panels, which do not overlap the source.
public final class PackKernel {
  private PackKernel() {}

  /// The columns of a panel before which `cols` columns remain.
  static int panelWidth(int cols) {
    return cols > 2 * F.length() ? 3 * F.length() : F.length();
  }

  /// Where the panel that begins with column `j` lies.
  static long panelByteOffset(int j, int rows) {
    return (long) j * rows * Float.BYTES;
  }

  /// The elements that an operand of `rows` by `cols` takes when packed.
  public static long elements(int rows, int cols) {
    int j = 0;
    while (j < cols) {
      j += panelWidth(cols - j);
    }
    return (long) j * rows;
  }

  /// Packs B from its row-major elements.
  public static void rowMajor(
      MemorySegment x, long xByteOffset, int rows, int cols, MemorySegment panels) {
    for (int j = 0, width; j < cols; j += width) {
      width = panelWidth(cols - j);
      long q = panelByteOffset(j, rows);
      for (int v = 0; v < width; v += F.length()) {
        long p = xByteOffset + ((long) (j + v) << 2);
        copyColumns(x, p, rows, cols, cols - j - v, panels, q + ((long) v << 2), (long) width << 2);
      }
    }
  }

  /// Copies one vector of columns, zeros beyond the last one.
  private static void copyColumns(
      MemorySegment x,
      long xByteOffset,
      int rows,
      int cols,
      int remaining,
      MemorySegment panel,
      long panelByteOffset,
      long panelRowBytes) {
    long rowBytes = (long) cols << 2;
    if (remaining >= F.length()) {
      for (int i = 0; i < rows; i++) {
        fromMemorySegment(F, x, xByteOffset + i * rowBytes, LITTLE_ENDIAN)
            .intoMemorySegment(panel, panelByteOffset + i * panelRowBytes, LITTLE_ENDIAN);
      }
    } else {
      for (int i = 0; i < rows; i++) {
        copyRest(
            x, xByteOffset + i * rowBytes, remaining, panel, panelByteOffset + i * panelRowBytes);
      }
    }
  }

  private static void copyRest(
      MemorySegment x, long xByteOffset, int remaining, MemorySegment panel, long q) {
    for (int j = 0; j < F.length(); j++) {
      long p = (long) j << 2;
      panel.set(JAVA_FLOAT, q + p, j < remaining ? x.get(JAVA_FLOAT, xByteOffset + p) : 0f);
    }
  }

  /// Packs B from the row-major elements of its transpose, such as a weight of shape `[out, in]`.
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
