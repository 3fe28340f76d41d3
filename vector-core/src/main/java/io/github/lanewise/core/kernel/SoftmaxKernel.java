package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Softmax of a row: y = exp(x - max) / sum(exp(x - max)).
///
/// - Error: at most 4 ULP of each element, for rows of any length.
/// - Special values: one -inf gives +0 there; a NaN, a +inf or -inf throughout give NaN throughout.
/// - Backward, from the saved output: gx = y (gy - sum(gy y)).
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy or y.
public final class SoftmaxKernel {
  private SoftmaxKernel() {}

  private static FloatVector gradient(FloatVector y, FloatVector gy, FloatVector dotV) {
    return y.mul(gy.sub(dotV));
  }

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    RowKernel.exp(x, xByteOffset, y, yByteOffset, n, RowKernel.max(x, xByteOffset, n));
    double sum = ReductionKernel.sum(y, yByteOffset, n);
    RowKernel.multiply(y, yByteOffset, y, yByteOffset, n, (float) (1 / sum));
  }

  public static void backward(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n) {
    float dot = (float) ReductionKernel.dot(y, yByteOffset, gy, gyByteOffset, n);
    subtractDot(y, yByteOffset, gy, gyByteOffset, gx, gxByteOffset, n, dot);
  }

  /// gx = y (gy - dot).
  private static void subtractDot(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      float dot) {
    FloatVector dotV = FloatVector.broadcast(F, dot);
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long p = (long) i << 2;
      store(
          gx,
          gxByteOffset + p,
          gradient(load(y, yByteOffset + p), load(gy, gyByteOffset + p), dotV));
    }
    if (i < n) {
      long p = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      store(
          gx,
          gxByteOffset + p,
          gradient(load(y, yByteOffset + p, tail), load(gy, gyByteOffset + p, tail), dotV),
          tail);
    }
  }
}
