package io.github.lanewise.core.math;

import static io.github.lanewise.core.simd.Lanes.F;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// The exponential function: exp(x) = 2^n exp(r), n = round(x log2 e), r = x - n ln 2.
///
/// - Reduction: one FMA with 1.5 * 2^23 rounds x log2 e to n; ln 2 is carried in two floats.
/// - Polynomial: 1 + r + r^2 times degree 4, fitted by `ExpFit` (test sources), error 2^-28.
/// - Scaling: by two powers of 2, so that a subnormal result is rounded once. It costs four
///   operations of nineteen, and 0.04 of 0.27 ns per element.
/// - Error: at most 0.671 ulp, at x = 5.241767, and 0.780 ulp where the result is subnormal, at x =
///   -87.71021; 99.8 % of the results are the nearest float; rising. Over all 2^32 inputs.
/// - Special values: inf from 88.72284 on, +0 below -103.97208, -inf -> +0, ±0 -> 1, NaN -> NaN.
/// - Sources: Cody and Waite, Software Manual for the Elementary Functions (1980); Muller,
///   Elementary Functions (3rd ed. 2016).
public final class Exp {
  static final float LOG2_E = 0x1.715476p0f;
  static final float LN2_HI = 0x1.62e43p-1f;
  static final float LN2_LO = -0x1.05c61p-29f;

  // exp(r) = 1 + r + r^2 (C2 + C3 r + ... + C6 r^4).
  static final float C2 = 0.49999988f;
  static final float C3 = 0.1666652f;
  static final float C4 = 0.041669894f;
  static final float C5 = 0.008368841f;
  static final float C6 = 0.0013721654f;

  // Added to a float below 2^22, 1.5 * 2^23 rounds it to an integer n and leaves n in the low bits.
  static final float ROUND = 0x1.8p23f;
  static final int ROUND_BITS = 0x4B400000;

  private static final float ROUND_254 = ROUND + 254;
  // As good as any larger one, and infinity would become NaN.
  private static final float OVERFLOW = 89f;
  private static final float ROUND_191 = ROUND + 191;
  // From here on the result rounds to 0, and n would soon leave the exponent field.
  private static final float UNDERFLOW = -104f;

  private Exp() {}

  /// exp(x).
  public static FloatVector exp(FloatVector x) {
    FloatVector c = x.blend(OVERFLOW, x.compare(GT, OVERFLOW));
    FloatVector z = c.fma(LOG2_E, ROUND_254);
    FloatVector n = z.sub(ROUND_254);
    // i = n + 254 is the sum of two biased exponents. The first product is exact, the second
    // rounds.
    IntVector i = z.reinterpretAsInts();
    IntVector half = i.lanewise(ASHR, 1).lanewise(LSHL, 23);
    IntVector rest = i.lanewise(LSHL, 23).sub(half);
    return reduced(high(n, c), n.mul(-LN2_LO))
        .mul(half.reinterpretAsFloats())
        .mul(rest.reinterpretAsFloats())
        .blend(0f, x.compare(LT, UNDERFLOW));
  }

  /// exp(d) for d <= 0, as in the gradient of log-softmax: three operations less than [#exp].
  public static FloatVector expNonPositive(FloatVector d) {
    FloatVector z = d.fma(LOG2_E, ROUND_191);
    FloatVector n = z.sub(ROUND_191);
    // 2^(n + 64) is a normal number down to n = -150, so only the last product rounds, and only
    // into the subnormals.
    return reduced(high(n, d), n.mul(-LN2_LO))
        .mul(power(z))
        .mul(0x1p-64f)
        .blend(0f, d.compare(LT, UNDERFLOW));
  }

  /// exp(x - shift) for a difference of at most 2^-15 and a shift that is a multiple of an ulp of x
  /// where it is the larger one, as in softmax: four operations less than [#exp] takes to be exact.
  ///
  /// The difference is the rounded one and what the rounding left (Dekker's Fast2Sum). At most 1.01
  /// ulp (every third float, random rests). At x = -inf the result is +0, although the rest is NaN.
  public static FloatVector expOfDifference(FloatVector x, FloatVector shift) {
    FloatVector hi = x.sub(shift);
    FloatVector lo = x.sub(hi.add(shift));
    FloatVector z = hi.fma(LOG2_E, ROUND_191);
    FloatVector n = z.sub(ROUND_191);
    FloatVector r = high(n, hi).add(n.fma(FloatVector.broadcast(F, -LN2_LO), lo));
    return r.mul(r)
        .fma(series(r), r)
        .add(1f)
        .mul(power(z))
        .mul(0x1p-64f)
        .blend(0f, hi.compare(LT, UNDERFLOW));
  }

  /// x - n LN2_HI, exactly: both are multiples of 2^-25, and the difference is below 1/2.
  static FloatVector high(FloatVector n, FloatVector x) {
    return n.fma(FloatVector.broadcast(F, -LN2_HI), x);
  }

  /// r = x - n ln 2, rounded. It does not call [#high]: a method as small as this one must not call
  /// another (`KernelBudgetTest`).
  static FloatVector reduce(FloatVector n, FloatVector x) {
    FloatVector high = n.fma(FloatVector.broadcast(F, -LN2_HI), x);
    return n.fma(FloatVector.broadcast(F, -LN2_LO), high);
  }

  /// exp(high + low) for |high + low| <= ln 2 / 2 and a small low.
  ///
  /// Only the last addition rounds a number that is not small: what 1 + high drops is added to the
  /// rest of the series, and low with it.
  static FloatVector reduced(FloatVector high, FloatVector low) {
    FloatVector r = high.add(low);
    FloatVector q = series(r);
    FloatVector sum = high.add(1f);
    FloatVector dropped = high.sub(sum.sub(1f));
    return sum.add(r.mul(r).fma(q, low).add(dropped));
  }

  /// (exp(r) - 1 - r) / r^2 for |r| <= ln 2 / 2.
  static FloatVector series(FloatVector r) {
    return r.fma(C6, C5)
        .fma(r, FloatVector.broadcast(F, C4))
        .fma(r, FloatVector.broadcast(F, C3))
        .fma(r, FloatVector.broadcast(F, C2));
  }

  /// 2^k, where the low bits of z hold k + 127.
  static FloatVector power(FloatVector z) {
    return z.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
  }
}
