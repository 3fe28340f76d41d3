package io.github.lanewise.optim.schedule;

/// The cosine of [StrictMath], the same on every machine, without the array that it allocates for
/// an argument beyond a quarter of pi.
final class Cosine {
  /// The double nearest to half of pi.
  private static final double HALF_PI = Math.PI / 2;

  /// Half of pi less that double.
  private static final double HALF_PI_REST = 6.123233995736766e-17;

  private Cosine() {}

  /// Returns cos x within 1 ulp or 1e-16, for the sizes that steps lead to.
  static double cos(double x) {
    double quarters = Math.rint(x / HALF_PI);
    double r = Math.fma(-quarters, HALF_PI_REST, Math.fma(-quarters, HALF_PI, x));
    return switch ((int) ((long) quarters & 3)) {
      case 0 -> StrictMath.cos(r);
      case 1 -> -StrictMath.sin(r);
      case 2 -> -StrictMath.cos(r);
      default -> StrictMath.sin(r);
    };
  }
}
