package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;

import io.github.lanewise.core.math.Exp;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Log-softmax of a row: y = x - max - log(sum(exp(x - max))).
///
/// - Error: at most 2 ULP of max(abs(y), 1); the logarithm and its sum with max are in double.
/// - Special values: one -inf stays; a NaN, a +inf or -inf throughout give NaN throughout.
/// - Backward, from the saved output: gx = gy - exp(y) sum(gy).
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy or y.
public final class LogSoftmaxKernel {
  private LogSoftmaxKernel() {}

  /// x - log(sum(exp(x))), the logarithm in two parts.
  private static FloatVector value(FloatVector x, FloatVector highV, FloatVector lowV) {
    return x.sub(highV).sub(lowV);
  }

  private static FloatVector gradient(FloatVector y, FloatVector gy, FloatVector sumV) {
    return Exp.expNonPositive(y).neg().fma(sumV, gy);
  }

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    double logSumExp = logSumExp(x, xByteOffset, n);
    float high = (float) logSumExp;
    subtract(x, xByteOffset, y, yByteOffset, n, high, (float) (logSumExp - high));
  }

  public static void backward(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n) {
    float sum = (float) ReductionKernel.sum(gy, gyByteOffset, n);
    subtractShare(y, yByteOffset, gy, gyByteOffset, gx, gxByteOffset, n, sum);
  }

  private static double logSumExp(MemorySegment x, long xByteOffset, int n) {
    float max = RowKernel.max(x, xByteOffset, n);
    return max + StrictMath.log(ReductionKernel.sumExp(x, xByteOffset, n, max));
  }

  /// y = x - high - low.
  private static void subtract(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float high,
      float low) {
    FloatVector highV = FloatVector.broadcast(F, high);
    FloatVector lowV = FloatVector.broadcast(F, low);
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long p = (long) i << 2;
      store(y, yByteOffset + p, value(load(x, xByteOffset + p), highV, lowV));
    }
    if (i < n) {
      long p = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      store(y, yByteOffset + p, value(load(x, xByteOffset + p, tail), highV, lowV), tail);
    }
  }

  /// gx = gy - exp(y) sum.
  private static void subtractShare(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      float sum) {
    FloatVector sumV = FloatVector.broadcast(F, sum);
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long p = (long) i << 2;
      store(
          gx,
          gxByteOffset + p,
          gradient(load(y, yByteOffset + p), load(gy, gyByteOffset + p), sumV));
    }
    if (i < n) {
      long p = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      store(
          gx,
          gxByteOffset + p,
          gradient(load(y, yByteOffset + p, tail), load(gy, gyByteOffset + p, tail), sumV),
          tail);
    }
  }
}
