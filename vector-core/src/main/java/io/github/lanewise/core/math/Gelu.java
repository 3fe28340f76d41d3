package io.github.lanewise.core.math;

import static io.github.lanewise.core.simd.Lanes.F;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// GELU, x Phi(x) with the normal distribution function Phi, and its derivative Phi(x) + x
/// phi(x).
///
/// - Up to a = |x| = 1 it is x/2 + a^2 p(a^2 - 1/2), p of degree 5 with an error of 7.6e-9 relative
///   to the result.
/// - From 1 on it is max(x, 0) - a Phi(-a), where nothing cancels on the left, and Phi(-a) =
///   exp(-a^2 / 2) n(a) / d(a), degrees 3 and 4, relative error 4.8e-8. a^2 is an exact pair, exp
///   one of degree 5, relative error 9.2e-8. 2 ln 2 is a single float: as n ln 2 is close to -a^2 /
///   2, what it is too large by is a factor that n / d takes back.
/// - Phi(-a) is 2^64 too large, and a as much too small, until the last FMA, so a subnormal result
///   is rounded once. Both are made by adding to the exponents, at no cost to the multipliers.
/// - Polynomials: p, n and exp minimax, d by least squares, by the program `fit.NormalTailFit`.
/// - Error: from -1 on at most 1.82 ulp, at x = -0.9987902 (-0x1.ff616ep-1), 1.35 ulp for x > 0;
///   left of -1 at most 6.5 ulp, at x = -5.9626737, and 4.7e-7 relative where the result is normal.
///   Measured over all floats of size 1e-12 to 15.5.
/// - Derivative: the quotient is fitted on all of [0, 15], degrees 3 and 4; its error is 6.0e-8 of
///   Phi(-a) exp(a^2 / 2) + a phi(0). The absolute error of the derivative is at most 0.65 * 2^-22
///   max(1, |f'|), at x = 0.0026, over the same floats.
/// - Special values: ±0 -> ±0, inf -> inf, -inf -> -0, MAX -> MAX, NaN -> NaN; -0 below -14.36.
///   Derivative: 1/2 at 0, 1 at inf, 0 at -inf.
/// - Tried: n / d from 0 on, 4.3 ulp near 0; 1/2 + a m(a) / d(a) up to 1, 3.0 ulp; a polynomial
///   of degree 8 in a up to 1, one FMA more and a fit 2^5 worse; max(x, 0) - a Phi(-a) up to 1 as
///   well, 1.82 ulp but nine multiplications more (0.70 for 0.57 ns); p without what a^2 drops:
///   2.07 ulp (0.55 ns); the same correction after the polynomial, 0.59 ns.
/// - Reference: Hendrycks & Gimpel (2016), Gaussian Error Linear Units.
public final class Gelu {
  // n + 64: results of the left tail are 2^64 too large until the last operation.
  private static final float ROUND_64 = Exp.ROUND + 64;
  private static final float FLAT = 15f; // beyond, both tails have rounded to 0
  private static final float TWO_LN2 = 2 * Exp.LN2_HI;
  private static final int MINUS_2_TO_MINUS_64 = 0x80000000 - (64 << 23); // added to a float's bits
  private static final int SIGN = 0x80000000;
  private static final float DENSITY_AT_0 = 0.3989423f;

  private static final float E1 = -0.49999985f;
  private static final float E2 = 0.12499787f;
  private static final float E3 = -0.020834574f;
  private static final float E4 = 0.0026186327f;
  private static final float E5 = -2.590203E-4f;

  // p(v) square is to become p(v) (square + low): p rises by p(v) low / square, half of low or so.
  private static final float LOW_TO_V = -8.5f; // 1/2 divided by p'
  private static final float P0 = 0.368049f;
  private static final float P1 = -0.057352442f;
  private static final float P2 = 0.008354367f;
  private static final float P3 = -9.781499E-4f;
  private static final float P4 = 9.506017E-5f;
  private static final float P5 = -9.405577E-6f;

  private static final float N0 = 0.4997622f;
  private static final float N1 = 0.4026553f;
  private static final float N2 = 0.14543296f;
  private static final float N3 = 0.02503604f;

  private static final float D1 = 1.600858f;
  private static final float D2 = 1.0734969f;
  private static final float D3 = 0.36447626f;
  private static final float D4 = 0.06275752f;

  private static final float ROUND_191 = Exp.ROUND + 191;

  private static final float T0 = 0.49999997f;
  private static final float T1 = 0.34354937f;
  private static final float T2 = 0.108955026f;
  private static final float T3 = 0.014549439f;

  private static final float U1 = 1.48498f;
  private static final float U2 = 0.9027877f;
  private static final float U3 = 0.2727476f;
  private static final float U4 = 0.03648045f;

  private Gelu() {}

  /// x Phi(x).
  public static FloatVector gelu(FloatVector x) {
    FloatVector a = x.abs();
    a = a.blend(FLAT, a.compare(GT, FLAT));
    FloatVector square = a.mul(a);
    FloatVector z = square.fma(-0.5f * Exp.LOG2_E, ROUND_64);
    FloatVector low = a.fma(a, square.neg());
    FloatVector t = decay(square, low, z.sub(ROUND_64));
    FloatVector q = scaledTail(a);
    // Phi(-a) 2^64 for a >= 1, by adding n + 64 to the exponent.
    FloatVector tail =
        q.fma(t, q)
            .reinterpretAsInts()
            .add(z.reinterpretAsInts().lanewise(LSHL, 23))
            .reinterpretAsFloats();
    FloatVector v = low.fma(FloatVector.broadcast(F, LOW_TO_V), square.sub(0.5f));
    FloatVector slope =
        v.fma(P5, P4)
            .fma(v, FloatVector.broadcast(F, P3))
            .fma(v, FloatVector.broadcast(F, P2))
            .fma(v, FloatVector.broadcast(F, P1))
            .fma(v, FloatVector.broadcast(F, P0));
    VectorMask<Float> centre = a.compare(LE, 1f);
    FloatVector minusA = a.reinterpretAsInts().add(MINUS_2_TO_MINUS_64).reinterpretAsFloats();
    FloatVector linear = x.blend(0f, x.compare(LT, 0f)).blend(x.mul(0.5f), centre);
    return tail.blend(slope, centre)
        .fma(minusA.blend(square, centre), linear)
        .reinterpretAsInts()
        .or(x.reinterpretAsInts().and(SIGN))
        .reinterpretAsFloats();
  }

  /// Phi(x) + x phi(x): exp(-a^2 / 2) (t(a) / u(a) - a phi(0)) on the left, 1 minus that on the
  /// right.
  public static FloatVector derivative(FloatVector x) {
    FloatVector a = x.abs();
    a = a.blend(FLAT, a.compare(GT, FLAT));
    FloatVector square = a.mul(a);
    FloatVector z = square.fma(-0.5f * Exp.LOG2_E, ROUND_191);
    FloatVector scale = Exp.power(z);
    FloatVector t = decay(square, a.fma(a, square.neg()), z.sub(ROUND_191));
    FloatVector q = a.fma(FloatVector.broadcast(F, -DENSITY_AT_0), scaledTailFrom0(a));
    FloatVector left = q.fma(t, q).mul(scale).mul(0x1p-64f);
    return left.blend(FloatVector.broadcast(F, 1f).sub(left), x.compare(GT, 0f));
  }

  /// exp(-r / 2) - 1, where r = square + low + 2 n ln 2 for the integer n that makes it small.
  private static FloatVector decay(FloatVector square, FloatVector low, FloatVector n) {
    FloatVector r = n.fma(FloatVector.broadcast(F, TWO_LN2), square).add(low);
    return r.fma(E5, E4)
        .fma(r, FloatVector.broadcast(F, E3))
        .fma(r, FloatVector.broadcast(F, E2))
        .fma(r, FloatVector.broadcast(F, E1))
        .mul(r);
  }

  /// Phi(-a) exp(a^2 / 2) for 1 <= a <= 15.
  private static FloatVector scaledTail(FloatVector a) {
    FloatVector denominator =
        a.fma(D4, D3)
            .fma(a, FloatVector.broadcast(F, D2))
            .fma(a, FloatVector.broadcast(F, D1))
            .fma(a, FloatVector.broadcast(F, 1f));
    return a.fma(N3, N2)
        .fma(a, FloatVector.broadcast(F, N1))
        .fma(a, FloatVector.broadcast(F, N0))
        .div(denominator);
  }

  /// Phi(-a) exp(a^2 / 2) for 0 <= a <= 15.
  private static FloatVector scaledTailFrom0(FloatVector a) {
    FloatVector denominator =
        a.fma(U4, U3)
            .fma(a, FloatVector.broadcast(F, U2))
            .fma(a, FloatVector.broadcast(F, U1))
            .fma(a, FloatVector.broadcast(F, 1f));
    return a.fma(T3, T2)
        .fma(a, FloatVector.broadcast(F, T1))
        .fma(a, FloatVector.broadcast(F, T0))
        .div(denominator);
  }
}
