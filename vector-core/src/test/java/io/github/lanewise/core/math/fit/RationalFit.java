package io.github.lanewise.core.math.fit;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.function.DoubleUnaryOperator;

/// A rational approximation n(x) / d(x), d(0) = 1, of least mean error at Chebyshev points,
/// relative
/// to the size that is given.
///
/// The problem is linearised: find n and d for which the sum of ((n - f d) / (size d'))^2 is
/// least,
/// where d' is the denominator of the round before (Loeb's iteration). The error is two to four
/// times that of the minimax fraction; what is used from here is the denominator alone, [Remez]
/// then fits the numerator to f d.
public final class RationalFit {
  private static final MathContext MC = Big.MC;
  private static final int POINTS = 400;
  private static final int ROUNDS = 12;

  private RationalFit() {}

  /// The denominator's coefficients of x^1, x^2, ...
  ///
  /// @param size what an error is to be small beside: f itself for a relative fit
  public static float[] denominator(
      DoubleUnaryOperator f,
      DoubleUnaryOperator size,
      double lo,
      double hi,
      int numeratorDegree,
      int denominatorDegree) {
    int n = numeratorDegree + 1;
    int unknowns = n + denominatorDegree;
    double[] d = new double[denominatorDegree + 1];
    d[0] = 1;
    for (int round = 0; round < ROUNDS; round++) {
      BigDecimal[][] normal = new BigDecimal[unknowns][unknowns + 1];
      for (BigDecimal[] row : normal) {
        java.util.Arrays.fill(row, BigDecimal.ZERO);
      }
      for (int k = 0; k < POINTS; k++) {
        double x = lo + (hi - lo) * (0.5 - 0.5 * StrictMath.cos(Math.PI * (k + 0.5) / POINTS));
        double fx = f.applyAsDouble(x);
        BigDecimal weight = new BigDecimal(1 / (size.applyAsDouble(x) * value(d, x)));
        BigDecimal[] row = new BigDecimal[unknowns + 1];
        for (int j = 0; j < unknowns; j++) {
          BigDecimal power = new BigDecimal(x).pow(j < n ? j : j - n + 1, MC);
          row[j] = (j < n ? power : power.multiply(new BigDecimal(-fx))).multiply(weight, MC);
        }
        row[unknowns] = new BigDecimal(fx).multiply(weight, MC);
        for (int i = 0; i < unknowns; i++) {
          for (int j = 0; j <= unknowns; j++) {
            normal[i][j] = normal[i][j].add(row[i].multiply(row[j], MC), MC);
          }
        }
      }
      BigDecimal[] solution = solve(normal);
      for (int j = 1; j <= denominatorDegree; j++) {
        d[j] = solution[n + j - 1].doubleValue();
      }
    }
    float[] rounded = new float[denominatorDegree];
    for (int j = 0; j < denominatorDegree; j++) {
      rounded[j] = (float) d[j + 1];
    }
    return rounded;
  }

  /// Gauss elimination; the normal matrix is positive definite and needs no pivoting.
  private static BigDecimal[] solve(BigDecimal[][] rows) {
    int n = rows.length;
    for (int p = 0; p < n; p++) {
      for (int i = p + 1; i < n; i++) {
        BigDecimal factor = rows[i][p].divide(rows[p][p], MC);
        for (int j = p; j <= n; j++) {
          rows[i][j] = rows[i][j].subtract(factor.multiply(rows[p][j], MC), MC);
        }
      }
    }
    BigDecimal[] solution = new BigDecimal[n];
    for (int p = n - 1; p >= 0; p--) {
      BigDecimal sum = rows[p][n];
      for (int j = p + 1; j < n; j++) {
        sum = sum.subtract(rows[p][j].multiply(solution[j], MC), MC);
      }
      solution[p] = sum.divide(rows[p][p], MC);
    }
    return solution;
  }

  private static double value(double[] c, double x) {
    double sum = 0;
    for (int j = c.length - 1; j >= 0; j--) {
      sum = sum * x + c[j];
    }
    return sum;
  }
}
