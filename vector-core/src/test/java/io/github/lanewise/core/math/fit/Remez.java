package io.github.lanewise.core.math.fit;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/// Minimax fit of sum c_j x^e_j to f on [lo, hi]: the largest weight(x) * |f(x) - p(x)| is least.
///
/// [#solve] is the exchange algorithm of Remez in decimal arithmetic: solve for coefficients whose
/// weighted error is +E, -E, +E, ... at n + 1 points, move the points to the extremes of that
/// error, repeat. [#solveFloat] rounds the coefficients to float, the first exponent first, and
/// fits the rest again after each rounding, then walks through neighbouring floats while the error
/// falls.
///
/// On an interval that contains 0 the exponents must start at 0 (powers that all vanish at 0 break
/// the exchange): to keep the first terms of a series, divide them out. For exp(x) = 1 + x + x^2
/// q(x) fit q(x) = (exp(x) - 1 - x) / x^2 with the weight x^2 / exp(x), and fix no coefficient.
///
/// Source: Muller, Elementary Functions (3rd ed. 2016), on minimax polynomials and on coefficients
/// that are machine numbers.
///
/// @param f the function, exact to the digits of [Big#MC]
/// @param weight the weight of an error at x, for instance x -> 1/f(x) for a relative fit
/// @param lo the lower end of the interval
/// @param hi the upper end of the interval
/// @param exponents the powers of x, the most significant term first
@SuppressWarnings("ArrayRecordComponent") // coefficients are arrays everywhere here
public record Remez(
    UnaryOperator<BigDecimal> f,
    UnaryOperator<BigDecimal> weight,
    double lo,
    double hi,
    int... exponents) {
  private static final MathContext MC = Big.MC;
  private static final int POINTS_PER_TERM = 80;
  private static final int MAX_ROUNDS = 40;

  /// Coefficients in the order of the exponents, and the largest weighted error on the grid.
  public record Fit(BigDecimal[] coefficients, double error) {}

  /// Float coefficients in the order of the exponents, and their largest weighted error.
  public record FloatFit(float[] coefficients, double error) {
    /// One line per coefficient, as it stands in a source file.
    public void print(String title) {
      System.out.printf("%s: error %.3e = 2^%.2f%n", title, error, Math.log(error) / Math.log(2));
      for (int j = 0; j < coefficients.length; j++) {
        System.out.printf("  %sf  %s%n", coefficients[j], Float.toHexString(coefficients[j]));
      }
    }
  }

  /// The minimax polynomial with real coefficients.
  public Fit solve() {
    int n = exponents.length;
    BigDecimal[] grid = grid(POINTS_PER_TERM * (n + 1));
    BigDecimal[] fx = map(grid, f);
    BigDecimal[] wx = map(grid, weight);
    int[] nodes = new int[n + 1];
    for (int i = 0; i <= n; i++) {
      nodes[i] = (int) Math.round((i + 0.5) * (grid.length - 1) / (n + 1.0));
    }
    BigDecimal[] best = null;
    double bestError = Double.POSITIVE_INFINITY;
    for (int round = 0; round < MAX_ROUNDS; round++) {
      BigDecimal[] c = level(grid, fx, wx, nodes);
      double[] error = new double[grid.length];
      double max = 0;
      for (int k = 0; k < grid.length; k++) {
        error[k] = wx[k].multiply(fx[k].subtract(value(c, grid[k])), MC).doubleValue();
        max = Math.max(max, Math.abs(error[k]));
      }
      if (max < bestError) {
        bestError = max;
        best = c;
      }
      int[] next = extremes(error, n + 1);
      if (next == null || Arrays.equals(next, nodes)) {
        break;
      }
      nodes = next;
    }
    return new Fit(best, bestError);
  }

  /// The best float coefficients found: rounded one by one, then improved by a local search.
  public FloatFit solveFloat() {
    return solveFloat(new float[0]);
  }

  /// As [#solveFloat()], with the leading coefficients given.
  ///
  /// @param fixed the values of the first coefficients, in the order of the exponents
  public FloatFit solveFloat(float... fixed) {
    int n = exponents.length;
    float[] c = Arrays.copyOf(fixed, n);
    for (int j = fixed.length; j < n; j++) {
      float[] head = Arrays.copyOf(c, j);
      UnaryOperator<BigDecimal> rest =
          x -> {
            BigDecimal sum = f.apply(x);
            for (int i = 0; i < head.length; i++) {
              sum = sum.subtract(new BigDecimal(head[i]).multiply(x.pow(exponents[i], MC), MC), MC);
            }
            return sum;
          };
      int[] tail = Arrays.copyOfRange(exponents, j, n);
      c[j] = new Remez(rest, weight, lo, hi, tail).solve().coefficients()[0].floatValue();
    }
    return search(c, fixed.length);
  }

  /// Largest weighted error of given float coefficients, in double, on a fine grid.
  public double error(float... c) {
    BigDecimal[] grid = grid(POINTS_PER_TERM * (exponents.length + 1));
    return error(c, doubles(grid), doubles(map(grid, f)), doubles(map(grid, weight)));
  }

  private FloatFit search(float[] start, int first) {
    BigDecimal[] grid = grid(POINTS_PER_TERM * (exponents.length + 1));
    double[] x = doubles(grid);
    double[] fx = doubles(map(grid, f));
    double[] wx = doubles(map(grid, weight));
    float[] c = start.clone();
    double best = error(c, x, fx, wx);
    boolean improved = true;
    while (improved) {
      improved = false;
      for (int i = first; i < c.length; i++) {
        for (int j = i; j < c.length; j++) {
          for (int move = 0; move < 49; move++) {
            float[] trial = c.clone();
            trial[i] = step(trial[i], move / 7 - 3);
            trial[j] = step(trial[j], move % 7 - 3);
            double error = error(trial, x, fx, wx);
            if (error < best) {
              best = error;
              c = trial;
              improved = true;
            }
          }
        }
      }
    }
    return new FloatFit(c, best);
  }

  private static float step(float value, int ulps) {
    return Float.intBitsToFloat(Float.floatToRawIntBits(value) + ulps);
  }

  private double error(float[] c, double[] x, double[] fx, double[] wx) {
    double max = 0;
    for (int k = 0; k < x.length; k++) {
      double sum = 0;
      for (int j = c.length - 1; j >= 0; j--) {
        sum += c[j] * power(x[k], exponents[j]);
      }
      max = Math.max(max, Math.abs(wx[k] * (fx[k] - sum)));
    }
    return max;
  }

  private static double power(double x, int exponent) {
    double result = 1;
    for (int i = 0; i < exponent; i++) {
      result *= x;
    }
    return result;
  }

  /// Solves w(x_i) p(x_i) + (-1)^i E = w(x_i) f(x_i) for the coefficients and E.
  private BigDecimal[] level(BigDecimal[] grid, BigDecimal[] fx, BigDecimal[] wx, int[] nodes) {
    int n = exponents.length;
    BigDecimal[][] rows = new BigDecimal[n + 1][n + 2];
    for (int i = 0; i <= n; i++) {
      int k = nodes[i];
      for (int j = 0; j < n; j++) {
        rows[i][j] = wx[k].multiply(grid[k].pow(exponents[j], MC), MC);
      }
      rows[i][n] = i % 2 == 0 ? BigDecimal.ONE : BigDecimal.ONE.negate();
      rows[i][n + 1] = wx[k].multiply(fx[k], MC);
    }
    return Arrays.copyOf(eliminate(rows), n);
  }

  private static BigDecimal[] eliminate(BigDecimal[][] rows) {
    int n = rows.length;
    for (int p = 0; p < n; p++) {
      int pivot = p;
      for (int i = p + 1; i < n; i++) {
        pivot = rows[i][p].abs().compareTo(rows[pivot][p].abs()) > 0 ? i : pivot;
      }
      BigDecimal[] swap = rows[p];
      rows[p] = rows[pivot];
      rows[pivot] = swap;
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

  /// The points of largest error, one per run of equal sign; null if there are fewer than wanted.
  private static int[] extremes(double[] error, int wanted) {
    List<Integer> points = new ArrayList<>();
    for (int k = 0; k < error.length; k++) {
      int last = points.size() - 1;
      if (error[k] == 0) {
        continue;
      }
      if (last < 0 || (error[points.get(last)] > 0) != (error[k] > 0)) {
        points.add(k);
      } else if (Math.abs(error[k]) > Math.abs(error[points.get(last)])) {
        points.set(last, k);
      }
    }
    while (points.size() > wanted) {
      int last = points.size() - 1;
      boolean dropFirst = Math.abs(error[points.get(0)]) < Math.abs(error[points.get(last)]);
      points.subList(dropFirst ? 0 : last, dropFirst ? 1 : last + 1).clear();
    }
    return points.size() < wanted ? null : points.stream().mapToInt(Integer::intValue).toArray();
  }

  /// Chebyshev points of the interval, with both ends.
  private BigDecimal[] grid(int points) {
    BigDecimal[] grid = new BigDecimal[points];
    for (int k = 0; k < points; k++) {
      double t = 0.5 - 0.5 * StrictMath.cos(Math.PI * k / (points - 1));
      grid[k] = new BigDecimal(lo + (hi - lo) * t);
    }
    return grid;
  }

  private BigDecimal value(BigDecimal[] c, BigDecimal x) {
    BigDecimal sum = BigDecimal.ZERO;
    for (int j = 0; j < c.length; j++) {
      sum = sum.add(c[j].multiply(x.pow(exponents[j], MC), MC), MC);
    }
    return sum;
  }

  private static BigDecimal[] map(BigDecimal[] x, UnaryOperator<BigDecimal> function) {
    return Arrays.stream(x).map(function).toArray(BigDecimal[]::new);
  }

  private static double[] doubles(BigDecimal[] x) {
    return Arrays.stream(x).mapToDouble(BigDecimal::doubleValue).toArray();
  }
}
