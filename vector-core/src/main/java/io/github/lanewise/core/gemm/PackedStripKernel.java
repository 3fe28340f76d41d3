package io.github.lanewise.core.gemm;

import static io.github.lanewise.core.gemm.StripKernel.LANES;
import static io.github.lanewise.core.gemm.StripKernel.STRIP_BYTES;

import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.Zeros;
import java.lang.foreign.MemorySegment;

/// The products of a linear layer whose weight is packed once and served: one copy of the weight
/// for strips of a batch and for single rows.
///
/// First comes the bias, then the weight in panels of 32 outputs, `[in][32]`, all padded with zeros
/// to whole panels. A strip has a row in each lane, and reads four outputs of a panel at a time; a
/// single row has an output in each lane.
///
/// - Order, error and special values: those of [TileKernel], on both paths.
public final class PackedStripKernel {
  private static final Loop ROW_EIGHT = Loop.of(RowTileKernel.class, "eight");
  private static final Loop ROW_TWO = Loop.of(RowTileKernel.class, "two");

  private PackedStripKernel() {}

  /// Returns how many floats a packed layer takes: its bias, then the panels, all padded to whole
  /// panels.
  public static long elements(int in, int out) {
    long panels = (out + LANES - 1L) / LANES;
    return panels * LANES * (in + 1L);
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
    for (int j = 0; j < out; j += LANES) {
      long p = wByteOffset + 4L * j * in;
      long q = panel(packedByteOffset, j, in, out);
      PackKernel.transpose(w, p, 4L * in, Math.min(LANES, out - j), in, packed, q, STRIP_BYTES);
    }
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
    for (int j = 0; j < out; j += LANES) {
      long w = panel(packedByteOffset, j, in, out);
      int m = Math.min(LANES, out - j);
      long q = yByteOffset + j * STRIP_BYTES;
      for (long v = 0; v < STRIP_BYTES; v += 2 * Lanes.BYTES) {
        StripKernel.across(packed, w, STRIP_BYTES, x, xByteOffset + v, y, q + v, m, in);
      }
    }
  }

  /// y = W x + bias with packed weights, for a single row.
  ///
  /// @param y the outputs, padded with zeros to a multiple of 32
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
    long panelBytes = in * STRIP_BYTES;
    try {
      if (eights > 0) {
        long w = panel(packedByteOffset, 0, in, out);
        ROW_EIGHT
            .handle((long) in * Lanes.LENGTH)
            .invokeExact(x, xByteOffset, packed, w, panelBytes, y, yByteOffset, eights, in);
      }
      for (int j = eights; j < n; j += 2 * Lanes.LENGTH) {
        long w = panel(packedByteOffset, j, in, out) + 4L * (j % LANES);
        ROW_TWO
            .handle((long) in * Lanes.LENGTH)
            .invokeExact(x, xByteOffset, packed, w, y, yByteOffset + 4L * j, in);
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// Returns the byte offset of the panel that holds output `j`.
  private static long panel(long packedByteOffset, int j, int in, int out) {
    long bias = (out + LANES - 1L) / LANES * STRIP_BYTES;
    return packedByteOffset + bias + j / LANES * (in * STRIP_BYTES);
  }
}
