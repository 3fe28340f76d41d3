package io.github.lanewise.core.rows;

import static io.github.lanewise.core.simd.Lanes.BYTES;
import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.VIRTUAL;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.lang.Float.NEGATIVE_INFINITY;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.MAX;

import io.github.lanewise.core.math.Exp;
import io.github.lanewise.core.math.ScalarLog;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The passes over a row that softmax, log-softmax and cross-entropy share.
///
/// - A sum takes a row in groups of 16 elements, the last one padded in scratch.
/// - Error of exp(x - max): that of [Exp#expOfDifference], since what the rounding of the
///   difference left is carried along; without it the error at a distance of 88 is 64 ULP.
/// - Error of their sum: below 2^-26 relative. A float sum begins at 768, where floats are 2^-14
///   apart; what an addition rounds off is known exactly (Dekker's Fast2Sum) and is added up beside
///   it. Up to [#BLOCK] multiples of 2^-14 add up without rounding; blocks are added in double.
/// - Special values: where the largest element is +inf or -inf, its exp(x - max) is NaN.
/// - Writes: each pass overwrites y, which may be x.
public final class RowKernel {
  /// Elements of one float sum; part of the numerical contract.
  static final int BLOCK = 1024;

  /// Where sums begin, so that they stay below 1024; adding it rounds to a multiple of 2^-14.
  static final float ROUND = 768f;

  /// Where the lanes of the two sums stand in scratch, behind the group that is padded there.
  private static final long HIGH = RowScratch.GROUP_BYTES;

  private static final long LOW = 2 * RowScratch.GROUP_BYTES;

  static final long SCRATCH_BYTES = RowScratch.BLOCK_BYTE_OFFSET + BLOCK * (long) Float.BYTES;

  private RowKernel() {}

  /// Softmax of each row.
  static void softmax(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int rows, int n) {
    for (int i = 0; i < rows; i++) {
      long xRow = xByteOffset + (long) i * n * Float.BYTES;
      long yRow = yByteOffset + (long) i * n * Float.BYTES;
      double sum = exp(x, xRow, y, yRow, n, shift(max(x, xRow, n)));
      multiply(y, yRow, y, yRow, n, 1 / sum);
    }
  }

  /// Log-softmax of each row.
  static void logSoftmax(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int rows, int n) {
    for (int i = 0; i < rows; i++) {
      long xRow = xByteOffset + (long) i * n * Float.BYTES;
      long yRow = yByteOffset + (long) i * n * Float.BYTES;
      float shift = shift(max(x, xRow, n));
      double sum = sumOfExp(x, xRow, n, shift);
      subtract(x, xRow, y, yRow, n, shift + ScalarLog.log(sum));
    }
  }

  /// The largest element, NaN aside; -inf if there is none.
  static float max(MemorySegment x, long xByteOffset, int n) {
    int whole = n - n % VIRTUAL;
    float largest = NEGATIVE_INFINITY;
    if (whole > 0) {
      largest = maxOfVectors(x, xByteOffset, whole);
    }
    if (whole < n) {
      long p = xByteOffset + ((long) whole << 2);
      long at = RowScratch.pad(0, x, p, n - whole, NEGATIVE_INFINITY);
      largest = Math.max(largest, maxOfVectors(RowScratch.ofThread(), at, VIRTUAL));
    }
    return largest;
  }

  /// Four at a time, since a step waits for the one before. The four parts may overlap: an element
  /// may count twice.
  private static float maxOfVectors(MemorySegment x, long xByteOffset, int n) {
    int part = (n / F.length() + 3) / 4 * F.length();
    long second = xByteOffset + ((long) Math.min(part, n - part) << 2);
    long third = xByteOffset + ((long) Math.min(2 * part, n - part) << 2);
    long fourth = xByteOffset + ((long) (n - part) << 2);
    FloatVector a = FloatVector.broadcast(F, NEGATIVE_INFINITY);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    for (int i = 0; i < part; i += F.length()) {
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector x1 = fromMemorySegment(F, x, second + p, LITTLE_ENDIAN);
      FloatVector x2 = fromMemorySegment(F, x, third + p, LITTLE_ENDIAN);
      FloatVector x3 = fromMemorySegment(F, x, fourth + p, LITTLE_ENDIAN);
      a = a.blend(x0, x0.compare(GT, a));
      b = b.blend(x1, x1.compare(GT, b));
      c = c.blend(x2, x2.compare(GT, c));
      d = d.blend(x3, x3.compare(GT, d));
    }
    a = a.blend(b, b.compare(GT, a));
    c = c.blend(d, d.compare(GT, c));
    return a.blend(c, c.compare(GT, a)).reduceLanes(MAX);
  }

  /// What is subtracted from a row: its largest element, rounded to a multiple of 2^-14 or less,
  /// so that [Exp#expOfDifference] is exact in fewer steps; exp(x - shift) is at most 1 + 2^-15.
  /// From 256 on it is the maximum itself, near which differences are exact.
  static float shift(float max) {
    return Math.abs(max) < 256f ? max + 384f - 384f : max;
  }

  /// y = exp(x - shift); returns the sum of y.
  static double exp(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n, float shift) {
    MemorySegment scratch = RowScratch.ofThread();
    int whole = n - n % VIRTUAL;
    double sum = 0;
    // One call, so that its many nodes stand once where C2 inlines it.
    for (long i = 0, size; i < n; i += size) {
      long p = i << 2;
      boolean rest = i == whole;
      size = rest ? VIRTUAL : Math.min(BLOCK, whole - i);
      if (rest) {
        RowScratch.pad(0, x, xByteOffset + p, n - whole, NEGATIVE_INFINITY);
      }
      sum +=
          expOfGroups(
              rest ? scratch : x,
              rest ? 0 : xByteOffset + p,
              rest ? scratch : y,
              rest ? 0 : yByteOffset + p,
              (int) size,
              shift,
              scratch);
      if (rest) {
        MemorySegment.copy(scratch, 0, y, yByteOffset + p, (n - i) << 2);
      }
    }
    return sum;
  }

  /// Returns the sum of exp(x - shift), which stands in scratch a block at a time.
  private static double sumOfExp(MemorySegment x, long xByteOffset, int n, float shift) {
    MemorySegment scratch = RowScratch.ofThread();
    double sum = 0;
    for (long i = 0; i < n; i += BLOCK) {
      int size = (int) Math.min(BLOCK, n - i);
      long p = xByteOffset + (i << 2);
      sum += exp(x, p, scratch, RowScratch.BLOCK_BYTE_OFFSET, size, shift);
    }
    return sum;
  }

  /// y = exp(x - shift) in one block; returns the sum of y. A vector narrower than a group adds to
  /// each of its sums in turn.
  private static double expOfGroups(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float shift,
      MemorySegment scratch) {
    FloatVector shiftV = FloatVector.broadcast(F, shift);
    FloatVector zero = FloatVector.zero(F);
    FloatVector round = FloatVector.broadcast(F, ROUND);
    FloatVector high0 = round, high1 = round, high2 = round, high3 = round;
    FloatVector low0 = zero, low1 = zero, low2 = zero, low3 = zero;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector e =
          Exp.expOfDifference(fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN), shiftV);
      e.intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector high = high0.add(e);
      FloatVector low = low0.add(e.sub(high.sub(high0)));
      if (F.length() == 16) {
        high0 = high;
        low0 = low;
      } else if (F.length() == 8) {
        high0 = high1;
        high1 = high;
        low0 = low1;
        low1 = low;
      } else {
        high0 = high1;
        high1 = high2;
        high2 = high3;
        high3 = high;
        low0 = low1;
        low1 = low2;
        low2 = low3;
        low3 = low;
      }
    }
    high0.sub(ROUND).intoMemorySegment(scratch, HIGH, LITTLE_ENDIAN);
    low0.intoMemorySegment(scratch, LOW, LITTLE_ENDIAN);
    if (F.length() <= 8) {
      high1.sub(ROUND).intoMemorySegment(scratch, HIGH + BYTES, LITTLE_ENDIAN);
      low1.intoMemorySegment(scratch, LOW + BYTES, LITTLE_ENDIAN);
    }
    if (F.length() == 4) {
      high2.sub(ROUND).intoMemorySegment(scratch, HIGH + 2 * BYTES, LITTLE_ENDIAN);
      low2.intoMemorySegment(scratch, LOW + 2 * BYTES, LITTLE_ENDIAN);
      high3.sub(ROUND).intoMemorySegment(scratch, HIGH + 3 * BYTES, LITTLE_ENDIAN);
      low3.intoMemorySegment(scratch, LOW + 3 * BYTES, LITTLE_ENDIAN);
    }
    return (double) RowScratch.sum(scratch, HIGH) + RowScratch.sum(scratch, LOW);
  }

  /// y = factor x, rounded once: the factor is taken in two floats.
  static void multiply(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n, double factor) {
    float high = (float) factor;
    float low = (float) (factor - high);
    int whole = F.loopBound(n);
    if (whole > 0) {
      multiplyVectors(x, xByteOffset, y, yByteOffset, whole, high, low);
    }
    if (whole < n) {
      long p = (long) whole << 2;
      long bytes = (long) (n - whole) << 2;
      MemorySegment rest = RowScratch.ofThread();
      MemorySegment.copy(x, xByteOffset + p, rest, 0, bytes);
      multiplyVectors(rest, 0, rest, 0, F.length(), high, low);
      MemorySegment.copy(rest, 0, y, yByteOffset + p, bytes);
    }
  }

  private static void multiplyVectors(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float high,
      float low) {
    FloatVector highV = FloatVector.broadcast(F, high);
    FloatVector lowV = FloatVector.broadcast(F, low);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      x0.fma(highV, x0.mul(lowV)).intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
    }
  }

  /// y = x - term, the term in two floats.
  static void subtract(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n, double term) {
    float high = (float) term;
    float low = (float) (term - high);
    int whole = F.loopBound(n);
    if (whole > 0) {
      subtractVectors(x, xByteOffset, y, yByteOffset, whole, high, low);
    }
    if (whole < n) {
      long p = (long) whole << 2;
      long bytes = (long) (n - whole) << 2;
      MemorySegment rest = RowScratch.ofThread();
      MemorySegment.copy(x, xByteOffset + p, rest, 0, bytes);
      subtractVectors(rest, 0, rest, 0, F.length(), high, low);
      MemorySegment.copy(rest, 0, y, yByteOffset + p, bytes);
    }
  }

  private static void subtractVectors(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float high,
      float low) {
    FloatVector highV = FloatVector.broadcast(F, high);
    FloatVector lowV = FloatVector.broadcast(F, low);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN)
          .sub(highV)
          .sub(lowV)
          .intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
