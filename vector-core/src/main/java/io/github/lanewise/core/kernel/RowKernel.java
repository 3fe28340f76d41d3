package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.VIRTUAL;
import static io.github.lanewise.core.kernel.Lanes.requireNative;
import static java.lang.Float.NEGATIVE_INFINITY;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.MAX;

import io.github.lanewise.core.math.Exp;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The passes over a row that softmax, log-softmax and cross-entropy share.
///
/// - A row is taken in groups of 16 elements, the last one padded in scratch with -inf, which has
///   the exponential 0.
/// - Error of exp(x - max): that of [Exp], since what the rounding of the difference left is
///   carried along; without it the error at a distance of 88 is 64 ULP.
/// - Error of their sum: below 2^-26 relative. An exponential is at most 1; it is split into a
///   multiple of 2^-14 and a rest, and up to [#BLOCK] multiples of 2^-14 add up without rounding.
///   Blocks are added in double.
/// - Special values: where the largest element is +inf or -inf, its exp(x - max) is NaN.
/// - Writes: each pass overwrites y, which may be x.
final class RowKernel {
  /// Elements of one float sum; part of the numerical contract.
  private static final int BLOCK = 1024;

  /// From 512 to 1024 the spacing of floats is 2^-14, so that adding and subtracting this rounds.
  static final float ROUND = 768f;

  /// Where the lanes of the two sums stand in scratch, behind the group that is padded there.
  private static final long HIGH = Scratch.GROUP_BYTES;

  private static final long LOW = 2 * Scratch.GROUP_BYTES;

  private RowKernel() {}

  /// The largest element, NaN aside; -inf if there is none.
  static float max(MemorySegment x, long xByteOffset, int n) {
    int whole = n - n % VIRTUAL;
    float largest = NEGATIVE_INFINITY;
    if (whole > 0) {
      largest = maxOfVectors(x, xByteOffset, whole);
    }
    if (whole < n) {
      long p = xByteOffset + ((long) whole << 2);
      long at = Scratch.pad(0, x, p, n - whole, NEGATIVE_INFINITY);
      largest = Math.max(largest, maxOfVectors(Scratch.ofThread(), at, VIRTUAL));
    }
    return largest;
  }

  private static float maxOfVectors(MemorySegment x, long xByteOffset, int n) {
    FloatVector largest = FloatVector.broadcast(F, NEGATIVE_INFINITY);
    for (int i = 0; i < n; i += F.length()) {
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + ((long) i << 2), LITTLE_ENDIAN);
      largest = largest.blend(x0, x0.compare(GT, largest));
    }
    return largest.reduceLanes(MAX);
  }

  /// exp(x - max), from the rounded difference and what the rounding left (Knuth's TwoSum).
  static FloatVector expOfDifference(FloatVector x, FloatVector maxV) {
    FloatVector d = x.sub(maxV);
    FloatVector m = x.sub(d);
    FloatVector rest = x.sub(d.add(m)).add(m.sub(maxV));
    return Exp.expNonPositive(d, rest);
  }

  /// y = exp(x - max); returns the sum of y.
  static double exp(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n, float max) {
    MemorySegment scratch = Scratch.ofThread();
    int whole = n - n % VIRTUAL;
    double sum = 0;
    // One call, so that its many nodes stand once where C2 inlines it.
    for (int i = 0, size; i < n; i += size) {
      long p = (long) i << 2;
      boolean rest = i == whole;
      size = rest ? VIRTUAL : Math.min(BLOCK, whole - i);
      if (rest) {
        Scratch.pad(0, x, xByteOffset + p, n - i, NEGATIVE_INFINITY);
      }
      sum +=
          expOfGroups(
              rest ? scratch : x,
              rest ? 0 : xByteOffset + p,
              rest ? scratch : y,
              rest ? 0 : yByteOffset + p,
              size,
              max,
              scratch);
      if (rest) {
        MemorySegment.copy(scratch, 0, y, yByteOffset + p, (long) (n - i) << 2);
      }
    }
    return sum;
  }

  private static double expOfGroups(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float max,
      MemorySegment scratch) {
    FloatVector maxV = FloatVector.broadcast(F, max);
    for (int lane = 0; lane < VIRTUAL; lane += F.length()) {
      FloatVector high = FloatVector.zero(F);
      FloatVector low = FloatVector.zero(F);
      for (int i = lane; i < n; i += VIRTUAL) {
        requireNative(y);
        long p = (long) i << 2;
        FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
        FloatVector y0 = expOfDifference(x0, maxV);
        y0.intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
        FloatVector multiple = y0.add(ROUND).sub(ROUND);
        high = high.add(multiple);
        low = low.add(y0.sub(multiple));
      }
      long q = (long) lane << 2;
      high.intoMemorySegment(scratch, HIGH + q, LITTLE_ENDIAN);
      low.intoMemorySegment(scratch, LOW + q, LITTLE_ENDIAN);
    }
    return (double) Scratch.sum(scratch, HIGH) + Scratch.sum(scratch, LOW);
  }

  /// y = x - max; returns the sum of exp(y). What the rounding of y left would change the sum by
  /// less than its own rounding: a distance of 16 and an error of 2^-20 weigh exp(-16).
  static double difference(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n, float max) {
    MemorySegment scratch = Scratch.ofThread();
    int whole = n - n % VIRTUAL;
    double sum = 0;
    for (int i = 0, size; i < n; i += size) {
      long p = (long) i << 2;
      boolean rest = i == whole;
      size = rest ? VIRTUAL : Math.min(BLOCK, whole - i);
      if (rest) {
        Scratch.pad(0, x, xByteOffset + p, n - i, NEGATIVE_INFINITY);
      }
      sum +=
          differenceOfGroups(
              rest ? scratch : x,
              rest ? 0 : xByteOffset + p,
              rest ? scratch : y,
              rest ? 0 : yByteOffset + p,
              size,
              max,
              scratch);
      if (rest) {
        MemorySegment.copy(scratch, 0, y, yByteOffset + p, (long) (n - i) << 2);
      }
    }
    return sum;
  }

  private static double differenceOfGroups(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float max,
      MemorySegment scratch) {
    FloatVector maxV = FloatVector.broadcast(F, max);
    for (int lane = 0; lane < VIRTUAL; lane += F.length()) {
      FloatVector high = FloatVector.zero(F);
      FloatVector low = FloatVector.zero(F);
      for (int i = lane; i < n; i += VIRTUAL) {
        requireNative(y);
        long p = (long) i << 2;
        FloatVector y0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN).sub(maxV);
        y0.intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
        FloatVector e = Exp.expNonPositive(y0);
        FloatVector multiple = e.add(ROUND).sub(ROUND);
        high = high.add(multiple);
        low = low.add(e.sub(multiple));
      }
      long q = (long) lane << 2;
      high.intoMemorySegment(scratch, HIGH + q, LITTLE_ENDIAN);
      low.intoMemorySegment(scratch, LOW + q, LITTLE_ENDIAN);
    }
    return (double) Scratch.sum(scratch, HIGH) + Scratch.sum(scratch, LOW);
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
      MemorySegment rest = Scratch.ofThread();
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
      MemorySegment rest = Scratch.ofThread();
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
