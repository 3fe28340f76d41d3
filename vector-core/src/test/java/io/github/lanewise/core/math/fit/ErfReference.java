package io.github.lanewise.core.math.fit;

import java.math.BigDecimal;
import java.math.MathContext;

/// erf, erfc and the normal distribution for tests and fits: in decimal, and fast in double.
///
/// - [#erfcx(BigDecimal, MathContext)] is the scaled function erfcx(z) = exp(z^2) erfc(z), z >=
///   0, to the precision asked for: Taylor's series of erf below 3, Laplace's continued fraction
///   above.
/// - The double functions have a relative error below 1e-15, in the left tail too (to -38). They
///   read a table, filled once from the decimal function: around each multiple of 1/16, erfcx is
///   its Taylor polynomial of degree 12, whose coefficients follow from erfcx' = 2 z erfcx -
///   2/sqrt(pi), so (n+1) c(n+1) = 2 z0 c(n) + 2 c(n-1).
/// - Reference: Abramowitz & Stegun, Handbook of Mathematical Functions, 7.1.5, 7.1.14, 7.1.19
public final class ErfReference {
  /// sqrt(pi), 100 digits.
  private static final BigDecimal SQRT_PI =
      new BigDecimal(
          "1.7724538509055160272981674833411451827975494561223871282138"
              + "077898529112845910321813749506567385446654");

  private static final double TWO_OVER_SQRT_PI = 1.1283791670955126;
  private static final double SQRT_HALF = 0.7071067811865476;
  private static final double INV_SQRT_2PI = 0.3989422804014327;

  private static final int STEPS_PER_UNIT = 16;
  private static final int DEGREE = 12;
  private static final double[] TABLE = table(28 * STEPS_PER_UNIT);

  private ErfReference() {}

  /// exp(z^2) erfc(z) for z >= 0, to the precision of `mc`, at most 80 digits.
  public static BigDecimal erfcx(BigDecimal z, MathContext mc) {
    MathContext guarded = new MathContext(mc.getPrecision() + 15);
    BigDecimal z2 = z.multiply(z);
    if (z.compareTo(BigDecimal.valueOf(3)) < 0) {
      BigDecimal erfTimesExp = BigDecimal.ZERO; // 2/sqrt(pi) sum (2 z^2)^n z / (2n+1)!!
      BigDecimal term = z;
      for (int n = 1;
          term.compareTo(BigDecimal.ONE.movePointLeft(mc.getPrecision() + 12)) > 0;
          n++) {
        erfTimesExp = erfTimesExp.add(term, guarded);
        term =
            term.multiply(z2, guarded)
                .multiply(BigDecimal.TWO)
                .divide(BigDecimal.valueOf(2L * n + 1), guarded);
      }
      erfTimesExp = erfTimesExp.multiply(BigDecimal.TWO).divide(SQRT_PI, guarded);
      return exp(z2, guarded).subtract(erfTimesExp).round(mc);
    }
    // 1/sqrt(pi) / (z + (1/2)/(z + 1/(z + (3/2)/(z + ...)))). The error falls with the number n
    // of terms like exp(-2 z sqrt(2 n)).
    double root = (mc.getPrecision() + 5) * Math.log(10) / (2 * z.doubleValue());
    BigDecimal tail = z;
    for (int n = (int) (root * root / 2) + 20; n >= 1; n--) {
      tail = z.add(BigDecimal.valueOf(n).divide(BigDecimal.TWO.multiply(tail), guarded), guarded);
    }
    return BigDecimal.ONE.divide(SQRT_PI.multiply(tail), mc);
  }

  private static BigDecimal exp(BigDecimal x, MathContext mc) {
    BigDecimal sum = BigDecimal.ONE;
    BigDecimal term = BigDecimal.ONE;
    for (int n = 1; term.compareTo(BigDecimal.ONE.movePointLeft(mc.getPrecision())) > 0; n++) {
      term = term.multiply(x, mc).divide(BigDecimal.valueOf(n), mc);
      sum = sum.add(term, mc);
    }
    return sum;
  }

  private static double[] table(int centres) {
    MathContext mc = new MathContext(70); // the recurrence loses up to 30 digits at z0 = 28
    double[] table = new double[(centres + 1) * (DEGREE + 1)];
    BigDecimal slope = BigDecimal.TWO.divide(SQRT_PI, mc);
    for (int i = 0; i <= centres; i++) {
      BigDecimal z0 = BigDecimal.valueOf(i).divide(BigDecimal.valueOf(STEPS_PER_UNIT));
      BigDecimal previous = BigDecimal.ZERO;
      BigDecimal c = erfcx(z0, mc);
      for (int n = 0; n <= DEGREE; n++) {
        table[i * (DEGREE + 1) + n] = c.doubleValue();
        BigDecimal next = z0.multiply(c).add(previous).multiply(BigDecimal.TWO);
        next = n == 0 ? next.subtract(slope) : next;
        previous = c;
        c = next.divide(BigDecimal.valueOf(n + 1), mc);
      }
    }
    return table;
  }

  /// exp(z^2) erfc(z) for 0 <= z <= 28.
  public static double erfcx(double z) {
    int i = (int) (z * STEPS_PER_UNIT + 0.5);
    double h = z - (double) i / STEPS_PER_UNIT;
    int at = i * (DEGREE + 1);
    double sum = TABLE[at + DEGREE];
    for (int n = DEGREE - 1; n >= 0; n--) {
      sum = Math.fma(sum, h, TABLE[at + n]);
    }
    return sum;
  }

  /// The error function; z must be a float, so that z^2 is exact.
  public static double erf(double z) {
    double a = Math.abs(z);
    if (a > 6) {
      return Math.signum(z);
    }
    if (a >= 0.75) {
      return Math.copySign(1 - StrictMath.exp(-a * a) * erfcx(a), z);
    }
    double z2 = a * a;
    double sum = 0;
    for (int n = 16; n >= 1; n--) { // sum (-z^2)^n / (n! (2n+1)), as a nested product
      sum = -z2 * (1.0 / (2 * n + 1) + sum) / n;
    }
    return TWO_OVER_SQRT_PI * (z + z * sum);
  }

  /// Mills' ratio times the density at 0: Phi(-a) exp(a^2 / 2), for 0 <= a <= 39.
  public static double scaledTail(double a) {
    return 0.5 * erfcx(a * SQRT_HALF);
  }

  /// The normal distribution function Phi(x); x must be a float.
  public static double phi(double x) {
    double a = Math.min(Math.abs(x), 39);
    double tail = StrictMath.exp(-0.5 * a * a) * scaledTail(a);
    return x > 0 ? 1 - tail : tail;
  }

  /// The normal density.
  public static double density(double x) {
    return INV_SQRT_2PI * StrictMath.exp(-0.5 * x * x);
  }
}
