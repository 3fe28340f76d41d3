package io.github.lanewise.core.gemm;

import static io.github.lanewise.core.gemm.CompactTileKernel.ROW_BYTES;
import static io.github.lanewise.core.gemm.StripKernel.LANES;
import static io.github.lanewise.core.gemm.StripKernel.STRIP_BYTES;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.Scratch;
import io.github.lanewise.core.simd.Zeros;
import java.lang.foreign.MemorySegment;

/// The products of a linear layer whose weight is served as bfloat16: half the memory of
/// [PackedStripKernel], which one row at a time is bound by.
///
/// First comes the bias, as floats, then the weight in panels of 32 outputs, `[in][32]`, all padded
/// with zeros to whole panels. Of a row of a panel, output j and output j + 16 share an `int`.
///
/// - Weights are rounded to the nearest bfloat16, ties to even: a relative change of at most 2^-8.
///   A NaN stays one, and a finite weight that rounds beyond the largest becomes infinite.
/// - Order, error and special values: those of [TileKernel], on both paths, with the rounded
///   weights.
public final class CompactStripKernel {
  /// The rows of a panel that are decoded at once, into scratch.
  private static final int CHUNK = 64;

  private static final Loop EIGHT = Loop.of(CompactTileKernel.class, "eight");
  private static final Loop TWO = Loop.of(CompactTileKernel.class, "two");
  private static final Loop DECODE = Loop.of(CompactTileKernel.class, "decode");

  private CompactStripKernel() {}

  /// Returns how many floats a packed layer takes: its bias, then the panels, all padded to whole
  /// panels.
  public static long elements(int in, int out) {
    long panels = (out + LANES - 1L) / LANES;
    return panels * (LANES + (long) LANES / 2 * in);
  }

  /// Packs a weight and its bias.
  public static void pack(
      MemorySegment w,
      long wByteOffset,
      MemorySegment bias,
      long biasByteOffset,
      MemorySegment packed,
      long packedByteOffset,
      int in,
      int out) {
    Zeros.fill(packed, packedByteOffset, 4 * elements(in, out));
    MemorySegment.copy(bias, biasByteOffset, packed, packedByteOffset, 4L * out);
    for (int j = 0; j < out; j++) {
      long q = panel(packedByteOffset, j, in, out) + 4L * (j % (LANES / 2));
      int shift = j % LANES < LANES / 2 ? 0 : 16;
      for (int i = 0; i < in; i++) {
        int half = rounded(w.get(JAVA_FLOAT, wByteOffset + 4 * ((long) j * in + i)));
        long at = q + i * ROW_BYTES;
        packed.set(JAVA_INT, at, packed.get(JAVA_INT, at) | (half << shift));
      }
    }
  }

  /// Returns the bits of the bfloat16 nearest to a float.
  private static int rounded(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (bits >>> 16) | 0x40; // a quiet one, whose payload may have been in the lower half
    }
    return (bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16;
  }

  /// Y = W X + bias with packed weights.
  public static void forward(
      MemorySegment packed,
      long packedByteOffset,
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int in,
      int out) {
    StripKernel.fill(packed, packedByteOffset, y, yByteOffset, out);
    try (Scratch scratch = Scratch.take()) {
      for (int j = 0; j < out; j += LANES) {
        long w = panel(packedByteOffset, j, in, out);
        int m = Math.min(LANES, out - j);
        for (int i = 0; i < in; i += CHUNK) {
          int k = Math.min(CHUNK, in - i);
          decode(packed, w + i * ROW_BYTES, scratch.memory(), k);
          long p = xByteOffset + i * STRIP_BYTES;
          long q = yByteOffset + j * STRIP_BYTES;
          for (long v = 0; v < STRIP_BYTES; v += 2 * Lanes.BYTES) {
            StripKernel.across(scratch.memory(), 0, STRIP_BYTES, x, p + v, y, q + v, m, k);
          }
        }
      }
    }
  }

  private static void decode(MemorySegment w, long wByteOffset, MemorySegment y, int k) {
    try {
      DECODE.handle((long) k * LANES).invokeExact(w, wByteOffset, y, 0L, k);
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// y = W x + bias with packed weights, for a single row.
  ///
  /// @param y the outputs, padded to a multiple of 32
  public static void row(
      MemorySegment packed,
      long packedByteOffset,
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int in,
      int out) {
    int n = (out + LANES - 1) / LANES * LANES;
    MemorySegment.copy(packed, packedByteOffset, y, yByteOffset, 4L * n);
    int eights = n - n % (8 * Lanes.LENGTH);
    long panelBytes = in * ROW_BYTES;
    try {
      if (eights > 0) {
        long w = panel(packedByteOffset, 0, in, out);
        EIGHT
            .handle((long) in * Lanes.LENGTH)
            .invokeExact(
                x, xByteOffset, packed, w, panelBytes, ROW_BYTES, y, yByteOffset, eights, in);
      }
      for (int j = eights; j < n; j += LANES) {
        long w = panel(packedByteOffset, j, in, out);
        for (long v = 0; v < ROW_BYTES; v += Lanes.BYTES) {
          TWO.handle((long) in * Lanes.LENGTH)
              .invokeExact(x, xByteOffset, packed, w + v, y, yByteOffset + 4L * j + v, in);
        }
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// Returns the byte offset of the panel that holds output `j`.
  private static long panel(long packedByteOffset, int j, int in, int out) {
    long bias = (out + LANES - 1L) / LANES * STRIP_BYTES;
    return packedByteOffset + bias + j / LANES * (in * ROW_BYTES);
  }
}
