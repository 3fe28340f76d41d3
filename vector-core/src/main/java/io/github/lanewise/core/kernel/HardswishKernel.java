package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Hardswish: y = x (x + 3 clamped to [0, 6]) / 6.
///
/// - Error: at most 1.5 ULP (three roundings); exact from 3 on, also where the product would
///   overflow.
/// - Special values: NaN passes; -0.0 for all x <= -3, -inf too.
/// - Backward, from the saved input: the slope is 0 for x <= -3, 1 for x >= 3, else x / 3 + 1/2.
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy.
/// - Reference: Howard et al. (2019), Searching for MobileNetV3
public final class HardswishKernel {
  private HardswishKernel() {}

  private static FloatVector value(FloatVector x) {
    // x + 3 is exact below -1.5; above, the FMA has one rounding where the quotient has two.
    FloatVector gate =
        x.add(3f).div(6f).blend(x.fma(1f / 6, 0.5f), x.compare(GT, -1.5f));
    FloatVector y = x.mul(gate);
    return y.blend(x, x.compare(GE, 3f)).blend(-0f, x.compare(LE, -3f));
  }

  private static FloatVector gradient(FloatVector x, FloatVector gy) {
    FloatVector slope = x.fma(1f / 3, 0.5f);
    slope = slope.blend(1f, x.compare(GE, 3f)).blend(0f, x.compare(LE, -3f));
    return gy.mul(slope);
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
