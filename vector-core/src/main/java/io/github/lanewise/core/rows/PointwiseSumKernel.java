package io.github.lanewise.core.rows;

import static io.github.lanewise.core.rows.RowBlock.GROUPS;
import static io.github.lanewise.core.rows.RowBlock.GROUP_BYTES;
import static io.github.lanewise.core.rows.RowBlock.TERMS;
import static io.github.lanewise.core.rows.RowGradientPasses.PIECE;
import static io.github.lanewise.core.simd.Lanes.VIRTUAL;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.lanewise.core.simd.Elementwise;
import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.Scratch;
import java.lang.foreign.MemorySegment;

/// Sums of a function of two arrays, element by element: sum(f(x, t)), or f(x, t) added to y.
///
/// - The terms of a block go to scratch and are added up there by the passes of
///   [RowGradientPasses]: 128 of them in float, and the last ones, fewer than 16, by themselves.
///   Those sums are added in double, in order.
/// - Error: a lane has at most 8 terms, so that it does not grow with n; or one rounding of y.
/// - Special values: IEEE.
/// - Writes: only y, which is added to.
public final class PointwiseSumKernel {
  /// Elements whose terms scratch holds.
  private static final int BLOCK = GROUPS * VIRTUAL;

  private static final Loop SUM = Loop.of(RowGradientPasses.class, "sum");
  private static final Loop FOLD = Loop.of(RowFold.class, "sum", 0f);
  private static final Loop ADD = Loop.of(RowGradientPasses.class, "add");

  private PointwiseSumKernel() {}

  /// Returns the sum of f(x, t).
  ///
  /// @param function overwrites its third array, whole vectors, with the terms of the first two
  public static double sum(
      Loop function, MemorySegment x, long xByteOffset, MemorySegment t, long tByteOffset, long n) {
    double sum = 0;
    try (Scratch scratch = Scratch.take()) {
      MemorySegment s = scratch.memory();
      for (long i = 0; i < n; i += BLOCK) {
        long p = i << 2;
        int size = (int) Math.min(BLOCK, n - i);
        terms(function, x, xByteOffset + p, t, tByteOffset + p, s, size);
        int whole = size - size % VIRTUAL;
        int pieces = whole / PIECE;
        int summed = pieces * PIECE;
        sum = total(sum, s, 0, pieces, PIECE / VIRTUAL);
        sum = total(sum, s, summed, 1, (whole - summed) / VIRTUAL);
        sum = total(sum, s, whole, 1, RowBlock.groups(size - whole));
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
    return sum;
  }

  /// Adds the terms of some pieces to a total.
  ///
  /// @param at the number of the first term
  private static double total(double before, MemorySegment s, int at, int pieces, int groups)
      throws Throwable {
    int size = pieces * groups * VIRTUAL;
    if (size == 0) {
      return before;
    }
    long from = TERMS + ((long) at << 2);
    for (long strip = 0; strip < GROUP_BYTES; strip += Lanes.BYTES) {
      SUM.handle(size).invokeExact(s, from + strip, s, strip, size, groups);
    }
    FOLD.handle((long) pieces * VIRTUAL)
        .invokeExact(s, (long) Float.BYTES, 2L * Float.BYTES, pieces);
    return RowBlock.total(before, s, pieces);
  }

  /// Adds f(x, t) to y.
  public static void add(
      Loop function,
      MemorySegment x,
      long xByteOffset,
      MemorySegment t,
      long tByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n) {
    try (Scratch scratch = Scratch.take()) {
      MemorySegment s = scratch.memory();
      for (long i = 0; i < n; i += BLOCK) {
        long p = i << 2;
        int size = (int) Math.min(BLOCK, n - i);
        terms(function, x, xByteOffset + p, t, tByteOffset + p, s, size);
        Elementwise.runIn(ADD, s, s, TERMS, y, yByteOffset + p, y, yByteOffset + p, size);
      }
    }
  }

  /// Writes n terms to scratch, and zeros up to a whole number of groups.
  private static void terms(
      Loop function,
      MemorySegment x,
      long xByteOffset,
      MemorySegment t,
      long tByteOffset,
      MemorySegment s,
      int n) {
    Elementwise.runIn(function, s, x, xByteOffset, t, tByteOffset, s, TERMS, n);
    for (int i = n; i < RowBlock.groups(n) * VIRTUAL; i++) {
      s.set(JAVA_FLOAT, TERMS + ((long) i << 2), 0f);
    }
  }
}
