package io.github.lanewise.core.math;

import static io.github.lanewise.core.kernel.Lanes.F;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/// GELU, x Phi(x) with the normal distribution function Phi, and its derivative Phi(x) + x
/// phi(x).
///
/// - Both signs are one formula, max(x, 0) - a Phi(-a) with a = |x|: nothing cancels on the left.
/// - Up to 1, Phi(-a) = 1/2 - a S - a p(a^2 - 1/2): S is a float, p of degree 5 has an error of
///   6.0e-10 relative to Phi(-a).
/// - From 1 on, Phi(-a) = exp(-a^2 / 2) n(a) / d(a), degrees 3 and 4, relative error 5.3e-8. a^2
///   / 2 is an exact pair. Both branches are 2^64 too large until the last FMA, so a subnormal
///   result is rounded once.
/// - Polynomials: p and n minimax, d by least squares, by the program `fit.NormalTailFit`.
/// - Error: at most 1.82 ulp from -1 on, at x = -0.34027612 (-0x1.5c7158p-2), and 1.48 ulp for
///   positive x; left of -1 at most 6.1 ulp (7.3e-7), at x = -5.2204, the subnormal tail included.
///   Measured over all floats from -16 to 8 of size 2^-26 or more and every 65th elsewhere.
/// - Derivative: t / u is the quotient on all of [0, 15], degrees 4 and 5, relative error 1.6e-8.
///   Its absolute error is at most 0.56 * 2^-22 max(1, |f'|), at x = 0.01174, over every 65th
///   float. The branch of the forward body would be more exact (0.42), but makes the method so
///   large that C2 stops inlining it (NodeCountInliningCutoff): 2.8 against 0.6 ns.
/// - Special values: ±0 -> ±0, inf -> inf, -inf -> -0, MAX -> MAX, NaN -> NaN; -0 below -14.36.
///   Derivative: 1/2 at 0, 1 at inf, 0 at -inf.
/// - Tried: n / d from 0 on, 4.3 ulp near 0; 1/2 + a m(a) / d(a) up to 1, 3.0 ulp; a polynomial
///   of degree 8 in a up to 1, one FMA more and a fit 2^5 worse.
/// - Reference: Hendrycks & Gimpel (2016), Gaussian Error Linear Units.
public final class Gelu {
  private static final float ROUND_191 = 0x1.8p23f + 191; // for 2^(n + 64), a normal number
  private static final float FLAT = 15f; // beyond, both tails have rounded to 0
  private static final float DENSITY_AT_0 = 0.3989423f;
  private static final float TWO_64 = 0x1p64f;

  private static final float S = 0.368049f;
  private static final float P0 = -2.4651978E-9f;
  private static final float P1 = -0.05735243f;
  private static final float P2 = 0.0083545f;
  private static final float P3 = -9.785317E-4f;
  private static final float P4 = 9.429472E-5f;
  private static final float P5 = -7.477816E-6f;

  private static final float N0 = 0.499758f;
  private static final float N1 = 0.40334192f;
  private static final float N2 = 0.1458585f;
  private static final float N3 = 0.0251641f;

  private static final float D1 = 1.6021922f;
  private static final float D2 = 1.0754968f;
  private static final float D3 = 0.36554658f;
  private static final float D4 = 0.063078366f;

  private static final float T0 = 0.5f;
  private static final float T1 = 0.4415094f;
  private static final float T2 = 0.18566008f;
  private static final float T3 = 0.04146266f;
  private static final float T4 = 0.0042425506f;

  private static final float U1 = 1.6809039f;
  private static final float U2 = 1.2124814f;
  private static final float U3 = 0.47588128f;
  private static final float U4 = 0.103937045f;
  private static final float U5 = 0.010634398f;

  private Gelu() {}

  /// x Phi(x).
  public static FloatVector gelu(FloatVector x) {
    FloatVector a = x.abs();
    a = a.blend(FLAT, a.compare(GT, FLAT));
    FloatVector minusA = a.neg();
    FloatVector half = a.mul(0.5f);
    FloatVector h = half.mul(minusA);
    FloatVector z = h.fma(Exp.LOG2_E, ROUND_191);
    FloatVector s = expm1OfRest(h, half.fma(a, h), z.sub(ROUND_191));
    FloatVector r = scaledTail(a);
    FloatVector scale = z.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
    // 2^64 Phi(-a) for a <= 1: here and not in a method of its own, which C2 would no longer inline
    // behind those two.
    FloatVector v = a.fma(a, FloatVector.broadcast(F, -0.5f));
    FloatVector centre =
        v.fma(P5 * TWO_64, P4 * TWO_64)
            .fma(v, FloatVector.broadcast(F, P3 * TWO_64))
            .fma(v, FloatVector.broadcast(F, P2 * TWO_64))
            .fma(v, FloatVector.broadcast(F, P1 * TWO_64))
            .fma(v, FloatVector.broadcast(F, P0 * TWO_64))
            .fma(minusA, minusA.fma(S * TWO_64, 0.5f * TWO_64));
    FloatVector tail = r.fma(s, r).mul(scale).blend(centre, a.compare(LE, 1f));
    FloatVector linear = x.blend(-0f, x.compare(LT, 0f));
    return tail.mul(minusA).fma(FloatVector.broadcast(F, 1 / TWO_64), linear);
  }

  /// Phi(x) + x phi(x): exp(-a^2 / 2) (t(a) / u(a) - a phi(0)) on the left, 1 minus that on the
  /// right.
  public static FloatVector derivative(FloatVector x) {
    FloatVector a = x.abs();
    a = a.blend(FLAT, a.compare(GT, FLAT));
    FloatVector half = a.mul(-0.5f);
    FloatVector h = half.mul(a);
    FloatVector e = Exp.expNonPositive(h, half.fma(a, h.neg()));
    FloatVector left = a.fma(FloatVector.broadcast(F, -DENSITY_AT_0), scaledTailFrom0(a)).mul(e);
    return left.blend(FloatVector.broadcast(F, 1f).sub(left), x.compare(GT, 0f));
  }

  /// exp(h - minusL - n ln 2) - 1, where the integer n makes the argument at most ln 2 / 2.
  static FloatVector expm1OfRest(FloatVector h, FloatVector minusL, FloatVector n) {
    FloatVector r =
        n.fma(FloatVector.broadcast(F, -Exp.LN2_HI), h)
            .sub(n.fma(FloatVector.broadcast(F, Exp.LN2_LO), minusL));
    return Exp.growth(r).mul(r);
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
        a.fma(U5, U4)
            .fma(a, FloatVector.broadcast(F, U3))
            .fma(a, FloatVector.broadcast(F, U2))
            .fma(a, FloatVector.broadcast(F, U1))
            .fma(a, FloatVector.broadcast(F, 1f));
    return a.fma(T4, T3)
        .fma(a, FloatVector.broadcast(F, T2))
        .fma(a, FloatVector.broadcast(F, T1))
        .fma(a, FloatVector.broadcast(F, T0))
        .div(denominator);
  }
}
