package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Sum of two rows: y = y + x.
///
/// - Error: at most 0.5 ULP (one rounding).
/// - Special values: IEEE.
/// - Writes: y is added to; it does not overlap x.
public final class SumKernel {
  private SumKernel() {}

  private static FloatVector value(FloatVector x, FloatVector y) {
    return y.add(x);
  }

  public static void add(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long p = (long) i << 2;
      store(y, yByteOffset + p, value(load(x, xByteOffset + p), load(y, yByteOffset + p)));
    }
    if (i < n) {
      long p = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      FloatVector sum = value(load(x, xByteOffset + p, tail), load(y, yByteOffset + p, tail));
      store(y, yByteOffset + p, sum, tail);
    }
  }
}
