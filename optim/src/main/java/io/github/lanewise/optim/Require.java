package io.github.lanewise.optim;

/// Checks that a hyper-parameter lies in its range. NaN lies in none. Infinity is refused too,
/// which PyTorch accepts.
final class Require {
  private Require() {}

  static double atLeastZero(String name, double value) {
    require(value >= 0, name, value, "at least 0");
    return value;
  }

  /// For a decay rate of which 1 - rate^t is a divisor, so that it must not be 1.
  static void belowOne(String name, double value) {
    require(value >= 0 && value < 1, name, value, "at least 0 and below 1");
  }

  static void fraction(String name, double value) {
    require(value >= 0 && value <= 1, name, value, "between 0 and 1");
  }

  private static void require(boolean inRange, String name, double value, String range) {
    if (!inRange) {
      throw new IllegalArgumentException(name + " is " + value + ", must be " + range);
    }
    if (Double.isInfinite(value)) {
      throw new IllegalArgumentException(name + " is " + value + ", must be finite");
    }
  }
}
