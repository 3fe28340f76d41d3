package io.github.lanewise.core.math.fit;

import java.math.BigDecimal;

/// Prints the coefficients of [io.github.lanewise.core.math.Tanh] and
/// [io.github.lanewise.core.math.Tanhshrink]. Both are series in u = x^2, and free of cancellation:
///
/// - tanh(x) = x + x u P(u) up to SPLIT = 1: error relative to tanh(x); P(0) = -F(1/3) is given.
/// - x - tanh(x) = x u (1/3 + u Q(u)) up to SPLIT = 1.03: error relative to the value itself; 1/3
///   is carried in two floats.
public final class TanhFit {
  private static final BigDecimal THIRD = BigDecimal.ONE.divide(BigDecimal.valueOf(3), Big.MC);
  private static final double LOWEST = 1e-3;
  private static final double TANH_SPLIT = 1.0;
  private static final double SHRINK_SPLIT = 1.03;

  private TanhFit() {}

  public static void main(String[] args) {
    new Remez(
            TanhFit::cubic,
            u -> u.divide(BigDecimal.ONE.add(u.multiply(cubic(u))), Big.MC),
            LOWEST,
            TANH_SPLIT * TANH_SPLIT,
            0,
            1,
            2,
            3,
            4,
            5,
            6)
        .solveFloat(-THIRD.floatValue())
        .print("Tanh: P");
    new Remez(
            u -> cubic(u).negate().subtract(THIRD).divide(u, Big.MC),
            u -> u.divide(cubic(u), Big.MC).abs(),
            LOWEST,
            SHRINK_SPLIT * SHRINK_SPLIT,
            0,
            1,
            2,
            3,
            4,
            5,
            6)
        .solveFloat()
        .print("Tanhshrink: Q");
  }

  /// (tanh(x) / x - 1) / u at u = x^2.
  private static BigDecimal cubic(BigDecimal u) {
    BigDecimal x = u.sqrt(Big.MC);
    return Big.tanh(x).divide(x, Big.MC).subtract(BigDecimal.ONE).divide(u, Big.MC);
  }
}
