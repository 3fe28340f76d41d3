package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Sum of squared differences: sum((y - t)^2).
///
/// - Error: that of [ReductionKernel].
/// - Special values: IEEE.
/// - Writes: gy is overwritten by factor (y - t); it may be y or t.
public final class SquaredErrorKernel {
  private SquaredErrorKernel() {}

  private static FloatVector difference(FloatVector y, FloatVector t) {
    return y.sub(t);
  }

  public static double lossAndGradient(
      MemorySegment y,
      long yByteOffset,
      MemorySegment t,
      long tByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      int n,
      float factor) {
    subtract(y, yByteOffset, t, tByteOffset, gy, gyByteOffset, n);
    double sum = ReductionKernel.dot(gy, gyByteOffset, gy, gyByteOffset, n);
    RowKernel.multiply(gy, gyByteOffset, gy, gyByteOffset, n, factor);
    return sum;
  }

  /// gy = y - t.
  private static void subtract(
      MemorySegment y,
      long yByteOffset,
      MemorySegment t,
      long tByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      int n) {
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long p = (long) i << 2;
      store(gy, gyByteOffset + p, difference(load(y, yByteOffset + p), load(t, tByteOffset + p)));
    }
    if (i < n) {
      long p = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      store(
          gy,
          gyByteOffset + p,
          difference(load(y, yByteOffset + p, tail), load(t, tByteOffset + p, tail)),
          tail);
    }
  }
}
