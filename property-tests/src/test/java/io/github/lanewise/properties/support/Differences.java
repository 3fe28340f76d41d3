package io.github.lanewise.properties.support;

import java.util.function.DoubleUnaryOperator;

/// Derivatives of functions of one double, from differences of their values.
public final class Differences {
  private Differences() {}

  /// Ridders (1982), Accurate computation of F'(x) and F'(x) F''(x): central differences of falling
  /// step, extrapolated to step 0.
  public static double ridders(DoubleUnaryOperator f, double x, double firstStep) {
    int rows = 10;
    double ratio = 1.4;
    double[][] d = new double[rows][rows];
    double step = firstStep;
    double best = Double.NaN;
    double smallestError = Double.MAX_VALUE;
    for (int i = 0; i < rows; i++, step /= ratio) {
      d[i][0] = (f.applyAsDouble(x + step) - f.applyAsDouble(x - step)) / (2 * step);
      double factor = 1;
      for (int j = 1; j <= i; j++) {
        factor *= ratio * ratio;
        d[i][j] = (d[i][j - 1] * factor - d[i - 1][j - 1]) / (factor - 1);
        double error =
            Math.max(Math.abs(d[i][j] - d[i][j - 1]), Math.abs(d[i][j] - d[i - 1][j - 1]));
        if (error <= smallestError) {
          smallestError = error;
          best = d[i][j];
        }
      }
    }
    return best;
  }
}
