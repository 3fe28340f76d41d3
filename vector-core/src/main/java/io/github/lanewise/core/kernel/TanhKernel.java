package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;

import io.github.lanewise.core.math.Tanh;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Hyperbolic tangent: y = tanh(x).
///
/// - Error and special values: [Tanh].
/// - Backward, from the saved output: gx = gy (1 - y y), which is 0 once y rounds to 1 or -1.
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy.
public final class TanhKernel {
  private TanhKernel() {}

  private static FloatVector value(FloatVector x) {
    return Tanh.tanh(x);
  }

  private static FloatVector gradient(FloatVector y, FloatVector gy) {
    return gy.mul(y.neg().fma(y, FloatVector.broadcast(F, 1f)));
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
