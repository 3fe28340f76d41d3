package io.github.lanewise.optim;

/// The ranges of hyper-parameters. Infinity, which PyTorch lets through, is refused.
final class Require {
  private Require() {}

  static double atLeastZero(String name, double value) {
    require(value >= 0, name, value, "at least 0");
    return value;
  }

  /// A decay rate whose powers must reach 0.
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
