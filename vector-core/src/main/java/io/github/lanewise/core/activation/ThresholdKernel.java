package io.github.lanewise.core.activation;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Threshold: y = other if x <= threshold, else x.
///
/// - Error: exact.
/// - Special values: NaN gives NaN.
/// - Backward: gx = 0 if x <= threshold, else gy, where x is the saved input.
/// - Writes: forward overwrites y, which may be x; backward overwrites gx, which may be gy. n must
///   be a multiple of the vector length.
public final class ThresholdKernel {
  private ThresholdKernel() {}

  public static void forward(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float threshold,
      float other) {
    assert n % F.length() == 0;
    FloatVector thresholdV = FloatVector.broadcast(F, threshold);
    FloatVector otherV = FloatVector.broadcast(F, other);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      x0.blend(otherV, x0.compare(LE, thresholdV))
          .intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
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
      float threshold) {
    assert n % F.length() == 0;
    FloatVector thresholdV = FloatVector.broadcast(F, threshold);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      gy0.blend(0f, x0.compare(LE, thresholdV))
          .intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
