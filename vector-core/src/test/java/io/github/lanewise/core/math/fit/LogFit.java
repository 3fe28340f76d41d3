package io.github.lanewise.core.math.fit;

import java.math.BigDecimal;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// Prints the coefficients of [io.github.lanewise.core.math.Log] and
/// [io.github.lanewise.core.math.Log1p], log(1 + f) = f + f^2 q(f), and of
/// [io.github.lanewise.core.math.Softplus], ln 2 + x/2 + x^2 g(x^2) near 0; least relative errors.
public final class LogFit {
  private LogFit() {}

  public static void main(String[] args) {
    remez(LogFit::curvature, LogFit::weight, -0.25, 0.5, 8).solveFloat().print("log, log1p");
    remez(LogFit::curvature, LogFit::weight, 0, 0.37, 5).solveFloat().print("log1p on [0, 0.37]");
    remez(LogFit::bowl, LogFit::bowlWeight, 0, 1, 4).solveFloat().print("softplus on [-1, 1]");
  }

  /// q(f) = (log(1 + f) - f) / f^2, by its series where the difference would cancel.
  static double curvature(double f) {
    if (Math.abs(f) > 0.1) {
      return (StrictMath.log1p(f) - f) / (f * f);
    }
    double sum = 0;
    for (int n = 20; n >= 2; n--) {
      sum = sum * f + (n % 2 == 0 ? -1.0 : 1.0) / n;
    }
    return sum;
  }

  private static double weight(double f) {
    return f == 0 ? 0 : f * f / Math.abs(StrictMath.log1p(f));
  }

  /// g(u) = log(cosh(x / 2)) / u, u = x^2.
  private static double bowl(double u) {
    if (u == 0) {
      return 0.125;
    }
    double sinh = StrictMath.sinh(StrictMath.sqrt(u) / 4);
    return StrictMath.log1p(2 * sinh * sinh) / u;
  }

  private static double bowlWeight(double u) {
    return u / StrictMath.log1p(StrictMath.exp(-StrictMath.sqrt(u)));
  }

  /// A fit of all powers up to the degree to a function known in double, good to 1e-15 or so.
  static Remez remez(
      DoubleUnaryOperator f, DoubleUnaryOperator weight, double lo, double hi, int degree) {
    return new Remez(
        decimal(f), decimal(weight), lo, hi, IntStream.rangeClosed(0, degree).toArray());
  }

  private static UnaryOperator<BigDecimal> decimal(DoubleUnaryOperator f) {
    return x -> new BigDecimal(f.applyAsDouble(x.doubleValue()));
  }
}
