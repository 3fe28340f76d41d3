package io.github.lanewise.core.activation;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;

import io.github.lanewise.core.math.Exp;
import io.github.lanewise.core.math.Expm1;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// ELU, CELU and SELU: y = positive x if x > 0, else negative (exp(inverse x) - 1).
///
/// - Scalars: ELU has positive 1, negative alpha and inverse 1. CELU has positive 1, negative alpha
///   and inverse 1 / alpha. SELU has positive 1.0507010, negative 1.7580993 and inverse 1. The
///   product with inverse is exact for ELU and SELU.
///
/// - Error: at most 2 ULP for ELU, for SELU, and for CELU with alpha 1.
/// - Special values: NaN gives NaN; -0.0 counts as negative; -inf gives -negative.
/// - Backward: gx = positive gy if x > 0, else negative inverse exp(inverse x) gy, where x is the
///   saved input.
/// - Writes: forward overwrites y, which may be x; backward overwrites gx, which may be gy. n must
///   be a multiple of the vector length.
/// - Reference: Clevert et al. (2016); Barron (2017); Klambauer et al. (2017)
public final class EluKernel {
  private EluKernel() {}

  public static void forward(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float positive,
      float negative,
      float inverse) {
    assert n % F.length() == 0;
    FloatVector positiveV = FloatVector.broadcast(F, positive);
    FloatVector negativeV = FloatVector.broadcast(F, negative);
    FloatVector inverseV = FloatVector.broadcast(F, inverse);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector left = Expm1.expm1(x0.mul(inverseV)).mul(negativeV);
      left.blend(x0.mul(positiveV), x0.compare(GT, 0f))
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
      float positive,
      float negative,
      float inverse) {
    assert n % F.length() == 0;
    FloatVector positiveV = FloatVector.broadcast(F, positive);
    FloatVector negativeV = FloatVector.broadcast(F, negative);
    FloatVector inverseV = FloatVector.broadcast(F, inverse);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      FloatVector left = Exp.expNonPositive(x0.mul(inverseV)).mul(negativeV.mul(inverseV));
      gy0.mul(left.blend(positiveV, x0.compare(GT, 0f)))
          .intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
