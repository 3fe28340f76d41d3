package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.VIRTUAL;
import static io.github.lanewise.core.kernel.Scratch.GROUP_BYTES;
import static io.github.lanewise.core.kernel.ShortRowPasses.GROUPS;
import static io.github.lanewise.core.kernel.ShortRowPasses.PADDED;
import static java.lang.Float.NEGATIVE_INFINITY;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

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
final class ShortRowKernel {
  /// From here on a row has vectors enough for [RowKernel].
  private static final int LONG = 128;

  /// The same of a row with a rest, which is copied once here and in each pass there.
  private static final int LONG_WITH_REST = 512;

  private static final ThreadLocal<MemorySegment> SCRATCH =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(ShortRowPasses.SCRATCH_BYTES, 64));

  private static final Loop MAX = Loop.of(ShortRowPasses.class, "max");
  private static final Loop SHIFT = Loop.of(ShortRowPasses.class, "shift");
  private static final Loop EXP = Loop.of(ShortRowPasses.class, "exp");
  private static final Loop SUM = Loop.of(ShortRowPasses.class, "sum");
  private static final Loop FACTORS = Loop.of(ShortRowPasses.class, "factors");
  private static final Loop TERMS = Loop.of(ShortRowPasses.class, "terms");
  private static final Loop MULTIPLY = Loop.of(ShortRowPasses.class, "multiply");
  private static final Loop SUBTRACT = Loop.of(ShortRowPasses.class, "subtract");

  private ShortRowKernel() {}

  /// Whether rows of n elements are short.
  static boolean takes(int n) {
    return 0 < n && n < (n % VIRTUAL == 0 ? LONG : LONG_WITH_REST);
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
      Loop last,
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int rows,
      int n) {
    int groupsOfRow = (n + VIRTUAL - 1) / VIRTUAL;
    int rowsOfBlock = GROUPS / groupsOfRow;
    MemorySegment s = SCRATCH.get();
    try {
      for (int i = 0; i < rows; i += rowsOfBlock) {
        long p = (long) i * n * Float.BYTES;
        int size = Math.min(rowsOfBlock, rows - i);
        if (n % VIRTUAL == 0) {
          passes(ofRow, last, x, xByteOffset + p, s, y, yByteOffset + p, size, groupsOfRow);
        } else {
          spread(x, xByteOffset + p, s, size, n, groupsOfRow * GROUP_BYTES);
          passes(ofRow, last, s, PADDED, s, s, PADDED, size, groupsOfRow);
          collect(s, y, yByteOffset + p, size, n, groupsOfRow * GROUP_BYTES);
        }
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  private static void passes(
      Loop ofRow,
      Loop last,
      MemorySegment x,
      long xByteOffset,
      MemorySegment s,
      MemorySegment y,
      long yByteOffset,
      int rows,
      int groupsOfRow)
      throws Throwable {
    int groups = rows * groupsOfRow;
    long elements = (long) groups * VIRTUAL;
    MAX.handle(elements).invokeExact(x, xByteOffset, s, groups, groupsOfRow);
    SHIFT.handle(elements).invokeExact(s, groups, groupsOfRow);
    EXP.handle(elements).invokeExact(x, xByteOffset, s, groups);
    SUM.handle(elements).invokeExact(s, groups, groupsOfRow);
    ofRow.handle(groups).invokeExact(s, groups);
    last.handle(elements).invokeExact(x, xByteOffset, s, y, yByteOffset, groups, groupsOfRow);
  }

  /// Copies rows to groups, filled up with -inf, which has the exponential 0.
  private static void spread(
      MemorySegment x, long xByteOffset, MemorySegment s, int rows, int n, long groupsBytes) {
    long bytes = (long) n << 2;
    for (int i = 0; i < rows; i++) {
      long q = PADDED + i * groupsBytes;
      MemorySegment.copy(x, xByteOffset + i * bytes, s, q, bytes);
      for (long j = bytes; j < groupsBytes; j += Float.BYTES) {
        s.set(JAVA_FLOAT, q + j, NEGATIVE_INFINITY);
      }
    }
  }

  private static void collect(
      MemorySegment s, MemorySegment y, long yByteOffset, int rows, int n, long groupsBytes) {
    long bytes = (long) n << 2;
    for (int i = 0; i < rows; i++) {
      MemorySegment.copy(s, PADDED + i * groupsBytes, y, yByteOffset + i * bytes, bytes);
    }
  }
}
