package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;

import io.github.lanewise.core.math.Silu;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// SiLU, or swish: y = x sigmoid(x).
///
/// - Error and special values: [Silu].
/// - Backward, from the saved input: gx = gy s (1 + x (1 - s)), s = sigmoid(x).
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy.
/// - Reference: Elfwing et al. (2018), Sigmoid-Weighted Linear Units for Neural Network Function
///   Approximation in Reinforcement Learning
public final class SiluKernel {
  private SiluKernel() {}

  private static FloatVector value(FloatVector x) {
    return Silu.silu(x);
  }

  private static FloatVector gradient(FloatVector x, FloatVector gy) {
    return gy.mul(Silu.derivative(x));
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
