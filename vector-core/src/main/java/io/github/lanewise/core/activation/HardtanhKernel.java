package io.github.lanewise.core.activation;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Hardtanh: y = x clamped to [low, high]. ReLU6 is the case of [0, 6].
///
/// - Error: exact.
/// - Special values: NaN gives NaN; -0.0 stays -0.0 if low is 0, since it is not below 0.
/// - Backward: gx = gy if low < y < high, else 0, where y is the saved output. A NaN in y gives 0.
/// - Writes: forward overwrites y, which may be x; backward overwrites gx, which may be gy. n must
///   be a multiple of the vector length.
public final class HardtanhKernel {
  private HardtanhKernel() {}

  public static void forward(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float low,
      float high) {
    assert n % F.length() == 0;
    FloatVector lowV = FloatVector.broadcast(F, low);
    FloatVector highV = FloatVector.broadcast(F, high);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      x0.blend(lowV, x0.compare(LT, lowV))
          .blend(highV, x0.compare(GT, highV))
          .intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
    }
  }

  public static void backward(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      float low,
      float high) {
    assert n % F.length() == 0;
    FloatVector lowV = FloatVector.broadcast(F, low);
    FloatVector highV = FloatVector.broadcast(F, high);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      FloatVector.zero(F)
          .blend(gy0, y0.compare(GT, lowV).and(y0.compare(LT, highV)))
          .intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
