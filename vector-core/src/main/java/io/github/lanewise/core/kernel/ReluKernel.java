package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// ReLU: y = 0 if x < 0, else x.
///
/// - Error: exact.
/// - Special values: NaN and -0.0 pass through, which rules out `max(0)`.
/// - Backward, from the saved output: gx = 0 if y <= 0, else gy. It selects, so that an infinite gy
///   on a dead unit gives 0.
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy.
/// - Reference: Nair and Hinton (2010), Rectified Linear Units Improve Restricted Boltzmann
///   Machines
public final class ReluKernel {
  private ReluKernel() {}

  private static FloatVector value(FloatVector x) {
    return x.blend(0f, x.compare(LT, 0f));
  }

  private static FloatVector gradient(FloatVector y, FloatVector gy) {
    return gy.blend(0f, y.compare(LE, 0f));
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
