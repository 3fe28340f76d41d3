package io.github.lanewise.optim.rule;

/// Powers in double with any exponent, for the scalars of a step. The same bits on every machine,
/// and nothing is allocated: `StrictMath.pow` makes arrays in each call.
final class Power {
  private Power() {}

  /// Returns base^exponent within some units of the last place of a double, which the scalars of a
  /// step, as floats, do not see.
  ///
  /// @param base at least 0
  static double of(double base, double exponent) {
    if (exponent == 0) {
      return 1;
    }
    if (exponent == 2) {
      return base * base;
    }
    return base == 0
        ? (exponent > 0 ? 0 : Double.POSITIVE_INFINITY)
        : StrictMath.exp(exponent * StrictMath.log(base));
  }
}
