package io.github.lanewise.bench.accuracy;

/// The largest absolute error that a result may have.
@FunctionalInterface
public interface Tolerance {
  /// Returns the bound at input `x`, where the exact result is `exact`.
  double at(double x, double exact);

  /// A number of units in the last place of the exact result.
  static Tolerance ulp(double units) {
    return (x, exact) -> units * Ulps.unit(exact);
  }

  /// No more than the one rounding that a result needs.
  static Tolerance rounded() {
    return ulp(0.5);
  }
}
