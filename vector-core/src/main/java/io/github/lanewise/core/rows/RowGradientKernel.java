package io.github.lanewise.core.rows;

import static io.github.lanewise.core.rows.RowBlock.GROUPS;
import static io.github.lanewise.core.rows.RowBlock.GROUP_BYTES;
import static io.github.lanewise.core.rows.RowBlock.PADDED;
import static io.github.lanewise.core.rows.RowBlock.PADDED_TOO;
import static io.github.lanewise.core.rows.RowGradientPasses.PIECE;
import static io.github.lanewise.core.simd.Lanes.VIRTUAL;

import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.Scratch;
import java.lang.foreign.MemorySegment;

/// The gradients of softmax and log-softmax, by passes over blocks of rows as those of
/// [RowKernel]; the sum of a row of several pieces is added up in double.
final class RowGradientKernel {
  private static final Loop PAD = Loop.of(RowPasses.class, "pad", 0f);
  private static final Loop DOT = Loop.of(RowGradientPasses.class, "dot");
  private static final Loop SUM = Loop.of(RowGradientPasses.class, "sum");
  private static final Loop FOLD = Loop.of(RowFold.class, "sum", 0f);
  private static final Loop DIFFERENCE = Loop.of(RowGradientPasses.class, "difference");
  private static final Loop MULTIPLY = Loop.of(RowGradientPasses.class, "multiply");
  private static final Loop EXP = Loop.of(RowGradientPasses.class, "exp");
  private static final Loop SUBTRACT = Loop.of(RowGradientPasses.class, "subtract");

  private static final Loop SOFTMAX_ROW = Loop.of(LongRowPasses.class, "softmaxGradient");
  private static final Loop LOG_SOFTMAX_ROW = Loop.of(LongRowPasses.class, "logSoftmaxGradient");

  private RowGradientKernel() {}

  /// Overwrites gx with the gradient of softmax, or that of log-softmax.
  static void run(
      boolean softmax,
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int rows,
      int n) {
    int groups = RowBlock.isPadded(n) ? GROUPS / 2 : GROUPS;
    try (Scratch scratch = Scratch.take()) {
      MemorySegment s = scratch.memory();
      for (int i = 0, size; n > 0 && i < rows; i += size) {
        size = n > PIECE ? 1 : RowBlock.rows(rows - i, n, groups);
        long p = ((long) i * n) << 2;
        if (n > PIECE) {
          longRow(softmax, y, yByteOffset + p, gy, gyByteOffset + p, gx, gxByteOffset + p, s, n);
        } else if (RowBlock.isPadded(n)) {
          RowBlock.pad(PAD, y, yByteOffset + p, s, PADDED, size, n);
          RowBlock.pad(PAD, gy, gyByteOffset + p, s, PADDED_TOO, size, n);
          block(softmax, s, PADDED, s, PADDED_TOO, s, PADDED, s, size, RowBlock.groups(n));
          RowBlock.unpad(s, gx, gxByteOffset + p, size, n);
        } else {
          int ofRow = RowBlock.groups(n);
          long yAt = yByteOffset + p;
          block(softmax, y, yAt, gy, gyByteOffset + p, gx, gxByteOffset + p, s, size, ofRow);
        }
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// The sums of y gy, or of gy, of some pieces.
  private static void sums(
      boolean softmax,
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment s,
      int pieces,
      int groups)
      throws Throwable {
    int n = pieces * groups * VIRTUAL;
    for (long strip = 0; strip < GROUP_BYTES; strip += Lanes.BYTES) {
      long q = gyByteOffset + strip;
      if (softmax) {
        DOT.handle(n).invokeExact(y, yByteOffset + strip, gy, q, s, strip, n, groups);
      } else {
        SUM.handle(n).invokeExact(gy, q, s, strip, n, groups);
      }
    }
    FOLD.handle((long) pieces * VIRTUAL)
        .invokeExact(s, (long) Float.BYTES, 2L * Float.BYTES, pieces);
  }

  /// The gradient of a block of short rows of whole groups.
  private static void block(
      boolean softmax,
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      MemorySegment s,
      int rows,
      int groups)
      throws Throwable {
    int n = rows * groups * VIRTUAL;
    sums(softmax, y, yByteOffset, gy, gyByteOffset, s, rows, groups);
    for (long strip = 0; strip < GROUP_BYTES; strip += Lanes.BYTES) {
      long p = yByteOffset + strip;
      long q = gyByteOffset + strip;
      long to = gxByteOffset + strip;
      if (softmax) {
        DIFFERENCE.handle(n).invokeExact(gy, q, s, strip, n, groups);
        MULTIPLY.handle(n).invokeExact(y, p, s, strip, gx, to, n, groups);
      } else {
        EXP.handle(n).invokeExact(y, p, s, strip, n, groups);
        SUBTRACT.handle(n).invokeExact(gy, q, s, strip, gx, to, n, groups);
      }
    }
  }

  /// The gradient of a long row.
  private static void longRow(
      boolean softmax,
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      MemorySegment s,
      int n)
      throws Throwable {
    double sum = 0;
    int whole = n - n % VIRTUAL;
    int most = GROUPS * VIRTUAL / PIECE;
    for (int i = 0, size; i < whole; i += size) {
      int pieces = Math.min(most, Math.max(1, (whole - i) / PIECE));
      size = Math.min(pieces * PIECE, whole - i);
      long p = (long) i << 2;
      int groups = size / pieces / VIRTUAL;
      sums(softmax, y, yByteOffset + p, gy, gyByteOffset + p, s, pieces, groups);
      sum = RowBlock.total(sum, s, pieces);
    }
    long p = (long) whole << 2;
    long bytes = (long) (n - whole) << 2;
    if (whole < n) {
      Scratch.stageAndFill(s, 0, y, yByteOffset + p, n - whole, 0f);
      Scratch.stageAndFill(s, 1, gy, gyByteOffset + p, n - whole, 0f);
      sums(softmax, s, 0L, s, Scratch.SLOT_BYTES, s, 1, 1);
      sum = RowBlock.total(sum, s, 1);
    }
    Loop loop = softmax ? SOFTMAX_ROW : LOG_SOFTMAX_ROW;
    float ofRow = (float) sum;
    loop.handle(n).invokeExact(y, yByteOffset, gy, gyByteOffset, gx, gxByteOffset, whole, ofRow);
    if (whole < n) {
      loop.handle(VIRTUAL).invokeExact(s, 0L, s, Scratch.SLOT_BYTES, s, 0L, VIRTUAL, ofRow);
      Scratch.unstage(s, 0, gx, gxByteOffset + p, bytes);
    }
  }
}
