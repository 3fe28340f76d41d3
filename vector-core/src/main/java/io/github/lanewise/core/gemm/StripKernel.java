package io.github.lanewise.core.gemm;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.Scratch;
import io.github.lanewise.core.simd.Zeros;
import java.lang.foreign.MemorySegment;

/// The products of a linear layer on a strip of a batch, `[features][32]`: a row in each lane.
///
/// X is then the packed operand of a product as it is, and a weight, `[out][in]`, is read where it
/// lies: down its rows forward, down its columns backward. Nothing is packed.
///
/// - Order, error and special values: those of [TileKernel]. So the bits of a row are those of the
///   same row in any batch, on any path.
/// - Reference: Goto and van de Geijn (2008), Anatomy of High-Performance Matrix Multiplication,
///   for what is said of packing
public final class StripKernel {
  /// The rows of a strip, one in each lane: two of the widest vectors.
  public static final int LANES = 32;

  /// The distance from a feature of a strip, or a row of a panel, to the next.
  static final long STRIP_BYTES = 4L * LANES;

  /// The most rows of a gradient whose last columns are staged at once.
  private static final int STAGED = 256;

  /// The most outputs whose gradients are added up at once.
  private static final int BIASES = 128;

  private static final Loop FILL = Loop.of(StripTileKernel.class, "fill");
  private static final Loop TILE_4X2 = Loop.of(StripTileKernel.class, "tile4x2");
  private static final Loop LAST_4X2 = Loop.of(StripTileKernel.class, "last4x2");
  private static final Loop TILE_2X2 = Loop.of(StripTileKernel.class, "tile2x2");
  private static final Loop TILE_1X2 = Loop.of(StripTileKernel.class, "tile1x2");
  private static final Loop TRANSPOSED_4X2 = Loop.of(TransposedStripTileKernel.class, "tile4x2");
  private static final Loop TRANSPOSED_2X2 = Loop.of(TransposedStripTileKernel.class, "tile2x2");
  private static final Loop TRANSPOSED_1X2 = Loop.of(TransposedStripTileKernel.class, "tile1x2");
  private static final Loop GRADIENT_4X3 = Loop.of(GradientTileKernel.class, "tile4x3");
  private static final Loop GRADIENT_4X2 = Loop.of(GradientTileKernel.class, "tile4x2");
  private static final Loop GRADIENT_4X1 = Loop.of(GradientTileKernel.class, "tile4x1");
  private static final Loop GRADIENT_1X2 = Loop.of(GradientTileKernel.class, "tile1x2");
  private static final Loop GRADIENT_1X1 = Loop.of(GradientTileKernel.class, "tile1x1");

  private StripKernel() {}

  /// Y = W X + bias.
  public static void forward(
      MemorySegment w,
      long wByteOffset,
      MemorySegment bias,
      long biasByteOffset,
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int in,
      int out) {
    fill(bias, biasByteOffset, y, yByteOffset, out);
    for (long v = 0; v < STRIP_BYTES; v += 2 * Lanes.BYTES) {
      long p = xByteOffset + v;
      long q = yByteOffset + v;
      down(w, wByteOffset, 4L * in, x, p, y, q, out, in);
    }
  }

  /// GX = W^T GY.
  public static void backward(
      MemorySegment w,
      long wByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int in,
      int out) {
    Zeros.fill(gx, gxByteOffset, in * STRIP_BYTES);
    for (long v = 0; v < STRIP_BYTES; v += 2 * Lanes.BYTES) {
      across(w, wByteOffset, 4L * in, gy, gyByteOffset + v, gx, gxByteOffset + v, in, out);
    }
  }

  /// GW += GY X^T over the first `rows` rows of a strip, where X lies row by row.
  public static void addWeightGradient(
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment x,
      long xByteOffset,
      MemorySegment gw,
      long gwByteOffset,
      int in,
      int out,
      int rows) {
    int j = 0;
    for (int vectors; j + Lanes.LENGTH <= in; j += vectors * Lanes.LENGTH) {
      vectors = vectors((in - j) / Lanes.LENGTH);
      long p = xByteOffset + 4L * j;
      long q = gwByteOffset + 4L * j;
      gradient(vectors, gy, gyByteOffset, x, p, 4L * in, gw, q, 4L * in, out, rows);
    }
    if (j < in) {
      addStaged(
          gy,
          gyByteOffset,
          x,
          xByteOffset + 4L * j,
          gw,
          gwByteOffset + 4L * j,
          in,
          in - j,
          out,
          rows);
    }
  }

  /// GB += the sum of GY over the first `rows` rows of a strip, in ascending order: the gradient of
  /// the weight of an input that is always 1.
  ///
  /// GY is transposed in scratch, so that a vector holds sums of different outputs. The product is
  /// then that of a row of ones, which lies at the start of scratch, and the transposed GY.
  public static void addBiasGradient(
      MemorySegment gy, long gyByteOffset, MemorySegment gb, long gbByteOffset, int out, int rows) {
    try (Scratch scratch = Scratch.take()) {
      MemorySegment s = scratch.memory();
      for (int l = 0; l < rows; l++) {
        s.set(JAVA_FLOAT, 4L * l, 1f);
      }
      for (int i = 0, m; i < out; i += m) {
        m = Math.min(BIASES, out - i);
        int vectors = Math.ceilDiv(m, Lanes.LENGTH);
        long rowBytes = vectors * Lanes.BYTES;
        long sums = STRIP_BYTES;
        long terms = sums + rowBytes;
        long p = gyByteOffset + i * STRIP_BYTES;
        PackKernel.transpose(gy, p, STRIP_BYTES, m, rows, s, terms, rowBytes);
        MemorySegment.copy(gb, gbByteOffset + 4L * i, s, sums, 4L * m);
        gradient(vectors, s, 0, s, terms, rowBytes, s, sums, rowBytes, 1, rows);
        MemorySegment.copy(s, sums, gb, gbByteOffset + 4L * i, 4L * m);
      }
    }
  }

  /// Adds to columns of a gradient that are fewer than a vector, on a copy of them in scratch.
  ///
  /// @param x the same columns of the inputs
  /// @param cols the distance from a row of the gradient to the next, in elements
  /// @param taken the number of columns
  private static void addStaged(
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment x,
      long xByteOffset,
      MemorySegment gw,
      long gwByteOffset,
      int cols,
      int taken,
      int out,
      int rows) {
    try (Scratch scratch = Scratch.take()) {
      MemorySegment s = scratch.memory();
      long c = rows * Lanes.BYTES;
      for (int l = 0; l < rows; l++) {
        for (int j = 0; j < taken; j++) {
          float value = x.get(JAVA_FLOAT, xByteOffset + 4 * ((long) l * cols + j));
          s.set(JAVA_FLOAT, l * Lanes.BYTES + 4L * j, value);
        }
      }
      for (int i = 0, m; i < out; i += m) {
        m = Math.min(STAGED, out - i);
        long from = gwByteOffset + 4L * i * cols;
        copy(gw, from, 4L * cols, s, c, Lanes.BYTES, m, taken);
        long p = gyByteOffset + i * STRIP_BYTES;
        gradient(1, gy, p, s, 0, Lanes.BYTES, s, c, Lanes.BYTES, m, rows);
        copy(s, c, Lanes.BYTES, gw, from, 4L * cols, m, taken);
      }
    }
  }

  private static void copy(
      MemorySegment x,
      long xByteOffset,
      long xRowBytes,
      MemorySegment y,
      long yByteOffset,
      long yRowBytes,
      int rows,
      int cols) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        float value = x.get(JAVA_FLOAT, xByteOffset + i * xRowBytes + 4L * j);
        y.set(JAVA_FLOAT, yByteOffset + i * yRowBytes + 4L * j, value);
      }
    }
  }

  /// Sets the rows of Y to the bias, from which a product goes on.
  static void fill(
      MemorySegment bias, long biasByteOffset, MemorySegment y, long yByteOffset, int m) {
    try {
      FILL.handle((long) m * LANES).invokeExact(bias, biasByteOffset, y, yByteOffset, m);
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// Returns how many vectors of columns the next tiles of a gradient take: 3, but the last 4 are
  /// twice 2, since a tile of one vector waits for its own sums.
  private static int vectors(int left) {
    return left > 4 || left == 3 ? 3 : left == 4 ? 2 : left;
  }

  /// C += A B for two vectors of columns of strips B and C.
  private static void down(
      MemorySegment a,
      long aByteOffset,
      long aRowBytes,
      MemorySegment b,
      long bByteOffset,
      MemorySegment c,
      long cByteOffset,
      int m,
      int k) {
    int rows;
    for (int i = 0; i < m; i += rows) {
      rows = m - i > 3 ? (m - i) / 4 * 4 : m - i > 1 ? 2 : 1;
      long p = aByteOffset + i * aRowBytes;
      long q = cByteOffset + i * STRIP_BYTES;
      int even = rows > 3 ? k / 2 * 2 : 0;
      if (even > 0) {
        strip(TILE_4X2, a, p, aRowBytes, b, bByteOffset, c, q, rows, even);
      }
      if (even < k) {
        Loop loop = rows > 3 ? LAST_4X2 : rows == 2 ? TILE_2X2 : TILE_1X2;
        long from = bByteOffset + even * STRIP_BYTES;
        strip(loop, a, p + 4L * even, aRowBytes, b, from, c, q, rows, k - even);
      }
    }
  }

  /// C += A^T B for two vectors of columns of strips B and C.
  static void across(
      MemorySegment a,
      long aByteOffset,
      long aRowBytes,
      MemorySegment b,
      long bByteOffset,
      MemorySegment c,
      long cByteOffset,
      int m,
      int k) {
    int rows;
    for (int i = 0; i < m; i += rows) {
      rows = m - i > 3 ? (m - i) / 4 * 4 : m - i > 1 ? 2 : 1;
      Loop loop = rows > 3 ? TRANSPOSED_4X2 : rows == 2 ? TRANSPOSED_2X2 : TRANSPOSED_1X2;
      long p = aByteOffset + 4L * i;
      strip(loop, a, p, aRowBytes, b, bByteOffset, c, cByteOffset + i * STRIP_BYTES, rows, k);
    }
  }

  private static void strip(
      Loop loop,
      MemorySegment a,
      long aByteOffset,
      long aRowBytes,
      MemorySegment b,
      long bByteOffset,
      MemorySegment c,
      long cByteOffset,
      int m,
      int k) {
    try {
      loop.handle((long) k * Lanes.LENGTH)
          .invokeExact(a, aByteOffset, aRowBytes, b, bByteOffset, c, cByteOffset, m, k);
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// C += A B for some vectors of columns, where A is a strip.
  private static void gradient(
      int vectors,
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
    int fours = m / 4 * 4;
    if (fours > 0) {
      Loop loop = vectors == 3 ? GRADIENT_4X3 : vectors == 2 ? GRADIENT_4X2 : GRADIENT_4X1;
      run(loop, a, aByteOffset, b, bByteOffset, bRowBytes, c, cByteOffset, cRowBytes, fours, k);
    }
    long p = aByteOffset + fours * STRIP_BYTES;
    for (int v = 0, taken; v < vectors && fours < m; v += taken) {
      taken = Math.min(2, vectors - v);
      Loop loop = taken == 2 ? GRADIENT_1X2 : GRADIENT_1X1;
      long from = bByteOffset + v * Lanes.BYTES;
      long to = cByteOffset + fours * cRowBytes + v * Lanes.BYTES;
      run(loop, a, p, b, from, bRowBytes, c, to, cRowBytes, m - fours, k);
    }
  }

  private static void run(
      Loop loop,
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
    try {
      loop.handle((long) k * Lanes.LENGTH)
          .invokeExact(a, aByteOffset, b, bByteOffset, bRowBytes, c, cByteOffset, cRowBytes, m, k);
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }
}
