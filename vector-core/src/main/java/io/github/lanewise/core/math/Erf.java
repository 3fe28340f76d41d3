package io.github.lanewise.core.math;

import static io.github.lanewise.core.simd.Lanes.F;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// The error function, computed for a = |x|. The sign bit of x is copied to the result, so the
/// function is odd bit for bit.
///
/// - a < 1: erf a = a + a p(a^2 - 1/2), where p has degree 6 and the relative error is 1.9e-9.
///   Subtracting 1/2 costs nothing, as one FMA forms the argument, and it removes the largest
///   rounding error of p: 0.97 ulp without it, 0.75 with it.
/// - 1 <= a < 3.92: erf a = 1 - exp(q(a - 1)), where q has degree 6 and is fitted to log erfc. The
///   absolute error of the result is 8.1e-9. The reduced argument q - n ln 2 is summed directly, by
///   adding the constant term less n ln 2 to the other terms, so it carries no rounding error of
///   the leading digits of q. When a rises by one ulp, q falls by at least half an ulp, so the
///   result is monotone.
/// - a >= 3.92: the result is 1, to which erf rounds.
/// - Polynomials: minimax, by `ErfFit` (test sources).
/// - Error: at most 0.822 ulp, at x = 0.02725614 (0x1.be908ap-6), and its mirror image; 6.5 % of
///   the results between 2^-13 and 4 are not the nearest float. Measured over all floats of size
///   2^-24 or more, odd and monotone over all of them. For smaller x the result x (1 + 0.128...) is
///   rounded only once.
/// - Special values: ±0 -> ±0, tiny x -> 2 x / sqrt(pi), ±inf -> ±1, NaN -> NaN.
/// - Source: Abramowitz & Stegun, Handbook of Mathematical Functions, 7.1.
public final class Erf {
  private static final float A0 = -0.03453126f;
  private static final float A1 = -0.2810722f;
  private static final float A2 = 0.07941003f;
  private static final float A3 = -0.018283263f;
  private static final float A4 = 0.0034796624f;
  private static final float A5 = -5.6575355E-4f;
  private static final float A6 = 8.0441E-5f;

  private static final float B0 = -1.8496056f;
  private static final float B1 = -2.6389627f;
  private static final float B2 = -0.8431724f;
  private static final float B3 = -0.041262224f;
  private static final float B4 = 0.009452714f;
  private static final float B5 = -0.0014810752f;
  private static final float B6 = 9.010127E-5f;

  // 383 = 127 + 256 is the bias of exponents and the sign bit above them: shifted left by 23, the
  // low bits of x log2 e + ROUND_383 are the bits of -2^n (see Exp.ROUND).
  private static final float ROUND_383 = 0x1.8p23f + 383;

  private Erf() {}

  /// Returns erf(x).
  public static FloatVector erf(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector y =
        complement(a).blend(slope(a).fma(a, a), a.compare(LT, 1f)).blend(1f, a.compare(GE, 3.92f));
    IntVector sign = x.reinterpretAsInts().and(0x80000000);
    return y.reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  /// Returns erf(a) / a - 1 for 0 <= a <= 1.
  private static FloatVector slope(FloatVector a) {
    FloatVector u = a.fma(a, FloatVector.broadcast(F, -0.5f));
    return u.fma(A6, A5)
        .fma(u, FloatVector.broadcast(F, A4))
        .fma(u, FloatVector.broadcast(F, A3))
        .fma(u, FloatVector.broadcast(F, A2))
        .fma(u, FloatVector.broadcast(F, A1))
        .fma(u, FloatVector.broadcast(F, A0));
  }

  /// Returns erf(a) = 1 - erfc(a) for 1 <= a <= 3.92.
  private static FloatVector complement(FloatVector a) {
    FloatVector t = a.sub(1f);
    FloatVector s =
        t.fma(B6, B5)
            .fma(t, FloatVector.broadcast(F, B4))
            .fma(t, FloatVector.broadcast(F, B3))
            .fma(t, FloatVector.broadcast(F, B2))
            .fma(t, FloatVector.broadcast(F, B1));
    FloatVector one = FloatVector.broadcast(F, 1f);
    FloatVector b0 = FloatVector.broadcast(F, B0);
    FloatVector z = s.fma(t, b0).fma(Exp.LOG2_E, ROUND_383);
    FloatVector r = s.fma(t, z.sub(ROUND_383).fma(FloatVector.broadcast(F, -Exp.LN2_HI), b0));
    FloatVector minusScale = z.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
    return Exp.series(r).fma(r, one).fma(r, one).fma(minusScale, one);
  }
}
