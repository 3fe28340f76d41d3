package io.github.lanewise.core.math;

import static io.github.lanewise.core.kernel.Lanes.F;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// GELU, x Phi(x) with the normal distribution function Phi, and its derivative Phi(x) + x phi(x).
///
/// - With a = |x| and the scaled tail R(a) = Phi(-a) exp(a^2 / 2), both signs are one formula,
///   max(x, 0) - a R(a) exp(-a^2 / 2), and nothing cancels on the left. a^2 / 2 is an FMA-exact
///   pair,
///   exp's fraction is used as 1 + s, and 2^n comes last, so a subnormal result is rounded once.
/// - R(a) = n(a) / d(a), degrees 4 and 5, relative error 1.9e-8; below 1 it is 1/2 + a m(a) / d(a),
///   whose quotient needs fewer digits: @NEAR@ ulp without.
/// - Polynomials: d by `fit.RationalFit`, n and m minimax given d, by `fit.NormalTailFit`.
/// - Error: @GELU@
/// - Derivative: @GELUD@
/// - Special values: ±0 -> ±0, inf -> inf, -inf -> -0, MAX -> MAX, NaN -> NaN; -0 below -14.36.
///   Derivative: 1/2 at 0, 1 at inf, 0 at -inf.
/// - Reference: Hendrycks & Gimpel (2016), Gaussian Error Linear Units.
public final class Gelu {
  private static final float ROUND_191 = 0x1.8p23f + 191; // for 2^(n + 64), a normal number
  private static final float FLAT = 15f; // beyond, both tails have rounded to 0
  private static final float NEAR = 1f;
  private static final float DENSITY_AT_0 = 0.3989423f;

  private static final float D1 = 1.6809039f;
  private static final float D2 = 1.2124814f;
  private static final float D3 = 0.47588128f;
  private static final float D4 = 0.103937045f;
  private static final float D5 = 0.010634398f;

  private static final float N0 = 0.49999997f;
  private static final float N1 = 0.44150943f;
  private static final float N2 = 0.1856601f;
  private static final float N3 = 0.041462652f;
  private static final float N4 = 0.004242551f;

  private static final float M0 = -0.39894235f;
  private static final float M1 = -0.4205823f;
  private static final float M2 = -0.19647333f;
  private static final float M3 = -0.047731094f;
  private static final float M4 = -0.005315247f;

  private Gelu() {}

  /// x Phi(x).
  public static FloatVector gelu(FloatVector x) {
    FloatVector a = x.abs();
    a = a.blend(FLAT, a.compare(GT, FLAT));
    VectorMask<Float> near = a.compare(LT, NEAR);
    FloatVector quotient = numerator(a).blend(nearNumerator(a).mul(a), near).div(denominator(a));
    FloatVector half = a.mul(0.5f);
    FloatVector w = a.fma(quotient, FloatVector.zero(F).blend(half, near)); // a R(a)
    FloatVector h = a.mul(-0.5f).mul(a);
    FloatVector minusL = half.fma(a, h);
    FloatVector z =
        h.fma(FloatVector.broadcast(F, Exp.LOG2_E), FloatVector.broadcast(F, ROUND_191));
    FloatVector s = expm1OfRest(h, minusL, z.sub(ROUND_191));
    FloatVector scale = z.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
    FloatVector linear = x.blend(-0f, x.compare(LT, 0f));
    return w.fma(s, w).mul(scale).fma(FloatVector.broadcast(F, -0x1p-64f), linear);
  }

  /// Phi(x) + x phi(x): exp(-a^2 / 2) (R(a) - a phi(0)) on the left, 1 minus that on the right.
  public static FloatVector derivative(FloatVector x) {
    FloatVector a = x.abs();
    a = a.blend(FLAT, a.compare(GT, FLAT));
    FloatVector half = a.mul(-0.5f);
    FloatVector h = half.mul(a);
    FloatVector e = Exp.expNonPositive(h, half.fma(a, h.neg()));
    FloatVector left =
        a.fma(FloatVector.broadcast(F, -DENSITY_AT_0), numerator(a).div(denominator(a))).mul(e);
    return left.blend(FloatVector.broadcast(F, 1f).sub(left), x.compare(GT, 0f));
  }

  /// exp(h - minusL - n ln 2) - 1, for an integer n that makes the argument at most ln 2 / 2 in
  /// size.
  static FloatVector expm1OfRest(FloatVector h, FloatVector minusL, FloatVector n) {
    FloatVector r =
        n.fma(FloatVector.broadcast(F, -Exp.LN2_HI), h)
            .sub(n.fma(FloatVector.broadcast(F, Exp.LN2_LO), minusL));
    return Exp.growth(r).mul(r);
  }

  private static FloatVector numerator(FloatVector a) {
    return a.fma(FloatVector.broadcast(F, N4), FloatVector.broadcast(F, N3))
        .fma(a, FloatVector.broadcast(F, N2))
        .fma(a, FloatVector.broadcast(F, N1))
        .fma(a, FloatVector.broadcast(F, N0));
  }

  private static FloatVector nearNumerator(FloatVector a) {
    return a.fma(FloatVector.broadcast(F, M4), FloatVector.broadcast(F, M3))
        .fma(a, FloatVector.broadcast(F, M2))
        .fma(a, FloatVector.broadcast(F, M1))
        .fma(a, FloatVector.broadcast(F, M0));
  }

  private static FloatVector denominator(FloatVector a) {
    return a.fma(FloatVector.broadcast(F, D5), FloatVector.broadcast(F, D4))
        .fma(a, FloatVector.broadcast(F, D3))
        .fma(a, FloatVector.broadcast(F, D2))
        .fma(a, FloatVector.broadcast(F, D1))
        .fma(a, FloatVector.broadcast(F, 1f));
  }
}
