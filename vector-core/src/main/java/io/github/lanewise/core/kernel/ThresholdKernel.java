package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;
import static jdk.incubator.vector.VectorOperators.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Threshold: y = other if x <= threshold, else x.
///
/// - Error: exact.
/// - Special values: NaN passes.
/// - Backward, from the saved input: gx = 0 if x <= threshold, else gy.
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy.
public final class ThresholdKernel {
  private ThresholdKernel() {}

  private static FloatVector value(FloatVector x, FloatVector thresholdV, FloatVector otherV) {
    return x.blend(otherV, x.compare(LE, thresholdV));
  }

  private static FloatVector gradient(FloatVector x, FloatVector gy, FloatVector thresholdV) {
    return gy.blend(0f, x.compare(LE, thresholdV));
  }

  public static void forward(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float threshold,
      float other) {
    assert n >= 0;
    int whole = Lanes.wholeBlocks(n);
    if (whole > 0) {
      forwardWhole(x, xByteOffset, y, yByteOffset, whole, threshold, other);
    }
    if (whole < n) {
      forwardRest(x, xByteOffset, y, yByteOffset, whole, n, threshold, other);
    }
  }

  private static void forwardWhole(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float threshold,
      float other) {
    FloatVector thresholdV = FloatVector.broadcast(F, threshold);
    FloatVector otherV = FloatVector.broadcast(F, other);
    for (int i = 0; i < n; i += F.length()) {
      long p = (long) i << 2;
      store(y, yByteOffset + p, value(load(x, xByteOffset + p), thresholdV, otherV));
    }
  }

  private static void forwardRest(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int from,
      int n,
      float threshold,
      float other) {
    FloatVector thresholdV = FloatVector.broadcast(F, threshold);
    FloatVector otherV = FloatVector.broadcast(F, other);
    for (int i = from; i < n; i += F.length()) {
      long p = (long) i << 2;
      VectorMask<Float> inside = F.indexInRange(i, n);
      store(
          y, yByteOffset + p, value(load(x, xByteOffset + p, inside), thresholdV, otherV), inside);
    }
  }

  public static void backward(
      MemorySegment x,
      long xByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      float threshold) {
    assert n >= 0;
    int whole = Lanes.wholeBlocks(n);
    if (whole > 0) {
      backwardWhole(x, xByteOffset, gy, gyByteOffset, gx, gxByteOffset, whole, threshold);
    }
    if (whole < n) {
      backwardRest(x, xByteOffset, gy, gyByteOffset, gx, gxByteOffset, whole, n, threshold);
    }
  }

  private static void backwardWhole(
      MemorySegment x,
      long xByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      float threshold) {
    FloatVector thresholdV = FloatVector.broadcast(F, threshold);
    for (int i = 0; i < n; i += F.length()) {
      long p = (long) i << 2;
      store(
          gx,
          gxByteOffset + p,
          gradient(load(x, xByteOffset + p), load(gy, gyByteOffset + p), thresholdV));
    }
  }

  private static void backwardRest(
      MemorySegment x,
      long xByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int from,
      int n,
      float threshold) {
    FloatVector thresholdV = FloatVector.broadcast(F, threshold);
    for (int i = from; i < n; i += F.length()) {
      long p = (long) i << 2;
      VectorMask<Float> inside = F.indexInRange(i, n);
      store(
          gx,
          gxByteOffset + p,
          gradient(
              load(x, xByteOffset + p, inside), load(gy, gyByteOffset + p, inside), thresholdV),
          inside);
    }
  }
}
