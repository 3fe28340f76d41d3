package io.github.lanewise.core.activation;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import io.github.lanewise.core.math.Sigmoid;
import io.github.lanewise.core.math.Softplus;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Log-sigmoid: y = log(sigmoid(x)).
///
/// - Error and special values: [Softplus].
/// - Backward: gx = sigmoid(-x) gy, where x is the saved input.
/// - Writes: forward overwrites y, which may be x; backward overwrites gx, which may be gy. n must
///   be a multiple of the vector length.
public final class LogSigmoidKernel {
  private LogSigmoidKernel() {}

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    assert n % F.length() == 0;
    FloatVector one = FloatVector.broadcast(F, 1f);
    FloatVector infinity = FloatVector.broadcast(F, Float.POSITIVE_INFINITY);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector.zero(F)
          .sub(Softplus.softplus(x0.neg(), one, one, infinity))
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
      int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      gy0.mul(Sigmoid.sigmoid(x0.neg())).intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
