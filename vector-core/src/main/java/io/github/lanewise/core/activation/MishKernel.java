package io.github.lanewise.core.activation;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import io.github.lanewise.core.math.Mish;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Mish: y = x tanh(softplus(x)).
///
/// - Error and special values: [Mish].
/// - Backward: gx is gy times the derivative of y at x, the saved input.
/// - Writes: forward overwrites y, which may be x; backward overwrites gx, which may be gy. n must
///   be a multiple of the vector length.
/// - Reference: Misra (2020), Mish: A Self Regularized Non-Monotonic Activation Function
public final class MishKernel {
  private MishKernel() {}

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      Mish.mish(x0).intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
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
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      gy0.mul(Mish.derivative(x0)).intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
