package io.github.lanewise.core.math;

import static io.github.lanewise.core.simd.Lanes.F;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/// GELU in its tanh form, x/2 (1 + tanh w) with w = sqrt(2/pi) (x + 0.044715 x^3), and its
/// derivative. In what follows, a = |x| and e = exp(-2 |w|).
///
/// - Formula: (1 + tanh w) / 2 is the sigmoid of 2 w, so the value is max(x, 0) - a e / (1 + e).
///   For 2 |w| < 1.1, where 1 + e would round away digits of e, it is computed as
///   x/2 - a/2 (e - 1) / (e + 1).
/// - Precision: 2 |w| is the sum of two floats, hi + lo, because e falls to 1e-46, where one ulp of
///   2 |w| is 64 ulp of e. ln 2 is a single float, which is slightly too large. Since n ln 2 is
///   close to -2 |w|, the constants of w are corrected by the same proportion.
/// - Scaling: for 2 |w| >= 1.1, e is 2^64 times too large, and a is 2^64 times too small, until the
///   last FMA multiplies them, so a subnormal result is rounded only once.
/// - Error: at most 0.957 (1 + 2 |w|) ulp, at x = -0.67512363 (-0x1.59a9cep-1), measured over all
///   floats of size 1e-12 to 15.5. For 29.0 million of all floats the result is not the nearest
///   float.
/// - Derivative: the absolute error is at most 0.52 * 2^-22 max(1, |f'|), at x = 1.3881412, over
///   the same floats.
/// - Special values: ±0 -> ±0, inf -> inf, -inf -> -0, ±MAX_VALUE -> MAX_VALUE and -0, NaN -> NaN;
///   -0 below -10.77. Derivative: 1/2 at 0, 1 at inf and MAX_VALUE, 0 at -inf and -MAX_VALUE.
/// - Reference: Hendrycks & Gimpel (2016), Gaussian Error Linear Units.
public final class GeluTanh {
  // n + 191 is the biased exponent of 2^(n + 64), a normal number; see Exp.ROUND.
  private static final float ROUND_191 = Exp.ROUND + 191;
  // Subtracted from n + 191, this leaves n + 127, the biased exponent of 2^n.
  private static final int UNSCALED = 64;
  // The low bits hold 1, the biased exponent of the smallest normal number.
  private static final int SMALLEST = Exp.ROUND_BITS + 1;
  // Added to the bits of a float, this multiplies it by -2^-64.
  private static final int MINUS_2_TO_MINUS_64 = 0x80000000 - (64 << 23);
  private static final int SIGN = 0x80000000;
  // Larger a are clamped to this: both tails have rounded to 0 there.
  private static final float FLAT = 11f;
  // Where -2 |w| is above this, 1 + e would round away digits of e.
  private static final float NEAR = -1.1f;

  // -2 w / x = K1 + K3 x^2, where K1 = -2 sqrt(2/pi) and K3 = 0.044715 K1. Each is the sum of two
  // floats. K1_HI is so short that differences with it are exact. K1_LO and K3_LO include the
  // correction for the float ln 2, which is too large.
  private static final float K1_HI = -0x1.988p0f;
  private static final float K1_LO = -0x1.14d406p-14f;
  private static final float K1 = -1.595769f;
  private static final float K3_HI = -0.071354814f;
  private static final float K3_LO = -2.5949036E-9f;
  private static final float K3_TIMES_3 = -0.21406445f;

  private GeluTanh() {}

  /// Returns x/2 (1 + tanh w).
  public static FloatVector gelu(FloatVector x) {
    FloatVector a = x.abs();
    a = a.blend(FLAT, a.compare(GT, FLAT));
    FloatVector minusA = a.neg();
    FloatVector a2 = a.mul(a);
    FloatVector minusA2Lo = minusA.fma(a, a2);
    FloatVector k1 = FloatVector.broadcast(F, K1_HI);
    FloatVector k3 = FloatVector.broadcast(F, K3_HI);
    FloatVector k = a2.fma(k3, k1); // -2 w / x
    FloatVector kLo = a2.fma(K3_LO, K1_LO);
    kLo = minusA2Lo.fma(FloatVector.broadcast(F, -K3_HI), kLo).add(a2.fma(k3, k1.sub(k)));
    FloatVector h = a.mul(k);
    FloatVector minusL = minusA.fma(kLo, minusA.fma(k, h));
    FloatVector z = h.fma(Exp.LOG2_E, ROUND_191);
    FloatVector n = z.sub(ROUND_191);
    FloatVector r = n.fma(FloatVector.broadcast(F, -Exp.LN2_HI), h).sub(minusL);
    FloatVector s = Exp.series(r).fma(r, FloatVector.broadcast(F, 1f)).mul(r);
    return share(x, a, s, z.reinterpretAsInts(), h.compare(GT, NEAR));
  }

  /// Returns the value from e = (1 + s) 2^n, where the low bits of i hold n + 191, and near is set
  /// where 2 |w| < 1.1.
  private static FloatVector share(
      FloatVector x, FloatVector a, FloatVector s, IntVector i, VectorMask<Float> near) {
    FloatVector scale = i.lanewise(LSHL, 23).reinterpretAsFloats();
    FloatVector unit = i.sub(UNSCALED).max(SMALLEST).lanewise(LSHL, 23).reinterpretAsFloats();
    FloatVector half = x.mul(0.5f);
    FloatVector numerator = scale.fma(s, scale).blend(unit.fma(s, unit.sub(1f)), near);
    FloatVector quotient = numerator.div(unit.fma(s, unit.add(1f)));
    FloatVector minusHalfA = half.reinterpretAsInts().or(SIGN).reinterpretAsFloats();
    FloatVector minusA = a.reinterpretAsInts().add(MINUS_2_TO_MINUS_64).reinterpretAsFloats();
    FloatVector base = x.blend(-0f, x.compare(LT, 0f)).blend(half, near);
    return quotient.fma(minusA.blend(minusHalfA, near), base);
  }

  /// Returns the derivative: e d (1 - 2 w' a d) with d = 1 / (1 + e) for x <= 0, and 1 minus that
  /// for x > 0. w' is the derivative of w.
  public static FloatVector derivative(FloatVector x) {
    FloatVector a = x.abs();
    a = a.blend(FLAT, a.compare(GT, FLAT));
    FloatVector a2 = a.mul(a);
    FloatVector k1 = FloatVector.broadcast(F, K1);
    FloatVector e = Exp.expNonPositive(a2.fma(FloatVector.broadcast(F, K3_HI), k1).mul(a));
    FloatVector one = FloatVector.broadcast(F, 1f);
    FloatVector d = one.div(e.add(1f));
    FloatVector slope = a2.fma(FloatVector.broadcast(F, K3_TIMES_3), k1);
    FloatVector left = a.mul(d).fma(slope, one).mul(d).mul(e);
    return left.blend(one.sub(left), x.compare(GT, 0f));
  }
}
