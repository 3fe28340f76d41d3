package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Hardsigmoid: y = (x + 3 clamped to [0, 6]) / 6.
///
/// - Error: at most 1 ULP (two roundings).
/// - Special values: NaN passes.
/// - Backward, from the saved input: gx = gy / 6 if -3 < x < 3, else 0, also for NaN.
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy.
public final class HardsigmoidKernel {
  private HardsigmoidKernel() {}

  private static FloatVector value(FloatVector x) {
    FloatVector t = x.add(3f);
    return t.blend(0f, t.compare(LT, 0f)).blend(6f, t.compare(GT, 6f)).div(6f);
  }

  private static FloatVector gradient(FloatVector x, FloatVector gy) {
    return FloatVector.zero(F).blend(gy.mul(1f / 6), x.abs().compare(LT, 3f));
  }

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    assert n >= 0;
    int whole = Lanes.wholeBlocks(n);
    if (whole > 0) {
      forwardWhole(x, xByteOffset, y, yByteOffset, whole);
    }
    if (whole < n) {
      forwardRest(x, xByteOffset, y, yByteOffset, whole, n);
    }
  }

  private static void forwardWhole(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    for (int i = 0; i < n; i += F.length()) {
      long p = (long) i << 2;
      store(y, yByteOffset + p, value(load(x, xByteOffset + p)));
    }
  }

  private static void forwardRest(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int from, int n) {
    for (int i = from; i < n; i += F.length()) {
      long p = (long) i << 2;
      VectorMask<Float> inside = F.indexInRange(i, n);
      store(y, yByteOffset + p, value(load(x, xByteOffset + p, inside)), inside);
    }
  }

  public static void backward(
      MemorySegment x,
      long xByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n) {
    assert n >= 0;
    int whole = Lanes.wholeBlocks(n);
    if (whole > 0) {
      backwardWhole(x, xByteOffset, gy, gyByteOffset, gx, gxByteOffset, whole);
    }
    if (whole < n) {
      backwardRest(x, xByteOffset, gy, gyByteOffset, gx, gxByteOffset, whole, n);
    }
  }

  private static void backwardWhole(
      MemorySegment x,
      long xByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n) {
    for (int i = 0; i < n; i += F.length()) {
      long p = (long) i << 2;
      store(gx, gxByteOffset + p, gradient(load(x, xByteOffset + p), load(gy, gyByteOffset + p)));
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
      int n) {
    for (int i = from; i < n; i += F.length()) {
      long p = (long) i << 2;
      VectorMask<Float> inside = F.indexInRange(i, n);
      store(
          gx,
          gxByteOffset + p,
          gradient(load(x, xByteOffset + p, inside), load(gy, gyByteOffset + p, inside)),
          inside);
    }
  }
}
