package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Sums in one order on every width.
///
/// - Element i of a block of [#BLOCK] is added to virtual lane i mod 16; the lanes are folded by
///   one tree, [Lanes#sum]. The blocks are added in double, in order, then the last elements, fewer
///   than 16, one by one. Vectors narrower than 16 lanes take a pass for each part of the virtual
///   lanes: the tree folds neighbours first, so that a pass folds its own lanes and the rest of the
///   tree is a sum of floats.
/// - Error: a lane has at most 8 terms, so that it does not grow with the length of a row.
/// - Special values: IEEE.
final class ReductionKernel {
  /// Elements of one float sum; part of the numerical contract.
  static final int BLOCK = 128;

  private ReductionKernel() {}

  /// Returns the sum of x.
  static double sum(MemorySegment x, long xByteOffset, int n) {
    int whole = n - n % Lanes.VIRTUAL;
    double sum = 0;
    for (int i = 0; i < whole; i += BLOCK) {
      sum += sumOfGroups(x, xByteOffset + ((long) i << 2), Math.min(BLOCK, whole - i));
    }
    for (int i = whole; i < n; i++) {
      sum += x.get(JAVA_FLOAT, xByteOffset + ((long) i << 2));
    }
    return sum;
  }

  /// Returns the sum of x y.
  static double dot(MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    int whole = n - n % Lanes.VIRTUAL;
    double sum = 0;
    for (int i = 0; i < whole; i += BLOCK) {
      long p = (long) i << 2;
      sum += dotOfGroups(x, xByteOffset + p, y, yByteOffset + p, Math.min(BLOCK, whole - i));
    }
    for (int i = whole; i < n; i++) {
      long p = (long) i << 2;
      sum += (double) x.get(JAVA_FLOAT, xByteOffset + p) * y.get(JAVA_FLOAT, yByteOffset + p);
    }
    return sum;
  }

  /// Returns the float sum of at most [#BLOCK] elements, a multiple of 16.
  static float sumOfGroups(MemorySegment x, long xByteOffset, int n) {
    float sum = sumPass(x, xByteOffset, n, 0);
    if (F.length() == 8) {
      return sum + sumPass(x, xByteOffset, n, 8);
    }
    if (F.length() == 4) {
      sum += sumPass(x, xByteOffset, n, 4);
      return sum + (sumPass(x, xByteOffset, n, 8) + sumPass(x, xByteOffset, n, 12));
    }
    return sum;
  }

  private static float dotOfGroups(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    float sum = dotPass(x, xByteOffset, y, yByteOffset, n, 0);
    if (F.length() == 8) {
      return sum + dotPass(x, xByteOffset, y, yByteOffset, n, 8);
    }
    if (F.length() == 4) {
      sum += dotPass(x, xByteOffset, y, yByteOffset, n, 4);
      float upper = dotPass(x, xByteOffset, y, yByteOffset, n, 8);
      return sum + (upper + dotPass(x, xByteOffset, y, yByteOffset, n, 12));
    }
    return sum;
  }

  private static float sumPass(MemorySegment x, long xByteOffset, int n, int from) {
    FloatVector sum = FloatVector.zero(F);
    for (int i = from; i < n; i += Lanes.VIRTUAL) {
      sum = sum.add(fromMemorySegment(F, x, xByteOffset + ((long) i << 2), LITTLE_ENDIAN));
    }
    return Lanes.sum(sum);
  }

  private static float dotPass(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n, int from) {
    FloatVector sum = FloatVector.zero(F);
    for (int i = from; i < n; i += Lanes.VIRTUAL) {
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      sum = x0.fma(y0, sum);
    }
    return Lanes.sum(sum);
  }
}
