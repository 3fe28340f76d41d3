package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;
import static jdk.incubator.vector.VectorOperators.GT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Leaky ReLU: y = x if x > 0, else slope x.
///
/// - Error: exact for x > 0, else at most 0.5 ULP (one rounding).
/// - Special values: NaN passes; -0.0 and -inf are multiplied like any negative x.
/// - Backward, from the saved input: gx = gy if x > 0, else slope gy.
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy.
/// - Reference: Maas et al. (2013), Rectifier Nonlinearities Improve Neural Network Acoustic Models
public final class LeakyReluKernel {
  private LeakyReluKernel() {}

  private static FloatVector value(FloatVector x, FloatVector slopeV) {
    return x.mul(slopeV).blend(x, x.compare(GT, 0f));
  }

  private static FloatVector gradient(FloatVector x, FloatVector gy, FloatVector slopeV) {
    return gy.mul(slopeV).blend(gy, x.compare(GT, 0f));
  }

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n, float slope) {
    assert n >= 0;
    int whole = Lanes.wholeBlocks(n);
    if (whole > 0) {
      forwardWhole(x, xByteOffset, y, yByteOffset, whole, slope);
    }
    if (whole < n) {
      forwardRest(x, xByteOffset, y, yByteOffset, whole, n, slope);
    }
  }

  private static void forwardWhole(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n, float slope) {
    FloatVector slopeV = FloatVector.broadcast(F, slope);
    for (int i = 0; i < n; i += F.length()) {
      long p = (long) i << 2;
      store(y, yByteOffset + p, value(load(x, xByteOffset + p), slopeV));
    }
  }

  private static void forwardRest(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int from,
      int n,
      float slope) {
    FloatVector slopeV = FloatVector.broadcast(F, slope);
    for (int i = from; i < n; i += F.length()) {
      long p = (long) i << 2;
      VectorMask<Float> inside = F.indexInRange(i, n);
      store(y, yByteOffset + p, value(load(x, xByteOffset + p, inside), slopeV), inside);
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
      float slope) {
    assert n >= 0;
    int whole = Lanes.wholeBlocks(n);
    if (whole > 0) {
      backwardWhole(x, xByteOffset, gy, gyByteOffset, gx, gxByteOffset, whole, slope);
    }
    if (whole < n) {
      backwardRest(x, xByteOffset, gy, gyByteOffset, gx, gxByteOffset, whole, n, slope);
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
      float slope) {
    FloatVector slopeV = FloatVector.broadcast(F, slope);
    for (int i = 0; i < n; i += F.length()) {
      long p = (long) i << 2;
      store(
          gx,
          gxByteOffset + p,
          gradient(load(x, xByteOffset + p), load(gy, gyByteOffset + p), slopeV));
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
      float slope) {
    FloatVector slopeV = FloatVector.broadcast(F, slope);
    for (int i = from; i < n; i += F.length()) {
      long p = (long) i << 2;
      VectorMask<Float> inside = F.indexInRange(i, n);
      store(
          gx,
          gxByteOffset + p,
          gradient(load(x, xByteOffset + p, inside), load(gy, gyByteOffset + p, inside), slopeV),
          inside);
    }
  }
}
