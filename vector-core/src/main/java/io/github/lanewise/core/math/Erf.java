package io.github.lanewise.core.math;

import static io.github.lanewise.core.simd.Lanes.F;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// The error function.
///
/// - Below 1: erf a = a + a p(a^2 - 1/2), degree 6, relative error 1.9e-9. The shift is free (one
///   FMA forms it) and takes the largest rounding out of p: 0.97 ulp without, 0.75 with it.
/// - From 1 on: erf a = 1 - exp(q(a - 1)), q of degree 6 fitted to log erfc, absolute error of
///   the result 8.1e-9. The argument of exp is summed anew around n ln 2, so it carries no
///   rounding of its leading digits. As q falls by at least half an ulp per step of a, the result
///   is monotone.
/// - From 3.92 on erf rounds to 1. The sign bit of x is copied: odd bit for bit.
/// - Polynomials: minimax, by the program `fit.ErfFit`.
/// - Error: at most 0.822 ulp, at x = 0.02725614 (0x1.be908ap-6), and its mirror image; 6.5 % of
///   results between 2^-13 and 4 are not the nearest float. Measured over all floats of size
///   2^-24 or more, odd and monotone over all of them; below, x (1 + 0.128...) is one rounding.
/// - Special values: ±0 -> ±0, tiny x -> 2 x / sqrt(pi), ±inf -> ±1, NaN -> NaN.
/// - Tried: erfc as the 4th power of a polynomial of degree 8, ten call sites fewer, but 1.4 ulp
///   and not monotone above 3.5; as ((c - a) p)^4, monotone, 1.3 ulp.
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

  // 1.5 * 2^23, the exponent bias, and 256: shifted left by 23, the low bits of x log2 e + this
  // are those of -2^n.
  private static final float ROUND_383 = 0x1.8p23f + 383;

  private Erf() {}

  /// erf(x).
  public static FloatVector erf(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector y =
        complement(a).blend(slope(a).fma(a, a), a.compare(LT, 1f)).blend(1f, a.compare(GE, 3.92f));
    IntVector sign = x.reinterpretAsInts().and(0x80000000);
    return y.reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  /// erf(a) / a - 1 for 0 <= a <= 1.
  private static FloatVector slope(FloatVector a) {
    FloatVector u = a.fma(a, FloatVector.broadcast(F, -0.5f));
    return u.fma(A6, A5)
        .fma(u, FloatVector.broadcast(F, A4))
        .fma(u, FloatVector.broadcast(F, A3))
        .fma(u, FloatVector.broadcast(F, A2))
        .fma(u, FloatVector.broadcast(F, A1))
        .fma(u, FloatVector.broadcast(F, A0));
  }

  /// 1 - erfc(a) for 1 <= a <= 3.92.
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
