package io.github.lanewise.core.math;

import static io.github.lanewise.core.simd.Lanes.F;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Mish: x tanh(ln(1 + e)) = x n / (n + 2), where e = exp(x) and n = e (e + 2).
///
/// - Method: exp is that of [Exp]. n and n + 2 are each the sum of two floats, and the quotient y
///   is corrected by its remainder x n - y (n + 2). Plain operations err by 3.9 ulp for x < 0.
/// - Error: at most 1.484 ulp, at x = -31.883892, measured over all 2^32 inputs. The left tail
///   stays non-zero, through the subnormals, down to -108.66. The derivative f' errs by at most
///   0.518 * 2^-22 max(1, |f'|), at x = -0.15475462.
/// - Special values: ±0 -> ±0, inf -> inf, x itself above 15, -inf and all below -108.66 -> -0, NaN
///   -> NaN; the derivative is 0.6 at 0, 1 at inf, 0 at -inf.
/// - Size: close to the limit up to which C2 inlines (see "Body once" in `Loop`), so a kernel must
///   not call another method with vectors after this one.
/// - Sources: Misra, Mish: a self regularized non-monotonic activation function (2019), arXiv
///   1908.08681.
public final class Mish {
  // n + 191 is the biased exponent of 2^(n + 64); see Exp.ROUND.
  private static final float ROUND_191 = Exp.ROUND + 191;
  // Below this the result is set to -0, to which it rounds.
  private static final float UNDERFLOW = -110f;
  // Above this the result is x, since 2 / (n + 2) is below a quarter ulp of 1. From 21 on, the
  // scaled n would overflow.
  private static final float LINEAR = 15f;
  // The derivative clamps x to these bounds, because an infinite x would give inf * 0, which is
  // NaN. It has reached its limits there: exp(-120) = 0 on the left, and 1 - 2/n = 1 on the right.
  private static final float LEFT_END = -120f;
  private static final float RIGHT_END = 20f;

  private Mish() {}

  /// Returns x tanh(ln(1 + exp(x))).
  public static FloatVector mish(FloatVector x) {
    // n and the quotient are 2^64 times too large until the end, so that the left tail is rounded
    // to a subnormal only once. nLo and dLo are the rounding errors of n and d.
    FloatVector eScaled = scaledExp(x);
    FloatVector scale = FloatVector.broadcast(F, 0x1p-64f);
    FloatVector two = FloatVector.broadcast(F, 2f);
    FloatVector e = eScaled.mul(scale);
    FloatVector twice = eScaled.add(eScaled);
    FloatVector n = eScaled.fma(e, twice);
    FloatVector nLo = eScaled.fma(e, twice.sub(n));
    FloatVector d = n.fma(scale, two);
    FloatVector dLo = n.fma(scale, two.sub(d));
    // y = -x n / d, corrected by the remainder x (n + nLo) + y (d + dLo + nLo).
    FloatVector w = FloatVector.broadcast(F, -1f).div(d);
    FloatVector product = x.mul(n);
    FloatVector y = product.mul(w);
    FloatVector remainder = y.fma(d, product).add(x.fma(n, product.neg()));
    remainder = y.fma(scale, x).fma(nLo, y.fma(dLo, remainder));
    return w.fma(remainder, y)
        .mul(-0x1p-64f)
        .blend(-0f, x.compare(LT, UNDERFLOW))
        .blend(x, x.compare(GT, LINEAR));
  }

  /// Returns the derivative n/d + 4x e (e + 1)/d^2, where d = n + 2.
  public static FloatVector derivative(FloatVector x) {
    FloatVector c = x.blend(LEFT_END, x.compare(LT, LEFT_END));
    c = c.blend(RIGHT_END, c.compare(GT, RIGHT_END));
    FloatVector e = scaledExp(c).mul(0x1p-64f);
    FloatVector n = e.fma(e, e.add(e));
    FloatVector d = n.add(2f);
    FloatVector k = e.fma(e, e).mul(c.mul(4f));
    // This is (n d + k)/d^2 for x <= 0, where the result is small, and 1 + (k - 2d)/d^2 for x > 0.
    VectorMask<Float> right = x.compare(GT, 0f);
    FloatVector y = n.blend(-2f, right).fma(d, k).div(d.mul(d));
    return y.add(FloatVector.zero(F).blend(1f, right));
  }

  /// Returns 2^64 exp(x) for -120 <= x <= 20.
  private static FloatVector scaledExp(FloatVector x) {
    FloatVector round = FloatVector.broadcast(F, ROUND_191);
    FloatVector z = x.fma(FloatVector.broadcast(F, Exp.LOG2_E), round);
    FloatVector n = z.sub(round);
    return Exp.reduced(Exp.high(n, x), n.mul(-Exp.LN2_LO)).mul(Exp.power(z));
  }
}
