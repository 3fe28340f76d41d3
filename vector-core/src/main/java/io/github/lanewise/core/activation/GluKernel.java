package io.github.lanewise.core.activation;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import io.github.lanewise.core.math.Sigmoid;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Gated linear unit of a row: y = a sigmoid(b).
///
/// - Error: at most 2 ULP, those of [Sigmoid] and one rounding; a 2^-149 where sigmoid(b) is
///   subnormal, from b = -87.3 down.
/// - Special values: IEEE, so that an infinite a is NaN behind a gate that is shut.
/// - Backward, from the input: ga = gy s, gb = gy a s (1 - s), s = sigmoid(b), which is 0 once s
///   rounds to 1.
/// - Writes: forward overwrites y, backward ga and gb, which may be a and b.
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

  /// Both halves of a row of x, and of its gradient, stand in one segment.
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
