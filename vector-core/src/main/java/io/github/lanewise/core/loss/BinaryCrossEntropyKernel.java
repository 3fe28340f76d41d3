package io.github.lanewise.core.loss;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;

import io.github.lanewise.core.math.Sigmoid;
import io.github.lanewise.core.math.Softplus;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Binary cross-entropy of a logit y and a label t, with a weight a for the positive class:
/// w log(1 + exp(y)) - a t y, where w = a t + 1 - t.
///
/// - Method: it is computed as w log1p(exp(-|y|)) + y s, where s = 1 - t if y > 0, else s = -a t.
///   In this form exp cannot overflow, and for labels in [0, 1] neither term is negative, so
///   nothing cancels.
/// - Error: at most 4 ULP of the sum of the absolute values of both terms.
/// - Special values: an infinite logit gives inf where it contradicts the label, and NaN (0 times
///   inf) where it agrees with it. PyTorch gives NaN for a logit of -inf and a label of 1, too.
/// - Gradient: factor (w sigmoid(y) - a t).
/// - Writes: losses overwrites loss; gradient overwrites gy, which may be y or t. n must be a
///   multiple of the vector length.
public final class BinaryCrossEntropyKernel {
  private BinaryCrossEntropyKernel() {}

  public static void losses(
      MemorySegment y,
      long yByteOffset,
      MemorySegment t,
      long tByteOffset,
      MemorySegment loss,
      long lossByteOffset,
      int n,
      float positive) {
    assert n % F.length() == 0;
    FloatVector positiveV = FloatVector.broadcast(F, positive);
    FloatVector one = FloatVector.broadcast(F, 1f);
    FloatVector infinity = FloatVector.broadcast(F, Float.POSITIVE_INFINITY);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(loss);
      long p = (long) i << 2;
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector t0 = fromMemorySegment(F, t, tByteOffset + p, LITTLE_ENDIAN);
      FloatVector rest = one.sub(t0);
      FloatVector slope = positiveV.mul(t0).neg().blend(rest, y0.compare(GT, 0f));
      FloatVector softplus = Softplus.softplus(y0.abs().neg(), one, one, infinity);
      softplus
          .mul(positiveV.fma(t0, rest))
          .add(y0.mul(slope))
          .intoMemorySegment(loss, lossByteOffset + p, LITTLE_ENDIAN);
    }
  }

  public static void gradient(
      MemorySegment y,
      long yByteOffset,
      MemorySegment t,
      long tByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      int n,
      float factor,
      float positive) {
    assert n % F.length() == 0;
    FloatVector factorV = FloatVector.broadcast(F, factor);
    FloatVector positiveV = FloatVector.broadcast(F, positive);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gy);
      long p = (long) i << 2;
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector t0 = fromMemorySegment(F, t, tByteOffset + p, LITTLE_ENDIAN);
      FloatVector weight = positiveV.fma(t0, FloatVector.broadcast(F, 1f).sub(t0));
      weight
          .mul(Sigmoid.sigmoid(y0))
          .sub(positiveV.mul(t0))
          .mul(factorV)
          .intoMemorySegment(gy, gyByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
