package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Softshrink: y = x - lambda if x > lambda, x + lambda if x < -lambda, else 0.
///
/// - Error: at most 0.5 ULP (one rounding).
/// - Special values: NaN passes; the zero is +0.
/// - Backward, from the saved output: gx = gy if abs(y) > 0, else 0, also for NaN.
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy.
public final class SoftshrinkKernel {
  private SoftshrinkKernel() {}

  private static FloatVector value(FloatVector x, FloatVector lambdaV) {
    FloatVector y = x.sub(lambdaV).blend(x.add(lambdaV), x.compare(LT, 0f));
    return y.blend(0f, x.abs().compare(LE, lambdaV));
  }

  private static FloatVector gradient(FloatVector y, FloatVector gy) {
    return FloatVector.zero(F).blend(gy, y.abs().compare(GT, 0f));
  }

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n, float lambda) {
    assert n >= 0;
    int whole = Lanes.wholeBlocks(n);
    if (whole > 0) {
      forwardWhole(x, xByteOffset, y, yByteOffset, whole, lambda);
    }
    if (whole < n) {
      forwardRest(x, xByteOffset, y, yByteOffset, whole, n, lambda);
    }
  }

  private static void forwardWhole(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n, float lambda) {
    FloatVector lambdaV = FloatVector.broadcast(F, lambda);
    for (int i = 0; i < n; i += F.length()) {
      long p = (long) i << 2;
      store(y, yByteOffset + p, value(load(x, xByteOffset + p), lambdaV));
    }
  }

  private static void forwardRest(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int from,
      int n,
      float lambda) {
    FloatVector lambdaV = FloatVector.broadcast(F, lambda);
    for (int i = from; i < n; i += F.length()) {
      long p = (long) i << 2;
      VectorMask<Float> inside = F.indexInRange(i, n);
      store(y, yByteOffset + p, value(load(x, xByteOffset + p, inside), lambdaV), inside);
    }
  }

  public static void backward(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n) {
    assert n >= 0;
    int whole = Lanes.wholeBlocks(n);
    if (whole > 0) {
      backwardWhole(y, yByteOffset, gy, gyByteOffset, gx, gxByteOffset, whole);
    }
    if (whole < n) {
      backwardRest(y, yByteOffset, gy, gyByteOffset, gx, gxByteOffset, whole, n);
    }
  }

  private static void backwardWhole(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n) {
    for (int i = 0; i < n; i += F.length()) {
      long p = (long) i << 2;
      store(gx, gxByteOffset + p, gradient(load(y, yByteOffset + p), load(gy, gyByteOffset + p)));
    }
  }

  private static void backwardRest(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int from,
      int n) {
    for (int i = from; i < n; i += F.length()) {
      long p = (long) i << 2;
      VectorMask<Float> inside = F.indexInRange(i, n);
      store(
          gx,
          gxByteOffset + p,
          gradient(load(y, yByteOffset + p, inside), load(gy, gyByteOffset + p, inside)),
          inside);
    }
  }
}
