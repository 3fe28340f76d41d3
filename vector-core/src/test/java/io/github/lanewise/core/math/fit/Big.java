package io.github.lanewise.core.math.fit;

import java.math.BigDecimal;
import java.math.MathContext;

/// Elementary functions in decimal arithmetic, to about 45 digits, for the fitting programs.
public final class Big {
  /// 50 digits: float coefficients need 8, the linear systems of a fit lose up to 20.
  public static final MathContext MC = new MathContext(50);

  /// ln 2.
  public static final BigDecimal LN2 = ln2();

  private static final BigDecimal TINY = new BigDecimal("1e-60");
  private static final BigDecimal TWO = BigDecimal.valueOf(2);

  private Big() {}

  /// exp(x), for |x| up to some hundreds.
  public static BigDecimal exp(BigDecimal x) {
    if (x.abs().compareTo(BigDecimal.ONE) > 0) {
      BigDecimal half = exp(x.divide(TWO, MC));
      return half.multiply(half, MC);
    }
    return BigDecimal.ONE.add(x.multiply(expm1OverX(x), MC), MC);
  }

  /// (exp(x) - 1) / x, 1 at 0, for |x| <= 1 or so.
  public static BigDecimal expm1OverX(BigDecimal x) {
    return expTail(x, 1);
  }

  /// The series of exp from x^k / k! on, divided by x^k: 1/k! + x/(k+1)! + ... for |x| <= 1 or so.
  public static BigDecimal expTail(BigDecimal x, int k) {
    BigDecimal term = BigDecimal.ONE;
    for (int i = 2; i <= k; i++) {
      term = term.divide(BigDecimal.valueOf(i), MC);
    }
    BigDecimal sum = BigDecimal.ZERO;
    for (int i = k + 1; term.abs().compareTo(TINY) > 0; i++) {
      sum = sum.add(term, MC);
      term = term.multiply(x, MC).divide(BigDecimal.valueOf(i), MC);
    }
    return sum;
  }

  /// tanh(x).
  public static BigDecimal tanh(BigDecimal x) {
    BigDecimal y = x.add(x);
    BigDecimal e =
        y.abs().compareTo(BigDecimal.ONE) < 0
            ? y.multiply(expm1OverX(y), MC)
            : exp(y).subtract(BigDecimal.ONE, MC);
    return e.divide(e.add(TWO), MC);
  }

  /// ln 2 = sum over odd i of 2 / (i 3^i).
  private static BigDecimal ln2() {
    BigDecimal sum = BigDecimal.ZERO;
    BigDecimal power = BigDecimal.valueOf(3);
    for (int i = 1; i < 130; i += 2) {
      sum = sum.add(BigDecimal.valueOf(2).divide(power.multiply(BigDecimal.valueOf(i)), MC), MC);
      power = power.multiply(BigDecimal.valueOf(9));
    }
    return sum;
  }
}
