package io.github.lanewise.core.math;

import static io.github.lanewise.core.simd.Lanes.F;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// GELU, x Phi(x), and its derivative Phi(x) + x phi(x), where Phi is the normal distribution
/// function and phi its density. In what follows, a = |x|.
///
/// - a <= 1: x/2 + a^2 P(a^2 - 1/2), where P has degree 5 and an error of 7.6e-9 relative to the
///   result.
/// - a > 1: max(x, 0) - a Phi(-a), in which nothing cancels for x < 0. Phi(-a) is exp(-a^2 / 2)
///   N(a) / D(a), where N and D have degrees 3 and 4 and the relative error is 4.8e-8.
/// - exp(-a^2 / 2): a^2 is the exact sum of two floats, and the polynomial has degree 5 and a
///   relative error of 9.2e-8. For 2 ln 2 the reduction uses a single float, which is slightly too
///   large. Since n ln 2 is close to -a^2 / 2, that changes exp by a factor that depends on a, and
///   the fit of N / D includes its inverse.
/// - Scaling: Phi(-a) is 2^64 times too large, and a is 2^64 times too small, until the last FMA
///   multiplies them, so a subnormal result is rounded only once. Both are scaled by integer
///   additions to their exponents, which take no multiplication.
/// - Polynomials: P, N and that of exp are minimax, and D is fitted by least squares, all by
///   `NormalTailFit` (test sources).
/// - Error: for x >= -1 at most 1.82 ulp, at x = -0.9987902 (-0x1.ff616ep-1), and 1.35 ulp for
///   x > 0. For x < -1 at most 6.5 ulp, at x = -5.9626737, and 4.7e-7 relative where the result is
///   normal. Measured over all floats of size 1e-12 to 15.5.
/// - Derivative: its quotient T(a) / U(a) is fitted on all of [0, 15], with degrees 3 and 4 and an
///   error of 6.0e-8 of Phi(-a) exp(a^2 / 2) + a phi(0). The absolute error of the derivative f' is
///   at most 0.65 * 2^-22 max(1, |f'|), at x = 0.0026, over the same floats.
/// - Special values: ±0 -> ±0, inf -> inf, -inf -> -0, MAX_VALUE -> MAX_VALUE, NaN -> NaN; -0 below
///   -14.36. Derivative: 1/2 at 0, 1 at inf, 0 at -inf.
/// - Reference: Hendrycks & Gimpel (2016), Gaussian Error Linear Units.
public final class Gelu {
  // The low bits hold n + 64, which is added to an exponent: Phi(-a) is 2^64 times too large until
  // the last operation. See Exp.ROUND.
  private static final float ROUND_64 = Exp.ROUND + 64;
  // Larger a are clamped to this: both tails have rounded to 0 there.
  private static final float FLAT = 15f;
  private static final float TWO_LN2 = 2 * Exp.LN2_HI;
  // Added to the bits of a float, this multiplies it by -2^-64.
  private static final int MINUS_2_TO_MINUS_64 = 0x80000000 - (64 << 23);
  private static final int SIGN = 0x80000000;
  private static final float DENSITY_AT_0 = 0.3989423f;

  // exp(-r / 2) = 1 + E1 r + ... + E5 r^5.
  private static final float E1 = -0.49999985f;
  private static final float E2 = 0.12499787f;
  private static final float E3 = -0.020834574f;
  private static final float E4 = 0.0026186327f;
  private static final float E5 = -2.590203E-4f;

  // The result needs P(v) (square + low), but the last FMA multiplies P(v) by square alone. So P(v)
  // has to rise by P(v) low / square, which is about half of low. It does so where v rises by
  // LOW_TO_V times low, since LOW_TO_V is 1/2 divided by the derivative of P.
  private static final float LOW_TO_V = -8.5f;
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

  // n + 191 is the biased exponent of 2^(n + 64).
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

  /// Returns x Phi(x).
  public static FloatVector gelu(FloatVector x) {
    FloatVector a = x.abs();
    a = a.blend(FLAT, a.compare(GT, FLAT));
    FloatVector square = a.mul(a);
    FloatVector z = square.fma(-0.5f * Exp.LOG2_E, ROUND_64);
    FloatVector low = a.fma(a, square.neg());
    FloatVector t = decay(square, low, z.sub(ROUND_64));
    FloatVector q = scaledTail(a);
    // 2^64 Phi(-a) for a >= 1: n + 64 is added to the exponent.
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

  /// Returns Phi(x) + x phi(x): for x <= 0 it is exp(-a^2 / 2) (T(a) / U(a) - a phi(0)), and for
  /// x > 0 it is 1 minus that.
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

  /// Returns exp(-r / 2) - 1, where r = square + low + 2 n ln 2 and n is the integer that makes r
  /// small.
  private static FloatVector decay(FloatVector square, FloatVector low, FloatVector n) {
    FloatVector r = n.fma(FloatVector.broadcast(F, TWO_LN2), square).add(low);
    return r.fma(E5, E4)
        .fma(r, FloatVector.broadcast(F, E3))
        .fma(r, FloatVector.broadcast(F, E2))
        .fma(r, FloatVector.broadcast(F, E1))
        .mul(r);
  }

  /// Returns Phi(-a) exp(a^2 / 2) for 1 <= a <= 15.
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

  /// Returns Phi(-a) exp(a^2 / 2) for 0 <= a <= 15.
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
