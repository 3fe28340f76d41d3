package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Sums in one order on every width.
///
/// - Element i of a block of [#BLOCK] is added to virtual lane i mod 16; the lanes are folded by
///   one tree, [Lanes#sum], the blocks added in double, in order. Vectors narrower than 16 lanes
///   take a pass for each part of the virtual lanes: the tree folds neighbours first, so that a
///   pass folds its own lanes and the rest of the tree is a sum of floats.
/// - Error: a lane has at most 8 terms, so that even roundings that all err the same way stay below
///   4 ULP of a sum of positive terms, for a row of any length.
/// - Special values: IEEE.
final class ReductionKernel {
  /// Elements of one float sum; part of the numerical contract.
  private static final int BLOCK = 128;

  private ReductionKernel() {}

  /// Returns the sum of x.
  static double sum(MemorySegment x, long xByteOffset, int n) {
    double sum = 0;
    for (int i = 0; i < n; i += BLOCK) {
      long p = (long) i << 2;
      int block = Math.min(BLOCK, n - i);
      float s = sumPass(x, xByteOffset + p, block, 0);
      if (F.length() == 8) {
        s += sumPass(x, xByteOffset + p, block, 8);
      } else if (F.length() == 4) {
        s += sumPass(x, xByteOffset + p, block, 4);
        s += sumPass(x, xByteOffset + p, block, 8) + sumPass(x, xByteOffset + p, block, 12);
      }
      sum += s;
    }
    return sum;
  }

  /// Returns the sum of x y.
  static double dot(MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    double sum = 0;
    for (int i = 0; i < n; i += BLOCK) {
      long p = (long) i << 2;
      int block = Math.min(BLOCK, n - i);
      float s = dotPass(x, xByteOffset + p, y, yByteOffset + p, block, 0);
      if (F.length() == 8) {
        s += dotPass(x, xByteOffset + p, y, yByteOffset + p, block, 8);
      } else if (F.length() == 4) {
        s += dotPass(x, xByteOffset + p, y, yByteOffset + p, block, 4);
        s +=
            dotPass(x, xByteOffset + p, y, yByteOffset + p, block, 8)
                + dotPass(x, xByteOffset + p, y, yByteOffset + p, block, 12);
      }
      sum += s;
    }
    return sum;
  }

  /// Returns the sum of exp(x - max).
  static double sumExp(MemorySegment x, long xByteOffset, int n, float max) {
    double sum = 0;
    for (int i = 0; i < n; i += BLOCK) {
      long p = (long) i << 2;
      int block = Math.min(BLOCK, n - i);
      float s = sumExpPass(x, xByteOffset + p, block, 0, max);
      if (F.length() == 8) {
        s += sumExpPass(x, xByteOffset + p, block, 8, max);
      } else if (F.length() == 4) {
        s += sumExpPass(x, xByteOffset + p, block, 4, max);
        s +=
            sumExpPass(x, xByteOffset + p, block, 8, max)
                + sumExpPass(x, xByteOffset + p, block, 12, max);
      }
      sum += s;
    }
    return sum;
  }

  private static float sumPass(MemorySegment x, long xByteOffset, int n, int from) {
    FloatVector sum = FloatVector.zero(F);
    int i = from;
    for (int last = n - F.length(); i <= last; i += Lanes.VIRTUAL) {
      long p = (long) i << 2;
      sum = sum.add(load(x, xByteOffset + p));
    }
    if (i < n) {
      long p = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      sum = sum.add(load(x, xByteOffset + p, tail));
    }
    return Lanes.sum(sum);
  }

  private static float dotPass(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n, int from) {
    FloatVector sum = FloatVector.zero(F);
    int i = from;
    for (int last = n - F.length(); i <= last; i += Lanes.VIRTUAL) {
      long p = (long) i << 2;
      sum = load(x, xByteOffset + p).fma(load(y, yByteOffset + p), sum);
    }
    if (i < n) {
      long p = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      sum = load(x, xByteOffset + p, tail).fma(load(y, yByteOffset + p, tail), sum);
    }
    return Lanes.sum(sum);
  }

  private static float sumExpPass(MemorySegment x, long xByteOffset, int n, int from, float max) {
    FloatVector maxV = FloatVector.broadcast(F, max);
    FloatVector sum = FloatVector.zero(F);
    int i = from;
    for (int last = n - F.length(); i <= last; i += Lanes.VIRTUAL) {
      long p = (long) i << 2;
      sum = sum.add(RowKernel.expOfDifference(load(x, xByteOffset + p), maxV));
    }
    if (i < n) {
      long p = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      sum = sum.add(RowKernel.expOfDifference(load(x, xByteOffset + p, tail), maxV), tail);
    }
    return Lanes.sum(sum);
  }
}
