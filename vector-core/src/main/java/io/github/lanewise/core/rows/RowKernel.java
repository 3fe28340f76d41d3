package io.github.lanewise.core.rows;

import static io.github.lanewise.core.rows.RowBlock.GROUPS;
import static io.github.lanewise.core.rows.RowBlock.GROUP_BYTES;
import static io.github.lanewise.core.rows.RowBlock.HIGH;
import static io.github.lanewise.core.rows.RowBlock.LANES;
import static io.github.lanewise.core.rows.RowBlock.LOW;
import static io.github.lanewise.core.rows.RowBlock.PADDED;
import static io.github.lanewise.core.rows.RowBlock.SHIFTS;
import static io.github.lanewise.core.rows.RowBlock.TERMS;
import static io.github.lanewise.core.rows.RowPasses.PIECE;
import static io.github.lanewise.core.rows.RowPasses.ROUND;
import static io.github.lanewise.core.simd.Lanes.VIRTUAL;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.Scratch;
import java.lang.foreign.MemorySegment;

/// The steps that softmax, log-softmax and cross-entropy share, each for a block of rows: the
/// shifts, the exponentials and their sums, and what is made of them.
///
/// Short rows share the passes of [RowPasses]; a long row has loops of its own, [LongRowPasses].
/// Its elements after the last group are a piece of their own, in the first slot of scratch. The
/// sums of its pieces are added in double.
final class RowKernel {
  /// Longer rows are long. A loop over a row costs 10 ns before its first vector.
  private static final int SHORT = 128;

  /// The same of rows that must be padded, which costs a long row more.
  private static final int SHORT_PADDED = 511;

  private static final Loop PAD = Loop.of(RowPasses.class, "pad", Float.NEGATIVE_INFINITY);
  private static final Loop MAX = Loop.of(RowPasses.class, "max");
  private static final Loop SHIFT = Loop.of(RowFold.class, "shift");
  private static final Loop EXP = Loop.of(RowPasses.class, "exp");
  private static final Loop SUM = Loop.of(RowFold.class, "sum", ROUND);
  private static final Loop MAX_OF_ROW = Loop.of(LongRowPasses.class, "max");
  private static final Loop EXP_OF_ROW = Loop.of(LongRowPasses.class, "exp");

  private RowKernel() {}

  static boolean isLong(int n) {
    return n > (RowBlock.isPadded(n) ? SHORT_PADDED : SHORT);
  }

  /// How many of the remaining rows are the next block.
  static int rows(int left, int n) {
    return isLong(n) ? 1 : RowBlock.rows(left, n, GROUPS);
  }

  /// Copies what must be padded to scratch.
  static void pad(MemorySegment x, long xByteOffset, MemorySegment s, int rows, int n)
      throws Throwable {
    if (!RowBlock.isPadded(n)) {
      return;
    }
    if (isLong(n)) {
      long p = xByteOffset + ((long) (n - n % VIRTUAL) << 2);
      Scratch.stageAndFill(s, 0, x, p, n % VIRTUAL, Float.NEGATIVE_INFINITY);
    } else {
      RowBlock.pad(PAD, x, xByteOffset, s, PADDED, rows, n);
    }
  }

  /// Copies the results of what was padded to y.
  static void unpad(MemorySegment s, MemorySegment y, long yByteOffset, int rows, int n)
      throws Throwable {
    if (!RowBlock.isPadded(n)) {
      return;
    }
    if (isLong(n)) {
      long p = yByteOffset + ((long) (n - n % VIRTUAL) << 2);
      Scratch.unstage(s, 0, y, p, (long) (n % VIRTUAL) << 2);
    } else {
      RowBlock.unpad(s, y, yByteOffset, rows, n);
    }
  }

  /// What is subtracted from each row.
  static void shifts(MemorySegment x, long xByteOffset, MemorySegment s, int rows, int n)
      throws Throwable {
    if (isLong(n)) {
      float max = (float) MAX_OF_ROW.handle(n).invokeExact(x, xByteOffset, n - n % VIRTUAL);
      if (RowBlock.isPadded(n)) {
        float rest = (float) MAX_OF_ROW.handle(VIRTUAL).invokeExact(s, PADDED, VIRTUAL);
        max = rest > max ? rest : max;
      }
      s.set(JAVA_FLOAT, SHIFTS, Math.abs(max) < 256f ? max + 384f - 384f : max);
      return;
    }
    int groups = RowBlock.groups(n);
    int size = rows * groups * VIRTUAL;
    MemorySegment from = RowBlock.isPadded(n) ? s : x;
    long p = RowBlock.isPadded(n) ? PADDED : xByteOffset;
    if (groups > 1) {
      for (long strip = 0; strip < GROUP_BYTES; strip += Lanes.BYTES) {
        MAX.handle(size).invokeExact(from, p + strip, s, strip, size, groups);
      }
      from = s;
      p = LANES;
    }
    SHIFT.handle((long) rows * VIRTUAL).invokeExact(from, p, s, rows);
  }

  /// y = exp(x - shift), and the sum of each row. Without y the exponentials are not kept.
  static void sums(
      MemorySegment x,
      long xByteOffset,
      MemorySegment s,
      MemorySegment y,
      long yByteOffset,
      int rows,
      int n)
      throws Throwable {
    if (isLong(n)) {
      sumOfLongRow(x, xByteOffset, s, y, yByteOffset, n);
      return;
    }
    int groups = RowBlock.groups(n);
    int size = rows * groups * VIRTUAL;
    boolean padded = RowBlock.isPadded(n);
    MemorySegment from = padded ? s : x;
    MemorySegment to = padded || y == null ? s : y;
    for (long strip = 0; strip < GROUP_BYTES; strip += Lanes.BYTES) {
      long p = (padded ? PADDED : xByteOffset) + strip;
      long q = (y == null ? TERMS : padded ? PADDED : yByteOffset) + strip;
      EXP.handle(size).invokeExact(from, p, s, strip, to, q, size, groups);
    }
    SUM.handle((long) rows * VIRTUAL).invokeExact(s, LOW - HIGH, (long) Float.BYTES, 2 * rows);
  }

  private static void sumOfLongRow(
      MemorySegment x, long xByteOffset, MemorySegment s, MemorySegment y, long yByteOffset, int n)
      throws Throwable {
    double sum = 0;
    int whole = n - n % VIRTUAL;
    for (long i = 0; i < whole; i += PIECE) {
      int size = (int) Math.min(PIECE, whole - i);
      long p = xByteOffset + (i << 2);
      long q = y == null ? TERMS : yByteOffset + (i << 2);
      sum += sumOfPiece(x, p, s, y == null ? s : y, q, size);
    }
    if (whole < n) {
      sum += sumOfPiece(s, PADDED, s, s, y == null ? TERMS : PADDED, VIRTUAL);
    }
    RowBlock.set(s, 0, sum);
  }

  private static double sumOfPiece(
      MemorySegment x, long xByteOffset, MemorySegment s, MemorySegment y, long yByteOffset, int n)
      throws Throwable {
    float shift = RowBlock.shift(s, 0);
    for (long strip = 0; strip < GROUP_BYTES; strip += Lanes.BYTES) {
      EXP_OF_ROW
          .handle(n)
          .invokeExact(x, xByteOffset + strip, s, strip, y, yByteOffset + strip, n, shift);
    }
    SUM.handle(VIRTUAL).invokeExact(s, LOW - HIGH, (long) Float.BYTES, 2);
    return RowBlock.sum(s, 0);
  }

  /// y = a function of x and the two floats of its row.
  ///
  /// @param pass the one for short rows
  /// @param passOfRow the one for a long row
  static void apply(
      Loop pass,
      Loop passOfRow,
      MemorySegment x,
      long xByteOffset,
      MemorySegment s,
      MemorySegment y,
      long yByteOffset,
      int rows,
      int n)
      throws Throwable {
    if (isLong(n)) {
      float high = s.get(JAVA_FLOAT, HIGH);
      float low = s.get(JAVA_FLOAT, LOW);
      int whole = n - n % VIRTUAL;
      passOfRow.handle(n).invokeExact(x, xByteOffset, y, yByteOffset, whole, high, low);
      if (whole < n) {
        passOfRow.handle(VIRTUAL).invokeExact(s, PADDED, s, PADDED, VIRTUAL, high, low);
      }
      return;
    }
    int groups = RowBlock.groups(n);
    int size = rows * groups * VIRTUAL;
    boolean padded = RowBlock.isPadded(n);
    MemorySegment from = padded ? s : x;
    MemorySegment to = padded ? s : y;
    for (long strip = 0; strip < GROUP_BYTES; strip += Lanes.BYTES) {
      long p = (padded ? PADDED : xByteOffset) + strip;
      long q = (padded ? PADDED : yByteOffset) + strip;
      pass.handle(size).invokeExact(from, p, s, to, q, size, groups);
    }
  }
}
