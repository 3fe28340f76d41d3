package io.github.lanewise.core.activation;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// ReLU: y = 0 if x < 0, else x.
///
/// - Error: exact.
/// - Special values: NaN gives NaN and -0.0 gives -0.0; `max(0)` would turn -0.0 into +0.0.
/// - Backward: gx = 0 if y <= 0, else gy, where y is the saved output. gy is selected and not
///   multiplied by 0, so that an infinite gy gives 0 where y <= 0.
/// - Writes: forward overwrites y, which may be x; backward overwrites gx, which may be gy. n must
///   be a multiple of the vector length.
/// - Reference: Nair and Hinton (2010), Rectified Linear Units Improve Restricted Boltzmann
///   Machines
public final class ReluKernel {
  private ReluKernel() {}

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      x0.blend(0f, x0.compare(LT, 0f)).intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
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
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      gy0.blend(0f, y0.compare(LE, 0f)).intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
