package io.github.lanewise.bench.accuracy;

/// The exact functions: PyTorch's activations and their derivatives in double, from [StrictMath]
/// alone, in forms that do not cancel.
///
/// Special values are PyTorch's, except where PyTorch gives NaN or flushes a tail: GELU, SiLU, Mish
/// and Hardswish are -0.0 at -inf, with slope 0, and their slope at inf is 1. A function that is
/// zero has the sign of the contract; one that only underflows keeps its size in double.
public final class Oracle {
  /// SELU's constants, Klambauer et al. (2017), Self-Normalizing Neural Networks.
  private static final double SELU_ALPHA = 1.6732632423543772;

  private static final double SELU_SCALE = 1.0507009873554805;
  private static final double SQRT_2_OVER_PI = 0.7978845608028654;
  private static final double GELU_CUBIC = 0.044715;
  private static final double TWO_OVER_SQRT_PI = 1.1283791670955126;

  /// Below this, x^2 is nothing beside x.
  static final double TINY = 0x1p-60;

  /// Beyond this, tanh(x) is nearer to 1 than a double can tell.
  static final double SATURATED = 22;

  private Oracle() {}

  // Elementary functions.

  public static double exp(double x) {
    return StrictMath.exp(x);
  }

  public static double expm1(double x) {
    return StrictMath.expm1(x);
  }

  public static double expm1Derivative(double x) {
    return StrictMath.exp(x);
  }

  public static double log(double x) {
    return StrictMath.log(x);
  }

  public static double logDerivative(double x) {
    return 1 / x;
  }

  public static double log1p(double x) {
    return StrictMath.log1p(x);
  }

  public static double log1pDerivative(double x) {
    return 1 / (1 + x);
  }

  public static double erf(double x) {
    return ErfOracle.erf(x);
  }

  public static double erfDerivative(double x) {
    return TWO_OVER_SQRT_PI * StrictMath.exp(-x * x);
  }

  public static double tanh(double x) {
    return StrictMath.tanh(x);
  }

  /// 1 - tanh^2 = 4 e / (1 + e)^2 with e = exp(-2 abs(x)).
  public static double tanhDerivative(double x) {
    double e = StrictMath.exp(-2 * Math.abs(x));
    return 4 * e / ((1 + e) * (1 + e));
  }

  public static double tanhDerivativeOfOutput(double y) {
    return (1 - y) * (1 + y);
  }

  public static double sigmoid(double x) {
    if (x < 0) {
      double e = StrictMath.exp(x);
      return e / (1 + e);
    }
    return 1 / (1 + StrictMath.exp(-x));
  }

  public static double sigmoidDerivative(double x) {
    return sigmoid(x) * sigmoid(-x);
  }

  public static double sigmoidDerivativeOfOutput(double y) {
    return y * (1 - y);
  }

  // Piecewise linear.

  public static double relu(double x) {
    return x < 0 ? 0 : x;
  }

  public static double reluDerivative(double x) {
    return x <= 0 ? 0 : 1;
  }

  public static double relu6(double x) {
    return hardtanh(x, 0, 6);
  }

  public static double relu6Derivative(double x) {
    return hardtanhDerivative(x, 0, 6);
  }

  public static double leakyRelu(double x, double slope) {
    return x > 0 ? x : slope * x;
  }

  public static double leakyReluDerivative(double x, double slope) {
    return x > 0 ? 1 : slope;
  }

  public static double hardtanh(double x, double min, double max) {
    return x < min ? min : x > max ? max : x;
  }

  public static double hardtanhDerivative(double x, double min, double max) {
    return min < x && x < max ? 1 : 0;
  }

  public static double hardsigmoid(double x) {
    return x <= -3 ? 0 : x >= 3 ? 1 : (x + 3) / 6;
  }

  public static double hardsigmoidDerivative(double x) {
    return -3 < x && x < 3 ? 1.0 / 6 : 0;
  }

  public static double hardswish(double x) {
    if (isTiny(x)) {
      return aboveHalf(x);
    }
    return x <= -3 ? -0.0 : x >= 3 ? x : x * (x + 3) / 6;
  }

  public static double hardswishDerivative(double x) {
    return x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6;
  }

  public static double hardshrink(double x, double lambda) {
    return Math.abs(x) <= lambda ? 0 : x;
  }

  public static double softshrink(double x, double lambda) {
    return x > lambda ? x - lambda : x < -lambda ? x + lambda : Double.isNaN(x) ? x : 0;
  }

  /// The derivative of both shrink functions.
  public static double shrinkDerivative(double x, double lambda) {
    return Math.abs(x) > lambda ? 1 : 0;
  }

  public static double threshold(double x, double threshold, double value) {
    return x <= threshold ? value : x;
  }

  public static double thresholdDerivative(double x, double threshold) {
    return x <= threshold ? 0 : 1;
  }

  // Exponential units.

  public static double elu(double x, double alpha) {
    return x > 0 ? x : alpha * StrictMath.expm1(x);
  }

  public static double eluDerivative(double x, double alpha) {
    return x > 0 ? 1 : alpha * StrictMath.exp(x);
  }

  public static double celu(double x, double alpha) {
    return x > 0 ? x : alpha * StrictMath.expm1(x / alpha);
  }

  public static double celuDerivative(double x, double alpha) {
    return x > 0 ? 1 : StrictMath.exp(x / alpha);
  }

  public static double selu(double x) {
    return SELU_SCALE * elu(x, SELU_ALPHA);
  }

  public static double seluDerivative(double x) {
    return SELU_SCALE * eluDerivative(x, SELU_ALPHA);
  }

  // Smooth gates.

  public static double gelu(double x) {
    if (isTiny(x)) {
      return aboveHalf(x);
    }
    return x == Double.NEGATIVE_INFINITY ? -0.0 : x * ErfOracle.phi(x);
  }

  public static double geluDerivative(double x) {
    return Double.isInfinite(x) ? stepAt(x) : ErfOracle.phi(x) + x * ErfOracle.density(x);
  }

  public static double geluTanh(double x) {
    if (isTiny(x)) {
      return aboveHalf(x);
    }
    return x == Double.NEGATIVE_INFINITY ? -0.0 : x * sigmoid(2 * geluTanhArgument(x));
  }

  /// w in x/2 (1 + tanh w).
  public static double geluTanhArgument(double x) {
    return SQRT_2_OVER_PI * (x + GELU_CUBIC * x * x * x);
  }

  public static double geluTanhDerivative(double x) {
    if (Double.isInfinite(x)) {
      return stepAt(x);
    }
    double w = geluTanhArgument(x);
    double slope = SQRT_2_OVER_PI * (1 + 3 * GELU_CUBIC * x * x);
    return sigmoid(2 * w) * (1 + 2 * x * slope * sigmoid(-2 * w));
  }

  public static double silu(double x) {
    if (isTiny(x)) {
      return aboveHalf(x);
    }
    return x == Double.NEGATIVE_INFINITY ? -0.0 : x * sigmoid(x);
  }

  public static double siluDerivative(double x) {
    return Double.isInfinite(x) ? stepAt(x) : sigmoid(x) * (1 + x * sigmoid(-x));
  }

  public static double mish(double x) {
    return x == Double.NEGATIVE_INFINITY ? -0.0 : x * mishGate(x);
  }

  public static double mishDerivative(double x) {
    if (Double.isInfinite(x)) {
      return stepAt(x);
    }
    if (x > 40) {
      return 1;
    }
    double e = StrictMath.exp(x);
    double n = e * (e + 2);
    // (1 - t^2) sigmoid(x), where 1 - t^2 = 4 (n + 1) / (n + 2)^2 and n + 1 = (e + 1)^2.
    double gateSlope = 4 * (e + 1) * e / ((n + 2) * (n + 2));
    return mishGate(x) + x * gateSlope;
  }

  /// tanh(softplus(x)) = n / (n + 2), n = e (e + 2), e = exp(x).
  private static double mishGate(double x) {
    if (x > 40) {
      return 1;
    }
    double e = StrictMath.exp(x);
    double n = e * (e + 2);
    return n / (n + 2);
  }

  // Logarithmic, and the rest.

  public static double softplus(double x, double beta, double threshold) {
    double z = beta * x;
    return z > threshold ? x : (Math.max(z, 0) + StrictMath.log1p(expOfMinusAbs(z))) / beta;
  }

  public static double softplusDerivative(double x, double beta, double threshold) {
    return beta * x > threshold ? 1 : sigmoid(beta * x);
  }

  public static double logsigmoid(double x) {
    return Math.min(x, 0) - StrictMath.log1p(expOfMinusAbs(x));
  }

  public static double logsigmoidDerivative(double x) {
    return sigmoid(-x);
  }

  public static double softsign(double x) {
    return x / (1 + Math.abs(x));
  }

  public static double softsignDerivative(double x) {
    return Double.isInfinite(x) ? Double.NaN : 1 / ((1 + Math.abs(x)) * (1 + Math.abs(x)));
  }

  /// x - tanh(x). From tanh's continued fraction x / (1 + c), c = x^2 / (3 + x^2 / (5 + ...)), the
  /// difference is x c / (1 + c).
  public static double tanhshrink(double x) {
    if (Math.abs(x) > SATURATED) {
      // tanh(x) is below 1 by too little for a double, and x - 1 may be the middle of two floats.
      return x > 0 ? Math.nextUp(x - 1) : Math.nextDown(x + 1);
    }
    if (!(Math.abs(x) < 1)) {
      return x - StrictMath.tanh(x);
    }
    double x2 = x * x;
    if (Math.abs(x) < ErfOracle.TINY) {
      return x == 0 ? 0 : x * x2 / 3;
    }
    double c = 0;
    for (int odd = 25; odd >= 3; odd -= 2) {
      c = x2 / (odd + c);
    }
    return x * c / (1 + c);
  }

  public static double tanhshrinkDerivative(double x) {
    double y = StrictMath.tanh(x);
    return y * y;
  }

  private static boolean isTiny(double x) {
    return x != 0 && Math.abs(x) < TINY;
  }

  /// x/2 + c x^2 for a tiny x and a c > 0: x/2 may be the middle of two floats, and this is above.
  static double aboveHalf(double x) {
    return Math.nextUp(x / 2);
  }

  private static double expOfMinusAbs(double x) {
    return StrictMath.exp(-Math.abs(x));
  }

  private static double stepAt(double x) {
    return x > 0 ? 1 : 0;
  }
}
