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
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long p = (long) i << 2;
      store(y, yByteOffset + p, value(load(x, xByteOffset + p)));
    }
    if (i < n) {
      long p = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      store(y, yByteOffset + p, value(load(x, xByteOffset + p, tail)), tail);
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
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long p = (long) i << 2;
      store(gx, gxByteOffset + p, gradient(load(y, yByteOffset + p), load(gy, gyByteOffset + p)));
    }
    if (i < n) {
      long p = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      store(
          gx,
          gxByteOffset + p,
          gradient(load(y, yByteOffset + p, tail), load(gy, gyByteOffset + p, tail)),
          tail);
    }
  }
}
