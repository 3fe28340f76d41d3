package io.github.lanewise.optim.rule;

/// Powers in double, for the scalars of a step. The same bits on every machine, and nothing is
/// allocated: `StrictMath.pow` makes arrays in each call.
final class Power {
  private Power() {}

  /// Returns base^n, rounded once, by squaring in pairs of doubles.
  ///
  /// @param base at most 1
  /// @param n at least 0
  static double of(double base, long n) {
    double high = 1;
    double low = 0;
    double squareHigh = base;
    double squareLow = 0;
    for (long rest = n; rest > 0; rest >>= 1) {
      if ((rest & 1) == 1) {
        double p = high * squareHigh;
        double q = Math.fma(high, squareHigh, -p) + (high * squareLow + low * squareHigh);
        high = p + q;
        low = q - (high - p);
      }
      double p = squareHigh * squareHigh;
      double q = Math.fma(squareHigh, squareHigh, -p) + 2 * squareHigh * squareLow;
      squareHigh = p + q;
      squareLow = q - (squareHigh - p);
    }
    return high;
  }

  /// Returns base^exponent within some units of the last place of a double, which the scalars of a
  /// step, as floats, do not see.
  ///
  /// @param base at least 0
  static double of(double base, double exponent) {
    if (exponent == StrictMath.rint(exponent) && exponent >= 0 && exponent <= 64 && base <= 1) {
      return of(base, (long) exponent);
    }
    return base == 0
        ? (exponent > 0 ? 0 : Double.POSITIVE_INFINITY)
        : StrictMath.exp(exponent * StrictMath.log(base));
  }
}
