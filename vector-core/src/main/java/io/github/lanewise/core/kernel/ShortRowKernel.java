package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;

import java.lang.foreign.MemorySegment;

/// Softmax and log-softmax of rows that fit one vector of 16 lanes, a row in each turn of the loop.
///
/// - The bits are those of [RowKernel]: every step is the same, but the maximum and the sums stay
///   in registers, where all lanes of a butterfly hold them. A row does not wait for the one before
///   it.
/// - Error, special values: [SoftmaxKernel], [LogSoftmaxKernel].
/// - Writes: y is overwritten, n elements of each row; it may be x.
final class ShortRowKernel {
  /// Rows of a pass: 16 kB at most.
  private static final int ROWS = 256;

  private static final Loop EXP = Loop.of(ShortRowPasses.class, "exp");
  private static final Loop DIVIDE_BY_SUM = Loop.of(ShortRowPasses.class, "divideBySum");
  private static final Loop DIFFERENCE = Loop.of(ShortRowPasses.class, "difference");
  private static final Loop SUBTRACT_LOG_SUM = Loop.of(ShortRowPasses.class, "subtractLogSum");

  private ShortRowKernel() {}

  /// Whether rows of n elements are short.
  static boolean takes(int n) {
    return n <= F.length() && F.length() == Lanes.VIRTUAL;
  }

  static void softmax(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int rows, int n) {
    run(EXP, DIVIDE_BY_SUM, x, xByteOffset, y, yByteOffset, rows, n);
  }

  static void logSoftmax(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int rows, int n) {
    run(DIFFERENCE, SUBTRACT_LOG_SUM, x, xByteOffset, y, yByteOffset, rows, n);
  }

  private static void run(
      Loop fromX,
      Loop inY,
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int rows,
      int n) {
    for (int i = 0; i < rows; i += ROWS) {
      long p = (long) i * n * Float.BYTES;
      int size = Math.min(ROWS, rows - i);
      try {
        fromX.handle((long) size * n).invokeExact(x, xByteOffset + p, y, yByteOffset + p, size, n);
        inY.handle((long) size * n).invokeExact(y, yByteOffset + p, y, yByteOffset + p, size, n);
      } catch (Throwable e) {
        throw Loop.unchecked(e);
      }
    }
  }
}
