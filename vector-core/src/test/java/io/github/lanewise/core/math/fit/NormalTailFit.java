package io.github.lanewise.core.math.fit;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/// Prints the coefficients of [io.github.lanewise.core.math.Gelu]: Phi(-a) on [0, 1] as 1/2 - a S
/// - a p(a^2 - 1/2), on [1, 15] as exp(-a^2 / 2) n(a) / d(a), and on [0, 15], for the derivative,
/// as the same with degrees 4 and 5.
public final class NormalTailFit {
  private static final double SPLIT = 1;
  private static final double CENTRE = 0.5;
  private static final double END = 15;
  private static final double DENSITY_AT_0 = 0.3989422804014327;

  private NormalTailFit() {}

  public static void main(String[] args) {
    float s = (float) slope(CENTRE);
    System.out.println("S " + s);
    LogFit.remez(
            v -> slope(v + CENTRE) - s,
            v -> Math.sqrt(v + CENTRE) / (0.5 - Math.sqrt(v + CENTRE) * slope(v + CENTRE)),
            -CENTRE,
            SPLIT - CENTRE,
            5)
        .solveFloat()
        .print("p");
    quotient(SPLIT, 3, 4);
    quotient(0, 4, 5);
  }

  private static void quotient(double lo, int numeratorDegree, int denominatorDegree) {
    DoubleUnaryOperator r = ErfReference::scaledTail;
    float[] d = RationalFit.denominator(r, lo, END, numeratorDegree, denominatorDegree);
    System.out.println("d " + Arrays.toString(d));
    LogFit.remez(
            a -> r.applyAsDouble(a) * value(d, a),
            a -> 1 / (r.applyAsDouble(a) * value(d, a)),
            lo,
            END,
            numeratorDegree)
        .solveFloat()
        .print("n");
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
