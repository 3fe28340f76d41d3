package io.github.lanewise.core.activation;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import io.github.lanewise.core.math.Erf;
import io.github.lanewise.core.math.Exp;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Error function: y = 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x.
///
/// - Error and special values: [Erf].
/// - Backward: gx = 2 / sqrt(pi) exp(-x^2) gy, where x is the saved input.
/// - Writes: forward overwrites y, which may be x; backward overwrites gx, which may be gy. n must
///   be a multiple of the vector length.
public final class ErfKernel {
  private ErfKernel() {}

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      Erf.erf(x0).intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
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
      gy0.mul(Exp.expNonPositive(x0.mul(x0).neg()).mul(1.1283792f))
          .intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
