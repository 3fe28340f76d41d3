package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;
import static jdk.incubator.vector.VectorOperators.GT;

import io.github.lanewise.core.math.Exp;
import io.github.lanewise.core.math.Expm1;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// ELU, CELU and SELU: y = positive x if x > 0, else negative expm1(x / alpha).
///
/// - ELU: positive 1, negative alpha, x as it is. CELU: positive 1, negative alpha, x / alpha.
///   SELU: positive 1.0507010, negative 1.7580993, x as it is. The division is a product by
///   inverse, which is exact for ELU and SELU.
/// - Error: at most 2 ULP for ELU, SELU and CELU of alpha 1.
/// - Special values: NaN passes; -0.0 is on the negative side; -inf gives -negative.
/// - Backward, from the saved input: gx = positive gy if x > 0, else negative inverse exp(x /
///   alpha) gy.
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy.
/// - Reference: Clevert et al. (2016); Barron (2017); Klambauer et al. (2017)
public final class EluKernel {
  private EluKernel() {}

  private static FloatVector value(
      FloatVector x, FloatVector positiveV, FloatVector negativeV, FloatVector inverseV) {
    return Expm1.expm1(x.mul(inverseV)).mul(negativeV).blend(x.mul(positiveV), x.compare(GT, 0f));
  }

  private static FloatVector gradient(
      FloatVector x,
      FloatVector gy,
      FloatVector positiveV,
      FloatVector negativeV,
      FloatVector inverseV) {
    FloatVector slope = Exp.expNonPositive(x.mul(inverseV)).mul(negativeV.mul(inverseV));
    return gy.mul(slope.blend(positiveV, x.compare(GT, 0f)));
  }

  public static void forward(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float positive,
      float negative,
      float inverse) {
    assert n >= 0;
    int whole = Lanes.wholeBlocks(n);
    if (whole > 0) {
      forwardWhole(x, xByteOffset, y, yByteOffset, whole, positive, negative, inverse);
    }
    if (whole < n) {
      forwardRest(x, xByteOffset, y, yByteOffset, whole, n, positive, negative, inverse);
    }
  }

  private static void forwardWhole(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float positive,
      float negative,
      float inverse) {
    FloatVector positiveV = FloatVector.broadcast(F, positive);
    FloatVector negativeV = FloatVector.broadcast(F, negative);
    FloatVector inverseV = FloatVector.broadcast(F, inverse);
    for (int i = 0; i < n; i += F.length()) {
      long p = (long) i << 2;
      store(y, yByteOffset + p, value(load(x, xByteOffset + p), positiveV, negativeV, inverseV));
    }
  }

  private static void forwardRest(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int from,
      int n,
      float positive,
      float negative,
      float inverse) {
    FloatVector positiveV = FloatVector.broadcast(F, positive);
    FloatVector negativeV = FloatVector.broadcast(F, negative);
    FloatVector inverseV = FloatVector.broadcast(F, inverse);
    for (int i = from; i < n; i += F.length()) {
      long p = (long) i << 2;
      VectorMask<Float> inside = F.indexInRange(i, n);
      store(
          y,
          yByteOffset + p,
          value(load(x, xByteOffset + p, inside), positiveV, negativeV, inverseV),
          inside);
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
    assert n >= 0;
    int whole = Lanes.wholeBlocks(n);
    if (whole > 0) {
      backwardWhole(
          x, xByteOffset, gy, gyByteOffset, gx, gxByteOffset, whole, positive, negative, inverse);
    }
    if (whole < n) {
      backwardRest(
          x,
          xByteOffset,
          gy,
          gyByteOffset,
          gx,
          gxByteOffset,
          whole,
          n,
          positive,
          negative,
          inverse);
    }
  }

  private static void backwardWhole(
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
    FloatVector positiveV = FloatVector.broadcast(F, positive);
    FloatVector negativeV = FloatVector.broadcast(F, negative);
    FloatVector inverseV = FloatVector.broadcast(F, inverse);
    for (int i = 0; i < n; i += F.length()) {
      long p = (long) i << 2;
      store(
          gx,
          gxByteOffset + p,
          gradient(
              load(x, xByteOffset + p),
              load(gy, gyByteOffset + p),
              positiveV,
              negativeV,
              inverseV));
    }
  }

  private static void backwardRest(
      MemorySegment x,
      long xByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int from,
      int n,
      float positive,
      float negative,
      float inverse) {
    FloatVector positiveV = FloatVector.broadcast(F, positive);
    FloatVector negativeV = FloatVector.broadcast(F, negative);
    FloatVector inverseV = FloatVector.broadcast(F, inverse);
    for (int i = from; i < n; i += F.length()) {
      long p = (long) i << 2;
      VectorMask<Float> inside = F.indexInRange(i, n);
      store(
          gx,
          gxByteOffset + p,
          gradient(
              load(x, xByteOffset + p, inside),
              load(gy, gyByteOffset + p, inside),
              positiveV,
              negativeV,
              inverseV),
          inside);
    }
  }
}
