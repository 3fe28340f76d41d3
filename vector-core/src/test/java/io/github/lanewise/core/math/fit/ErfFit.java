package io.github.lanewise.core.math.fit;

/// Prints the coefficients of [io.github.lanewise.core.math.Erf].
public final class ErfFit {
  private static final double SPLIT = 1;
  private static final double CENTRE = 0.5;
  private static final double ONE_FROM = 3.92;

  private ErfFit() {}

  public static void main(String[] args) {
    LogFit.remez(
            v -> slope(v + CENTRE), v -> 1 / (1 + slope(v + CENTRE)), -CENTRE, SPLIT - CENTRE, 6)
        .solveFloat()
        .print("erf(a) = a + a p(a^2 - 1/2), a <= 1");
    LogFit.remez(t -> Math.log(erfc(t + 1)), t -> erfc(t + 1), SPLIT - 1, ONE_FROM - 1, 6)
        .solveFloat()
        .print("erf(a) = 1 - exp(p(a - 1)), a >= 1");
  }

  /// erf(a) / a - 1 at u = a^2.
  private static double slope(double u) {
    double a = Math.sqrt(u);
    return a < 1e-6 ? 2 / Math.sqrt(Math.PI) - 1 : ErfReference.erf(a) / a - 1;
  }

  private static double erfc(double a) {
    return StrictMath.exp(-a * a) * ErfReference.erfcx(a);
  }
}
