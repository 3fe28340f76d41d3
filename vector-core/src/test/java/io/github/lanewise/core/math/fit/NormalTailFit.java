package io.github.lanewise.core.math.fit;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/// Prints the coefficients of [io.github.lanewise.core.math.Gelu]: exp(-r / 2) as 1 + r e(r); x
/// Phi(x)
/// on [-1, 1] as x / 2 + x^2 p(x^2 - 1/2); Phi(-a) as exp(-a^2 / 2) n(a) / d(a) on [1, 15], and on
/// [0, 15] for the derivative, in which x phi(x) is added to it.
public final class NormalTailFit {
  private static final double SPLIT = 1;
  private static final double CENTRE = 0.5;
  private static final double END = 15;
  private static final double LN2 = 0.6931471805599453;
  private static final BigDecimal MINUS_TWO = new BigDecimal(-2);
  private static final double DENSITY_AT_0 = 0.3989422804014327;
  // What the float nearest to 2 ln 2 is too large by, relative to it.
  private static final double LN2_EXCESS = (float) LN2 / LN2 - 1;

  private NormalTailFit() {}

  public static void main(String[] args) {
    double half = LN2 * 1.0002; // the rounding of n lets r pass ln 2 by a little
    new Remez(
            r -> Big.expTail(r.divide(MINUS_TWO, Big.MC), 1).divide(MINUS_TWO, Big.MC),
            r -> r.abs().divide(Big.exp(r.divide(MINUS_TWO, Big.MC)), Big.MC),
            -half,
            half,
            0,
            1,
            2,
            3,
            4)
        .solveFloat()
        .print("e");
    LogFit.remez(
            v -> slope(v + CENTRE),
            v -> Math.sqrt(v + CENTRE) / (0.5 - Math.sqrt(v + CENTRE) * slope(v + CENTRE)),
            -CENTRE,
            SPLIT - CENTRE,
            5)
        .solveFloat()
        .print("p");
    quotient(SPLIT, 3, 4, NormalTailFit::tail);
    quotient(0, 3, 4, a -> tail(a) + a * DENSITY_AT_0);
  }

  /// Fits the quotient on [lo, 15]; its error is to be small beside `size`.
  private static void quotient(
      double lo, int numeratorDegree, int denominatorDegree, DoubleUnaryOperator size) {
    float[] d =
        RationalFit.denominator(
            NormalTailFit::tail, size, lo, END, numeratorDegree, denominatorDegree);
    System.out.println("d " + Arrays.toString(d));
    LogFit.remez(
            a -> tail(a) * value(d, a),
            a -> 1 / (size.applyAsDouble(a) * value(d, a)),
            lo,
            END,
            numeratorDegree)
        .solveFloat()
        .print("n");
  }

  /// Phi(-a) exp(a^2 / 2), and the factor that n ln 2 is too large by, where n is near -a^2 / (2 ln
  /// 2).
  private static double tail(double a) {
    return ErfReference.scaledTail(a) * StrictMath.exp(-a * a / 2 * LN2_EXCESS);
  }

  /// (1/2 - Phi(-a)) / a at u = a^2: phi(0) sum (-u / 2)^n / (n! (2 n + 1)).
  private static double slope(double u) {
    double sum = 0;
    for (int n = 18; n >= 1; n--) {
      sum = -u / 2 * (1.0 / (2 * n + 1) + sum) / n;
    }
    return DENSITY_AT_0 * (1 + sum);
  }

  private static double value(float[] d, double a) {
    double sum = 0;
    for (int j = d.length - 1; j >= 0; j--) {
      sum = (sum + d[j]) * a;
    }
    return 1 + sum;
  }
}
