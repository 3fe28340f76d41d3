package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Hardtanh: y = x clamped to [low, high]; ReLU6 is the one of [0, 6].
///
/// - Error: exact.
/// - Special values: NaN passes; -0.0 is kept, as it is not below 0.
/// - Backward, from the saved output: gx = gy if low < y < high, else 0, also for NaN.
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy.
public final class HardtanhKernel {
  private HardtanhKernel() {}

  private static FloatVector value(FloatVector x, FloatVector lowV, FloatVector highV) {
    return x.blend(lowV, x.compare(LT, lowV)).blend(highV, x.compare(GT, highV));
  }

  private static FloatVector gradient(
      FloatVector y, FloatVector gy, FloatVector lowV, FloatVector highV) {
    return FloatVector.zero(F).blend(gy, y.compare(GT, lowV).and(y.compare(LT, highV)));
  }

  public static void forward(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float low,
      float high) {
    assert n >= 0;
    int whole = Lanes.wholeBlocks(n);
    if (whole > 0) {
      forwardWhole(x, xByteOffset, y, yByteOffset, whole, low, high);
    }
    if (whole < n) {
      forwardRest(x, xByteOffset, y, yByteOffset, whole, n, low, high);
    }
  }

  private static void forwardWhole(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float low,
      float high) {
    FloatVector lowV = FloatVector.broadcast(F, low);
    FloatVector highV = FloatVector.broadcast(F, high);
    for (int i = 0; i < n; i += F.length()) {
      long p = (long) i << 2;
      store(y, yByteOffset + p, value(load(x, xByteOffset + p), lowV, highV));
    }
  }

  private static void forwardRest(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int from,
      int n,
      float low,
      float high) {
    FloatVector lowV = FloatVector.broadcast(F, low);
    FloatVector highV = FloatVector.broadcast(F, high);
    for (int i = from; i < n; i += F.length()) {
      long p = (long) i << 2;
      VectorMask<Float> inside = F.indexInRange(i, n);
      store(y, yByteOffset + p, value(load(x, xByteOffset + p, inside), lowV, highV), inside);
    }
  }

  public static void backward(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      float low,
      float high) {
    assert n >= 0;
    int whole = Lanes.wholeBlocks(n);
    if (whole > 0) {
      backwardWhole(y, yByteOffset, gy, gyByteOffset, gx, gxByteOffset, whole, low, high);
    }
    if (whole < n) {
      backwardRest(y, yByteOffset, gy, gyByteOffset, gx, gxByteOffset, whole, n, low, high);
    }
  }

  private static void backwardWhole(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      float low,
      float high) {
    FloatVector lowV = FloatVector.broadcast(F, low);
    FloatVector highV = FloatVector.broadcast(F, high);
    for (int i = 0; i < n; i += F.length()) {
      long p = (long) i << 2;
      store(
          gx,
          gxByteOffset + p,
          gradient(load(y, yByteOffset + p), load(gy, gyByteOffset + p), lowV, highV));
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
      int n,
      float low,
      float high) {
    FloatVector lowV = FloatVector.broadcast(F, low);
    FloatVector highV = FloatVector.broadcast(F, high);
    for (int i = from; i < n; i += F.length()) {
      long p = (long) i << 2;
      VectorMask<Float> inside = F.indexInRange(i, n);
      store(
          gx,
          gxByteOffset + p,
          gradient(
              load(y, yByteOffset + p, inside), load(gy, gyByteOffset + p, inside), lowV, highV),
          inside);
    }
  }
}
