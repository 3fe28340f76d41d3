package io.github.lanewise.core.math.fit;

import java.math.BigDecimal;

/// Prints the coefficients of [io.github.lanewise.core.math.Exp].
///
/// exp(r) = 1 + r + r^2 (C2 + C3 r + ... + C6 r^4): 1 and r stay exact, so exp(0) = 1 and small
/// arguments cost nothing. The error is relative, and weighs 1.3 times as much for r < 0: there
/// exp(r) < 1 has the finer ulp, and the rounding errors of the kernel leave less room.
public final class ExpFit {
  private static final BigDecimal LEFT_WEIGHT = new BigDecimal("1.3");

  private ExpFit() {}

  public static void main(String[] args) {
    BigDecimal hi = new BigDecimal(Big.LN2.floatValue());
    System.out.println("LOG2_E = " + hex(BigDecimal.ONE.divide(Big.LN2, Big.MC)));
    System.out.println("LN2_HI = " + hex(hi));
    System.out.println("LN2_LO = " + hex(Big.LN2.subtract(hi)));
    // The rounding of x log2 e lets r pass ln 2 / 2 by a little.
    double half = 0.5 * Big.LN2.doubleValue() * 1.0002;
    new Remez(r -> Big.expTail(r, 2), ExpFit::weight, -half, half, 0, 1, 2, 3, 4)
        .solveFloat()
        .print("C2..C6 of exp(r)");
  }

  private static BigDecimal weight(BigDecimal r) {
    BigDecimal relative = r.pow(2).divide(Big.exp(r), Big.MC);
    return r.signum() < 0 ? relative.multiply(LEFT_WEIGHT, Big.MC) : relative;
  }

  private static String hex(BigDecimal value) {
    return Float.toHexString(value.floatValue()) + "f";
  }
}
