package io.github.lanewise.core.rows;

import static io.github.lanewise.core.simd.Lanes.VIRTUAL;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.lanewise.core.simd.Loop;
import java.lang.foreign.MemorySegment;

/// How rows are grouped for the passes of softmax and its relatives, and what stands where in
/// scratch.
///
/// - A group is 16 floats: one vector of 512 bits, two of 256 or four of 128. A strip is one vector
///   of each group.
/// - A piece is what one float sum covers: a short row, or a part of a long one.
/// - A block is as many short rows as scratch has room for, or one long row.
/// - Short rows that are no whole number of groups are copied to scratch and filled up, and the
///   passes work on that copy; of a long row, the elements after its last group.
final class RowBlock {
  static final long GROUP_BYTES = VIRTUAL * (long) Float.BYTES;

  /// The most groups that a pass runs over.
  static final int GROUPS = 128;

  /// The most pieces that a pass runs over; even, for lanes are folded in pairs.
  private static final int PIECES = 112;

  /// Where padded rows stand, and later their results.
  static final long PADDED = 0;

  /// Where a gradient has the second of its padded arrays, in blocks of half the groups.
  static final long PADDED_TOO = GROUPS / 2 * GROUP_BYTES;

  /// Where a pass leaves a float for each element.
  static final long TERMS = GROUPS * GROUP_BYTES;

  /// The lanes of each piece: a group for a maximum or a sum, two for a sum in two parts.
  static final long LANES = TERMS + GROUPS * GROUP_BYTES;

  /// Rows without padding, on their way to or from [#PADDED]. There are no lanes at that time.
  static final long PACKED = LANES;

  /// A float for each piece: what is subtracted from its elements.
  static final long SHIFTS = LANES + 2 * PIECES * GROUP_BYTES;

  /// A float for each piece: its sum, or the high part of it; then what is made of the sum.
  static final long HIGH = SHIFTS + PIECES * (long) Float.BYTES;

  static final long LOW = HIGH + PIECES * (long) Float.BYTES;

  private static final Loop PACK = Loop.of(RowPasses.class, "pack");

  private RowBlock() {}

  /// The groups of n elements, the last of which may not be full.
  static int groups(int n) {
    return (n + VIRTUAL - 1) / VIRTUAL;
  }

  static boolean isPadded(int n) {
    return n % VIRTUAL != 0;
  }

  /// How many of the remaining rows of n elements are a block.
  ///
  /// @param groups the most groups of a block
  static int rows(int left, int n, int groups) {
    return Math.min(left, Math.min(PIECES, groups / groups(n)));
  }

  /// Copies rows to scratch and fills each up to whole groups.
  ///
  /// @param pad the loop that does it
  static void pad(
      Loop pad, MemorySegment x, long xByteOffset, MemorySegment s, long to, int rows, int n)
      throws Throwable {
    int padded = rows * groups(n) * VIRTUAL;
    MemorySegment.copy(x, xByteOffset, s, PACKED, (long) rows * n * Float.BYTES);
    pad.handle(padded).invokeExact(s, to, padded, n, groups(n));
  }

  /// Copies the results of padded rows to y.
  static void unpad(MemorySegment s, MemorySegment y, long yByteOffset, int rows, int n)
      throws Throwable {
    int padded = rows * groups(n) * VIRTUAL;
    PACK.handle(padded).invokeExact(s, padded, n, groups(n));
    MemorySegment.copy(s, PACKED, y, yByteOffset, (long) rows * n * Float.BYTES);
  }

  static float shift(MemorySegment s, int row) {
    return s.get(JAVA_FLOAT, SHIFTS + ((long) row << 2));
  }

  /// The number that stands in two floats.
  static double sum(MemorySegment s, int row) {
    long r = (long) row << 2;
    return (double) s.get(JAVA_FLOAT, HIGH + r) + s.get(JAVA_FLOAT, LOW + r);
  }

  /// Adds the sums of some pieces, each in one float, to a total.
  static double total(double before, MemorySegment s, int pieces) {
    double total = before;
    for (int i = 0; i < pieces; i++) {
      total += s.get(JAVA_FLOAT, HIGH + ((long) i << 2));
    }
    return total;
  }

  /// Stores a number in two floats.
  static void set(MemorySegment s, int row, double value) {
    float high = (float) value;
    s.set(JAVA_FLOAT, HIGH + ((long) row << 2), high);
    s.set(JAVA_FLOAT, LOW + ((long) row << 2), (float) (value - high));
  }
}
