package io.github.lanewise.core.math;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/// Softplus, log(1 + exp(beta x)) / beta, and logsigmoid, log(sigmoid(x)) = -softplus(-x).
///
/// - max(x, 0) + log1p(exp(-|beta x|)) / beta and min(x, 0) - log1p(exp(-|x|)): the argument of
///   log1p lies in (0, 1], where one polynomial does ([Log1p#ofUnit]), and no power overflows.
///   softplus is x itself where beta x > threshold, strictly.
/// - Error for beta = 1: at most 1.842 ulp, at x = 0.020989925 (0x1.57e62p-6), 0.88 ulp left of
///   -24, where the result is exp(x); over all floats of size 2^-27 to 110. Not monotone in the
///   last place near 0. logsigmoid is the mirror image, at -x. Another beta adds the rounding of
///   beta x: |beta x| 2^-24 relative, on the left.
/// - Derivatives: sigmoid(beta x), 1 above the threshold, and sigmoid(-x), from [Sigmoid].
/// - Special values: softplus inf -> inf, -inf -> +0; logsigmoid inf -> +0, -inf -> -inf; ±0 ->
///   ln 2 and -ln 2; NaN -> NaN.
/// - Reference: Dugas et al. (2001), Incorporating Second-Order Functional Knowledge for Better
///   Option Pricing.
public final class Softplus {
  private Softplus() {}

  /// log(1 + exp(beta x)) / beta, given 1 / beta too.
  public static FloatVector softplus(
      FloatVector x, FloatVector beta, FloatVector inverseBeta, FloatVector threshold) {
    FloatVector z = x.mul(beta);
    FloatVector y = Log1p.ofUnit(Exp.expNonPositive(z.abs().neg()));
    return y.fma(inverseBeta, x.blend(0f, z.compare(LT, 0f))).blend(x, z.compare(GT, threshold));
  }

  /// sigmoid(beta x), 1 above the threshold.
  public static FloatVector derivative(FloatVector x, FloatVector beta, FloatVector threshold) {
    FloatVector z = x.mul(beta);
    return Sigmoid.sigmoid(z).blend(1f, z.compare(GT, threshold));
  }

  /// log(sigmoid(x)).
  public static FloatVector logSigmoid(FloatVector x) {
    return x.blend(0f, x.compare(GT, 0f)).sub(Log1p.ofUnit(Exp.expNonPositive(x.abs().neg())));
  }

  /// The derivative of log(sigmoid(x)): sigmoid(-x).
  public static FloatVector logSigmoidDerivative(FloatVector x) {
    return Sigmoid.sigmoid(x.neg());
  }
}
