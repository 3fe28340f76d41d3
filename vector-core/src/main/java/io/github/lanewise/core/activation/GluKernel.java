package io.github.lanewise.core.activation;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import io.github.lanewise.core.math.Sigmoid;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Gated linear unit of a row with the halves a and b: y = a sigmoid(b).
///
/// - Error: at most 2 ULP, which are the error of [Sigmoid] and one rounding. Below b = -87.3,
///   where sigmoid(b) is subnormal, it is a 2^-149.
/// - Special values: those of IEEE arithmetic. An infinite a gives NaN where sigmoid(b) is 0.
/// - Backward: ga = gy s and gb = gy a s (1 - s), where s = sigmoid(b) is computed again from the
///   saved input. gb is 0 once s rounds to 1.
/// - Writes: forward overwrites y; backward overwrites ga and gb, which may be a and b. n must be a
///   multiple of the vector length.
/// - Reference: Dauphin et al. (2017), Language Modeling with Gated Convolutional Networks
public final class GluKernel {
  private GluKernel() {}

  public static void forward(
      MemorySegment a,
      long aByteOffset,
      MemorySegment b,
      long bByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector a0 = fromMemorySegment(F, a, aByteOffset + p, LITTLE_ENDIAN);
      FloatVector b0 = fromMemorySegment(F, b, bByteOffset + p, LITTLE_ENDIAN);
      a0.mul(Sigmoid.sigmoid(b0)).intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
    }
  }

  /// The halves a and b of a row lie in one segment, x, and so do their gradients, in gx.
  public static void backward(
      MemorySegment x,
      long aByteOffset,
      long bByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gaByteOffset,
      long gbByteOffset,
      int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector a0 = fromMemorySegment(F, x, aByteOffset + p, LITTLE_ENDIAN);
      FloatVector b0 = fromMemorySegment(F, x, bByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      FloatVector s = Sigmoid.sigmoid(b0);
      FloatVector ga = gy0.mul(s);
      ga.intoMemorySegment(gx, gaByteOffset + p, LITTLE_ENDIAN);
      ga.mul(FloatVector.broadcast(F, 1f).sub(s))
          .mul(a0)
          .intoMemorySegment(gx, gbByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
