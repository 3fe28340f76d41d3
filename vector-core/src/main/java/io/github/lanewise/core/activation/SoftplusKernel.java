package io.github.lanewise.core.activation;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;

import io.github.lanewise.core.math.Sigmoid;
import io.github.lanewise.core.math.Softplus;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Softplus: y = log(1 + exp(beta x)) / beta, or x where beta x > threshold.
///
/// - Error and special values: [Softplus].
/// - Backward: gx = sigmoid(beta x) gy, or gy where beta x > threshold; x is the saved input.
/// - Writes: forward overwrites y, which may be x; backward overwrites gx, which may be gy. n must
///   be a multiple of the vector length.
public final class SoftplusKernel {
  private SoftplusKernel() {}

  public static void forward(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float beta,
      float threshold,
      float inverseBeta) {
    assert n % F.length() == 0;
    FloatVector betaV = FloatVector.broadcast(F, beta);
    FloatVector inverseBetaV = FloatVector.broadcast(F, inverseBeta);
    FloatVector thresholdV = FloatVector.broadcast(F, threshold);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      Softplus.softplus(x0, betaV, inverseBetaV, thresholdV)
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
      float beta,
      float threshold) {
    assert n % F.length() == 0;
    FloatVector betaV = FloatVector.broadcast(F, beta);
    FloatVector thresholdV = FloatVector.broadcast(F, threshold);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      FloatVector z = x0.mul(betaV);
      gy0.mul(Sigmoid.sigmoid(z).blend(1f, z.compare(GT, thresholdV)))
          .intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
