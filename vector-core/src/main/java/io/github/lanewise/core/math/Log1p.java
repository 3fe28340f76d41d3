package io.github.lanewise.core.math;

import static io.github.lanewise.core.simd.Lanes.F;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// log(1 + x), in which the rounding error of 1 + x plays no part.
///
/// - Reduction: n is the integer for which the rounded 1 + x, divided by 2^n, lies in [3/4, 3/2),
///   and f = x 2^-n + (2^-n - 1). Both terms are exact, and so is f until x is far above 1. Then
///   log1p x = n ln 2 + log(1 + f), which is summed by [Log]. With 2/3 in place of 3/4, f would
///   lose its last bit for x in [1/3, 1/2): 1.54 ulp.
/// - Error: at most 0.932 ulp, at x = -0.2581258 (-0x1.085222p-2); 1.9 % of the results are not the
///   nearest float. Measured over all floats from -1 to 16 of size 2^-13 or more and every 65th
///   elsewhere; monotone there.
/// - [#ofSmall] is for 0 <= x <= 0.37 and needs no reduction: x + x^2 q(x), where q has degree 5
///   and is minimax in the relative error (5.5e-9).
/// - Polynomials: by `LogFit` (test sources).
/// - Special values: -1 -> -inf, x < -1 -> NaN, ±0 and tiny x -> x, inf -> inf, NaN -> NaN.
/// - Source: Muller, Elementary Functions (3rd ed. 2016), chapter 11.
public final class Log1p {
  private static final float C0 = -0.49999908f;
  private static final float C1 = 0.33328325f;
  private static final float C2 = -0.2490845f;
  private static final float C3 = 0.1921272f;
  private static final float C4 = -0.13080981f;
  private static final float C5 = 0.0530903f;

  private Log1p() {}

  /// Returns log(1 + x).
  public static FloatVector log1p(FloatVector x) {
    IntVector e = x.add(1f).reinterpretAsInts().sub(Log.REDUCTION_BITS).lanewise(ASHR, 23);
    IntVector shift = e.lanewise(LSHL, 23);
    // Up to n = 128, 2^(1 - n) is a normal number or 0. 2^-n can be subnormal, which adding to an
    // exponent cannot give.
    FloatVector twice = shift.neg().add(0x40000000).reinterpretAsFloats();
    FloatVector scaled = x.reinterpretAsInts().sub(shift).reinterpretAsFloats();
    FloatVector f = twice.fma(0.5f, -1f).add(scaled);
    FloatVector n = (FloatVector) e.convert(I2F, 0);
    FloatVector hi = Log.high(n, f);
    FloatVector y = Log.low(n, f, hi).add(hi);
    return x.blend(y, x.compare(LT, Float.POSITIVE_INFINITY))
        .blend(x, x.compare(EQ, 0f)) // keeps -0, which the sums turn into +0
        .blend(Float.NaN, x.compare(LT, -1f))
        .blend(Float.NEGATIVE_INFINITY, x.compare(EQ, -1f));
  }

  /// Returns log(1 + x) for 0 <= x <= 0.37.
  static FloatVector ofSmall(FloatVector x) {
    FloatVector q =
        x.fma(C5, C4)
            .fma(x, FloatVector.broadcast(F, C3))
            .fma(x, FloatVector.broadcast(F, C2))
            .fma(x, FloatVector.broadcast(F, C1))
            .fma(x, FloatVector.broadcast(F, C0));
    return x.mul(x).fma(q, x);
  }
}
