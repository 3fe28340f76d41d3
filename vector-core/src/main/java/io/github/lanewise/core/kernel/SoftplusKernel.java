package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;

import io.github.lanewise.core.math.Softplus;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Softplus: y = log(1 + exp(beta x)) / beta, and x where beta x > threshold.
///
/// - Error and special values: [Softplus].
/// - Backward, from the saved input: gx = sigmoid(beta x) gy, and gy above the threshold.
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy.
public final class SoftplusKernel {
  private SoftplusKernel() {}

  private static FloatVector value(
      FloatVector x, FloatVector betaV, FloatVector inverseBetaV, FloatVector thresholdV) {
    return Softplus.softplus(x, betaV, inverseBetaV, thresholdV);
  }

  private static FloatVector gradient(
      FloatVector x, FloatVector gy, FloatVector betaV, FloatVector thresholdV) {
    return gy.mul(Softplus.derivative(x, betaV, thresholdV));
  }

  public static void forward(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float beta,
      float inverseBeta,
      float threshold) {
    assert n >= 0;
    int whole = Lanes.wholeBlocks(n);
    if (whole > 0) {
      forwardWhole(x, xByteOffset, y, yByteOffset, whole, beta, inverseBeta, threshold);
    }
    if (whole < n) {
      forwardRest(x, xByteOffset, y, yByteOffset, whole, n, beta, inverseBeta, threshold);
    }
  }

  private static void forwardWhole(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float beta,
      float inverseBeta,
      float threshold) {
    FloatVector betaV = FloatVector.broadcast(F, beta);
    FloatVector inverseBetaV = FloatVector.broadcast(F, inverseBeta);
    FloatVector thresholdV = FloatVector.broadcast(F, threshold);
    for (int i = 0; i < n; i += F.length()) {
      long p = (long) i << 2;
      store(y, yByteOffset + p, value(load(x, xByteOffset + p), betaV, inverseBetaV, thresholdV));
    }
  }

  private static void forwardRest(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int from,
      int n,
      float beta,
      float inverseBeta,
      float threshold) {
    FloatVector betaV = FloatVector.broadcast(F, beta);
    FloatVector inverseBetaV = FloatVector.broadcast(F, inverseBeta);
    FloatVector thresholdV = FloatVector.broadcast(F, threshold);
    for (int i = from; i < n; i += F.length()) {
      long p = (long) i << 2;
      VectorMask<Float> inside = F.indexInRange(i, n);
      store(
          y,
          yByteOffset + p,
          value(load(x, xByteOffset + p, inside), betaV, inverseBetaV, thresholdV),
          inside);
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
      float beta,
      float threshold) {
    assert n >= 0;
    int whole = Lanes.wholeBlocks(n);
    if (whole > 0) {
      backwardWhole(x, xByteOffset, gy, gyByteOffset, gx, gxByteOffset, whole, beta, threshold);
    }
    if (whole < n) {
      backwardRest(x, xByteOffset, gy, gyByteOffset, gx, gxByteOffset, whole, n, beta, threshold);
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
      float beta,
      float threshold) {
    FloatVector betaV = FloatVector.broadcast(F, beta);
    FloatVector thresholdV = FloatVector.broadcast(F, threshold);
    for (int i = 0; i < n; i += F.length()) {
      long p = (long) i << 2;
      store(
          gx,
          gxByteOffset + p,
          gradient(load(x, xByteOffset + p), load(gy, gyByteOffset + p), betaV, thresholdV));
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
      float beta,
      float threshold) {
    FloatVector betaV = FloatVector.broadcast(F, beta);
    FloatVector thresholdV = FloatVector.broadcast(F, threshold);
    for (int i = from; i < n; i += F.length()) {
      long p = (long) i << 2;
      VectorMask<Float> inside = F.indexInRange(i, n);
      store(
          gx,
          gxByteOffset + p,
          gradient(
              load(x, xByteOffset + p, inside),
              load(gy, gyByteOffset + p, inside),
              betaV,
              thresholdV),
          inside);
    }
  }
}
