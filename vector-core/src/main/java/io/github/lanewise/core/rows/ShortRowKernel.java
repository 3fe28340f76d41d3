package io.github.lanewise.core.rows;

import static io.github.lanewise.core.rows.RowKernel.ROUND;
import static io.github.lanewise.core.rows.RowScratch.GROUP_BYTES;
import static io.github.lanewise.core.rows.ShortRowPasses.GROUPS;
import static io.github.lanewise.core.rows.ShortRowPasses.HIGH;
import static io.github.lanewise.core.rows.ShortRowPasses.LANES;
import static io.github.lanewise.core.rows.ShortRowPasses.LOW;
import static io.github.lanewise.core.rows.ShortRowPasses.LOW_LANES;
import static io.github.lanewise.core.rows.ShortRowPasses.PACKED;
import static io.github.lanewise.core.rows.ShortRowPasses.PADDED;
import static io.github.lanewise.core.rows.ShortRowPasses.PARTS;
import static io.github.lanewise.core.rows.ShortRowPasses.ROWS;
import static io.github.lanewise.core.rows.ShortRowPasses.SHIFTS;
import static io.github.lanewise.core.simd.Lanes.VIRTUAL;

import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Loop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Softmax and log-softmax of rows of few vectors: every pass runs over all groups of a block of
/// rows, which are padded to groups of 16 in scratch of the thread where they are no whole groups.
///
/// - A loop for each row and pass costs about 10 ns before its first vector, and waits at its end
///   for a maximum or a sum that is folded step by step.
/// - Error, special values: [SoftmaxKernel], [LogSoftmaxKernel]; sums err as little as those of
///   [RowKernel].
/// - Writes: y is overwritten, n elements of each row; it may be x.
public final class ShortRowKernel {
  /// Longer rows have vectors enough for [RowKernel].
  private static final int LONGEST = 128;

  /// The same of a row with a rest, which [RowKernel] copies in each pass.
  private static final int LONGEST_WITH_REST = 511;

  /// Rows from which on [RowFold] folds them together sooner than one by one.
  private static final int FOLDED_TOGETHER = 4;

  private static final ThreadLocal<MemorySegment> SCRATCH =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(ShortRowPasses.SCRATCH_BYTES, 64));

  /// Filled up with what has the exponential 0.
  private static final Loop PAD = Loop.of(ShortRowPasses.class, "pad", Float.NEGATIVE_INFINITY);

  private static final Loop PACK = Loop.of(ShortRowPasses.class, "pack");
  private static final Loop MAX = Loop.of(ShortRowPasses.class, "max");
  private static final Loop FOLD_MAX = Loop.of(RowFold.class, "max");
  private static final Loop SHIFT = Loop.of(ShortRowPasses.class, "shift");
  private static final Loop FOLD_MAX_OF_ONE = Loop.of(RowFold.class, "maxOfOne");
  private static final Loop SPREAD = Loop.of(ShortRowPasses.class, "spread");
  private static final Loop EXP = Loop.of(ShortRowPasses.class, "exp");
  private static final Loop SUM = Loop.of(ShortRowPasses.class, "sum");
  private static final Loop FOLD_SUM = Loop.of(RowFold.class, "sum");
  private static final Loop FOLD_SUM_OF_ONE = Loop.of(RowFold.class, "sumOfOne");
  private static final Loop FACTORS = Loop.of(ShortRowPasses.class, "factors");
  private static final Loop TERMS = Loop.of(ShortRowPasses.class, "terms");
  private static final Loop MULTIPLY = Loop.of(ShortRowPasses.class, "multiply");
  private static final Loop SUBTRACT = Loop.of(ShortRowPasses.class, "subtract");

  private ShortRowKernel() {}

  static MemorySegment scratchOfThread() {
    return SCRATCH.get();
  }

  /// Whether rows of n elements are short.
  static boolean takes(int n) {
    return 0 < n && n <= (n % VIRTUAL == 0 ? LONGEST : LONGEST_WITH_REST);
  }

  static void softmax(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int rows, int n) {
    run(FACTORS, MULTIPLY, x, xByteOffset, y, yByteOffset, rows, n);
  }

  static void logSoftmax(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int rows, int n) {
    run(TERMS, SUBTRACT, x, xByteOffset, y, yByteOffset, rows, n);
  }

  private static void run(
      Loop ofRow,
      Loop pass,
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int rows,
      int n) {
    int groupsOfRow = (n + VIRTUAL - 1) / VIRTUAL;
    int rowsOfBlock = Math.min(ROWS, GROUPS / groupsOfRow);
    MemorySegment s = scratchOfThread();
    try {
      for (long i = 0; i < rows; i += rowsOfBlock) {
        long p = i * n * Float.BYTES;
        int size = (int) Math.min(rowsOfBlock, rows - i);
        if (n % VIRTUAL == 0) {
          passes(ofRow, pass, x, xByteOffset + p, s, y, yByteOffset + p, size, groupsOfRow);
        } else {
          long bytes = (long) size * n * Float.BYTES;
          int padded = size * groupsOfRow * VIRTUAL;
          MemorySegment.copy(x, xByteOffset + p, s, PACKED, bytes);
          PAD.handle(padded).invokeExact(s, PADDED, padded, n, groupsOfRow);
          passes(ofRow, pass, s, PADDED, s, s, PADDED, size, groupsOfRow);
          PACK.handle(padded).invokeExact(s, padded, n, groupsOfRow);
          MemorySegment.copy(s, PACKED, y, yByteOffset + p, bytes);
        }
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  private static void passes(
      Loop ofRow,
      Loop pass,
      MemorySegment x,
      long xByteOffset,
      MemorySegment s,
      MemorySegment y,
      long yByteOffset,
      int rows,
      int groupsOfRow)
      throws Throwable {
    int n = rows * groupsOfRow * VIRTUAL;
    long rowBytes = groupsOfRow * GROUP_BYTES;
    long last = LANES + rowBytes - GROUP_BYTES;
    if (groupsOfRow == 1) {
      foldMax(x, xByteOffset, rowBytes, s, rows);
    } else {
      MAX.handle(n).invokeExact(x, xByteOffset, s, n, groupsOfRow);
      foldMax(s, last, rowBytes, s, rows);
    }
    SHIFT.handle(n).invokeExact(s, rows);
    if (Lanes.LENGTH < VIRTUAL) {
      SPREAD.handle(n).invokeExact(s, n, groupsOfRow);
    }
    // Log-softmax has no use for the exponentials: the lanes of their sums overwrite them.
    MemorySegment e = ofRow == FACTORS ? y : s;
    long eByteOffset = ofRow == FACTORS ? yByteOffset : LANES;
    EXP.handle(n).invokeExact(x, xByteOffset, s, e, eByteOffset, n, groupsOfRow);
    if (Lanes.LENGTH < VIRTUAL) {
      SUM.handle(n).invokeExact(e, eByteOffset, s, n, groupsOfRow);
    }
    foldSum(s, last, rowBytes, rows, HIGH, ROUND);
    foldSum(s, last + (LOW_LANES - LANES), rowBytes, rows, LOW, 0f);
    ofRow.handle(n).invokeExact(s, rows);
    pass.handle(n).invokeExact(x, xByteOffset, s, y, yByteOffset, n, groupsOfRow);
  }

  private static void foldMax(
      MemorySegment x, long xByteOffset, long rowBytes, MemorySegment s, int rows)
      throws Throwable {
    if (rows >= FOLDED_TOGETHER) {
      FOLD_MAX
          .handle((long) rows * VIRTUAL)
          .invokeExact(x, xByteOffset, rowBytes, rows, s, PARTS, SHIFTS);
      return;
    }
    for (int i = 0; i < rows; i++) {
      long at = SHIFTS + ((long) i << 2);
      FOLD_MAX_OF_ONE.handle(VIRTUAL).invokeExact(x, xByteOffset + i * rowBytes, s, at);
    }
  }

  static void foldSum(
      MemorySegment s, long lanes, long rowBytes, int rows, long result, float start)
      throws Throwable {
    if (rows >= FOLDED_TOGETHER) {
      FOLD_SUM
          .handle((long) rows * VIRTUAL)
          .invokeExact(s, lanes, rowBytes, rows, s, PARTS, result, start);
      return;
    }
    for (int i = 0; i < rows; i++) {
      long at = result + ((long) i << 2);
      FOLD_SUM_OF_ONE.handle(VIRTUAL).invokeExact(s, lanes + i * rowBytes, s, at, start);
    }
  }
}
