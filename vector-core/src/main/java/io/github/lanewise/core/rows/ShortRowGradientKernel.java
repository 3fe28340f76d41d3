package io.github.lanewise.core.rows;

import static io.github.lanewise.core.rows.RowScratch.GROUP_BYTES;
import static io.github.lanewise.core.rows.ShortRowKernel.foldSum;
import static io.github.lanewise.core.rows.ShortRowPasses.GROUPS;
import static io.github.lanewise.core.rows.ShortRowPasses.HIGH;
import static io.github.lanewise.core.rows.ShortRowPasses.LANES;
import static io.github.lanewise.core.rows.ShortRowPasses.LOW_LANES;
import static io.github.lanewise.core.rows.ShortRowPasses.PACKED;
import static io.github.lanewise.core.rows.ShortRowPasses.PADDED;
import static io.github.lanewise.core.rows.ShortRowPasses.ROWS;
import static io.github.lanewise.core.simd.Lanes.VIRTUAL;

import io.github.lanewise.core.simd.Loop;
import java.lang.foreign.MemorySegment;

/// The gradients of softmax and log-softmax in rows of few vectors, by passes over a block of rows
/// as those of [ShortRowKernel].
///
/// - Error: the sums are those of [ReductionKernel], for the rows are no longer than its block.
/// - Special values: [SoftmaxKernel], [LogSoftmaxKernel].
/// - Writes: gx is overwritten, n elements of each row; it may be gy or y.
public final class ShortRowGradientKernel {
  /// Where gy stands padded; y does where the forward passes have x.
  private static final long PADDED_GY = LOW_LANES;

  private static final Loop PAD = Loop.of(ShortRowPasses.class, "pad", 0f);
  private static final Loop PACK = Loop.of(ShortRowPasses.class, "pack");
  private static final Loop DOT = Loop.of(ShortRowGradientPasses.class, "dot");
  private static final Loop SUM = Loop.of(ShortRowGradientPasses.class, "sum");
  private static final Loop DIFFERENCE = Loop.of(ShortRowGradientPasses.class, "difference");
  private static final Loop EXP = Loop.of(ShortRowGradientPasses.class, "exp");
  private static final Loop SOFTMAX = Loop.of(ShortRowGradientPasses.class, "softmax");
  private static final Loop LOG_SOFTMAX = Loop.of(ShortRowGradientPasses.class, "logSoftmax");

  private ShortRowGradientKernel() {}

  /// Whether rows of n elements are short.
  static boolean takes(int n) {
    return 0 < n && n <= ReductionKernel.BLOCK;
  }

  static void softmax(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int rows,
      int n) {
    run(true, y, yByteOffset, gy, gyByteOffset, gx, gxByteOffset, rows, n);
  }

  static void logSoftmax(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int rows,
      int n) {
    run(false, y, yByteOffset, gy, gyByteOffset, gx, gxByteOffset, rows, n);
  }

  private static void run(
      boolean softmax,
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int rows,
      int n) {
    int groupsOfRow = (n + VIRTUAL - 1) / VIRTUAL;
    int rowsOfBlock = Math.min(ROWS, GROUPS / groupsOfRow);
    MemorySegment s = ShortRowKernel.scratchOfThread();
    try {
      for (long i = 0; i < rows; i += rowsOfBlock) {
        int size = (int) Math.min(rowsOfBlock, rows - i);
        long p = i * n * Float.BYTES;
        long yAt = yByteOffset + p;
        long gyAt = gyByteOffset + p;
        long gxAt = gxByteOffset + p;
        if (n % VIRTUAL == 0) {
          passes(softmax, y, yAt, gy, gyAt, s, gx, gxAt, size, groupsOfRow);
        } else {
          long bytes = (long) size * n * Float.BYTES;
          int padded = size * groupsOfRow * VIRTUAL;
          MemorySegment.copy(y, yAt, s, PACKED, bytes);
          PAD.handle(padded).invokeExact(s, PADDED, padded, n, groupsOfRow);
          MemorySegment.copy(gy, gyAt, s, PACKED, bytes);
          PAD.handle(padded).invokeExact(s, PADDED_GY, padded, n, groupsOfRow);
          passes(softmax, s, PADDED, s, PADDED_GY, s, s, PADDED, size, groupsOfRow);
          PACK.handle(padded).invokeExact(s, padded, n, groupsOfRow);
          MemorySegment.copy(s, PACKED, gx, gxAt, bytes);
        }
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  private static void passes(
      boolean softmax,
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment s,
      MemorySegment gx,
      long gxByteOffset,
      int rows,
      int groupsOfRow)
      throws Throwable {
    int n = rows * groupsOfRow * VIRTUAL;
    long rowBytes = groupsOfRow * GROUP_BYTES;
    if (softmax) {
      DOT.handle(n).invokeExact(y, yByteOffset, gy, gyByteOffset, s, n, groupsOfRow);
    } else {
      SUM.handle(n).invokeExact(gy, gyByteOffset, s, n, groupsOfRow);
    }
    foldSum(s, LANES + rowBytes - GROUP_BYTES, rowBytes, rows, HIGH, 0f);
    if (softmax) {
      DIFFERENCE.handle(n).invokeExact(gy, gyByteOffset, s, n, groupsOfRow);
      SOFTMAX.handle(n).invokeExact(y, yByteOffset, s, gx, gxByteOffset, n);
    } else {
      EXP.handle(n).invokeExact(y, yByteOffset, s, n);
      LOG_SOFTMAX.handle(n).invokeExact(gy, gyByteOffset, s, gx, gxByteOffset, n, groupsOfRow);
    }
  }
}
