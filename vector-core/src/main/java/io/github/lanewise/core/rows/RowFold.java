package io.github.lanewise.core.rows;

import static io.github.lanewise.core.rows.RowScratch.SWAP_1;
import static io.github.lanewise.core.rows.RowScratch.SWAP_2;
import static io.github.lanewise.core.rows.RowScratch.SWAP_4;
import static io.github.lanewise.core.rows.RowScratch.SWAP_8;
import static io.github.lanewise.core.simd.Lanes.BYTES;
import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Folds the lanes of many rows, each to one float. Two vectors exchange halves, so that one
/// operation folds both, and the next folds four: sixteen rows take 15, where each by itself takes
/// 4.
///
/// - Lanes of a sum 8 apart meet first, then 4, 2 and 1 apart, whatever the length of a vector.
/// - First loop: the lanes of row 4 i + j go to lanes 4 i to 4 i + 3 of part j. Second loop: row r
///   goes to lane r.
/// - Writes: four vectors to the parts for each vector of results, the last one filled up.
public final class RowFold {
  private static final VectorMask<Float> BIT_8 = bit(8);
  private static final VectorMask<Float> BIT_4 = bit(4);
  private static final VectorMask<Float> BIT_2 = bit(2);
  private static final VectorMask<Float> BIT_1 = bit(1);

  private RowFold() {}

  private static VectorMask<Float> bit(int bit) {
    long lanes = 0;
    for (int i = 0; i < F.length(); i++) {
      lanes |= (i & bit) == 0 ? 0 : 1L << i;
    }
    return VectorMask.fromLong(F, lanes);
  }

  /// The largest lane of each row, which is a group of 16; any lane if one is NaN.
  ///
  /// @param xByteOffset where the group of the first row stands
  /// @param rowBytes from one row to the next
  static void max(
      MemorySegment x,
      long xByteOffset,
      long rowBytes,
      int rows,
      MemorySegment s,
      long parts,
      long result) {
    for (int i = 0; i < rows; i += F.length()) {
      long part = parts + ((long) i << 4);
      for (int j = 0; j < 4; j++) {
        requireNative(s);
        long p = xByteOffset + row(i + j, rows) * rowBytes;
        FloatVector a = fromMemorySegment(F, x, p, LITTLE_ENDIAN);
        if (F.length() == 16) {
          long p4 = xByteOffset + row(i + j + 4, rows) * rowBytes;
          long p8 = xByteOffset + row(i + j + 8, rows) * rowBytes;
          long p12 = xByteOffset + row(i + j + 12, rows) * rowBytes;
          FloatVector b = fromMemorySegment(F, x, p4, LITTLE_ENDIAN);
          FloatVector c = fromMemorySegment(F, x, p8, LITTLE_ENDIAN);
          FloatVector d = fromMemorySegment(F, x, p12, LITTLE_ENDIAN);
          FloatVector ac = a.blend(c, BIT_8);
          FloatVector ca = c.blend(a, BIT_8).rearrange(SWAP_8);
          a = ac.blend(ca, ca.compare(GT, ac));
          FloatVector bd = b.blend(d, BIT_8);
          FloatVector db = d.blend(b, BIT_8).rearrange(SWAP_8);
          b = bd.blend(db, db.compare(GT, bd));
          FloatVector ab = a.blend(b, BIT_4);
          FloatVector ba = b.blend(a, BIT_4).rearrange(SWAP_4);
          a = ab.blend(ba, ba.compare(GT, ab));
        }
        if (F.length() == 8) {
          long p4 = xByteOffset + row(i + j + 4, rows) * rowBytes;
          FloatVector c = fromMemorySegment(F, x, p + BYTES, LITTLE_ENDIAN);
          FloatVector b = fromMemorySegment(F, x, p4, LITTLE_ENDIAN);
          FloatVector d = fromMemorySegment(F, x, p4 + BYTES, LITTLE_ENDIAN);
          a = a.blend(c, c.compare(GT, a));
          b = b.blend(d, d.compare(GT, b));
          FloatVector ab = a.blend(b, BIT_4);
          FloatVector ba = b.blend(a, BIT_4).rearrange(SWAP_4);
          a = ab.blend(ba, ba.compare(GT, ab));
        }
        if (F.length() == 4) {
          FloatVector b = fromMemorySegment(F, x, p + BYTES, LITTLE_ENDIAN);
          FloatVector c = fromMemorySegment(F, x, p + 2 * BYTES, LITTLE_ENDIAN);
          FloatVector d = fromMemorySegment(F, x, p + 3 * BYTES, LITTLE_ENDIAN);
          a = a.blend(c, c.compare(GT, a));
          b = b.blend(d, d.compare(GT, b));
          a = a.blend(b, b.compare(GT, a));
        }
        a.intoMemorySegment(s, part + j * BYTES, LITTLE_ENDIAN);
      }
    }
    for (int i = 0; i < rows; i += F.length()) {
      requireNative(s);
      long p = parts + ((long) i << 4);
      FloatVector a = fromMemorySegment(F, s, p, LITTLE_ENDIAN);
      FloatVector b = fromMemorySegment(F, s, p + BYTES, LITTLE_ENDIAN);
      FloatVector c = fromMemorySegment(F, s, p + 2 * BYTES, LITTLE_ENDIAN);
      FloatVector d = fromMemorySegment(F, s, p + 3 * BYTES, LITTLE_ENDIAN);
      FloatVector ac = a.blend(c, BIT_2);
      FloatVector ca = c.blend(a, BIT_2).rearrange(SWAP_2);
      a = ac.blend(ca, ca.compare(GT, ac));
      FloatVector bd = b.blend(d, BIT_2);
      FloatVector db = d.blend(b, BIT_2).rearrange(SWAP_2);
      b = bd.blend(db, db.compare(GT, bd));
      FloatVector ab = a.blend(b, BIT_1);
      FloatVector ba = b.blend(a, BIT_1).rearrange(SWAP_1);
      ab.blend(ba, ba.compare(GT, ab))
          .intoMemorySegment(s, result + ((long) i << 2), LITTLE_ENDIAN);
    }
  }

  /// The sum of the lanes of each row, which is a group of 16.
  ///
  /// @param start what the lanes are too large by
  static void sum(
      MemorySegment x,
      long xByteOffset,
      long rowBytes,
      int rows,
      MemorySegment s,
      long parts,
      long result,
      float start) {
    for (int i = 0; i < rows; i += F.length()) {
      long part = parts + ((long) i << 4);
      for (int j = 0; j < 4; j++) {
        requireNative(s);
        long p = xByteOffset + row(i + j, rows) * rowBytes;
        FloatVector a = fromMemorySegment(F, x, p, LITTLE_ENDIAN).sub(start);
        if (F.length() == 16) {
          long p4 = xByteOffset + row(i + j + 4, rows) * rowBytes;
          long p8 = xByteOffset + row(i + j + 8, rows) * rowBytes;
          long p12 = xByteOffset + row(i + j + 12, rows) * rowBytes;
          FloatVector b = fromMemorySegment(F, x, p4, LITTLE_ENDIAN).sub(start);
          FloatVector c = fromMemorySegment(F, x, p8, LITTLE_ENDIAN).sub(start);
          FloatVector d = fromMemorySegment(F, x, p12, LITTLE_ENDIAN).sub(start);
          a = a.blend(c, BIT_8).add(c.blend(a, BIT_8).rearrange(SWAP_8));
          b = b.blend(d, BIT_8).add(d.blend(b, BIT_8).rearrange(SWAP_8));
          a = a.blend(b, BIT_4).add(b.blend(a, BIT_4).rearrange(SWAP_4));
        }
        if (F.length() == 8) {
          long p4 = xByteOffset + row(i + j + 4, rows) * rowBytes;
          FloatVector c = fromMemorySegment(F, x, p + BYTES, LITTLE_ENDIAN).sub(start);
          FloatVector b = fromMemorySegment(F, x, p4, LITTLE_ENDIAN).sub(start);
          FloatVector d = fromMemorySegment(F, x, p4 + BYTES, LITTLE_ENDIAN).sub(start);
          a = a.add(c);
          b = b.add(d);
          a = a.blend(b, BIT_4).add(b.blend(a, BIT_4).rearrange(SWAP_4));
        }
        if (F.length() == 4) {
          FloatVector b = fromMemorySegment(F, x, p + BYTES, LITTLE_ENDIAN).sub(start);
          FloatVector c = fromMemorySegment(F, x, p + 2 * BYTES, LITTLE_ENDIAN).sub(start);
          FloatVector d = fromMemorySegment(F, x, p + 3 * BYTES, LITTLE_ENDIAN).sub(start);
          a = a.add(c).add(b.add(d));
        }
        a.intoMemorySegment(s, part + j * BYTES, LITTLE_ENDIAN);
      }
    }
    for (int i = 0; i < rows; i += F.length()) {
      requireNative(s);
      long p = parts + ((long) i << 4);
      FloatVector a = fromMemorySegment(F, s, p, LITTLE_ENDIAN);
      FloatVector b = fromMemorySegment(F, s, p + BYTES, LITTLE_ENDIAN);
      FloatVector c = fromMemorySegment(F, s, p + 2 * BYTES, LITTLE_ENDIAN);
      FloatVector d = fromMemorySegment(F, s, p + 3 * BYTES, LITTLE_ENDIAN);
      a = a.blend(c, BIT_2).add(c.blend(a, BIT_2).rearrange(SWAP_2));
      b = b.blend(d, BIT_2).add(d.blend(b, BIT_2).rearrange(SWAP_2));
      a.blend(b, BIT_1)
          .add(b.blend(a, BIT_1).rearrange(SWAP_1))
          .intoMemorySegment(s, result + ((long) i << 2), LITTLE_ENDIAN);
    }
  }

  /// [#max] of one row, without a loop to set up.
  static void maxOfOne(MemorySegment x, long xByteOffset, MemorySegment s, long result) {
    requireNative(s);
    FloatVector max = fromMemorySegment(F, x, xByteOffset, LITTLE_ENDIAN);
    if (F.length() == 16) {
      FloatVector apart = max.rearrange(SWAP_8);
      max = max.blend(apart, apart.compare(GT, max));
    }
    if (F.length() <= 8) {
      FloatVector b = fromMemorySegment(F, x, xByteOffset + BYTES, LITTLE_ENDIAN);
      max = max.blend(b, b.compare(GT, max));
    }
    if (F.length() == 4) {
      FloatVector c = fromMemorySegment(F, x, xByteOffset + 2 * BYTES, LITTLE_ENDIAN);
      FloatVector d = fromMemorySegment(F, x, xByteOffset + 3 * BYTES, LITTLE_ENDIAN);
      max = max.blend(c, c.compare(GT, max));
      max = max.blend(d, d.compare(GT, max));
    } else {
      FloatVector apart = max.rearrange(SWAP_4);
      max = max.blend(apart, apart.compare(GT, max));
    }
    FloatVector apart2 = max.rearrange(SWAP_2);
    max = max.blend(apart2, apart2.compare(GT, max));
    FloatVector apart1 = max.rearrange(SWAP_1);
    max.blend(apart1, apart1.compare(GT, max)).intoMemorySegment(s, result, LITTLE_ENDIAN);
  }

  /// [#sum] of one row.
  static void sumOfOne(
      MemorySegment x, long xByteOffset, MemorySegment s, long result, float start) {
    requireNative(s);
    FloatVector sum = fromMemorySegment(F, x, xByteOffset, LITTLE_ENDIAN).sub(start);
    if (F.length() == 16) {
      sum = sum.add(sum.rearrange(SWAP_8));
    }
    if (F.length() == 8) {
      sum = sum.add(fromMemorySegment(F, x, xByteOffset + BYTES, LITTLE_ENDIAN).sub(start));
    }
    if (F.length() == 4) {
      FloatVector b = fromMemorySegment(F, x, xByteOffset + BYTES, LITTLE_ENDIAN).sub(start);
      FloatVector c = fromMemorySegment(F, x, xByteOffset + 2 * BYTES, LITTLE_ENDIAN).sub(start);
      FloatVector d = fromMemorySegment(F, x, xByteOffset + 3 * BYTES, LITTLE_ENDIAN).sub(start);
      sum = sum.add(c).add(b.add(d));
    } else {
      sum = sum.add(sum.rearrange(SWAP_4));
    }
    sum = sum.add(sum.rearrange(SWAP_2));
    sum.add(sum.rearrange(SWAP_1)).intoMemorySegment(s, result, LITTLE_ENDIAN);
  }

  /// Beyond the last row, the last one.
  private static long row(int row, int rows) {
    return Math.min(row, rows - 1);
  }
}
