package io.github.lanewise.bench.accuracy;

import java.math.BigDecimal;
import java.math.MathContext;

/// The error function and the normal distribution in double, to 1e-15 relative in both tails.
///
/// - A table, filled once in decimal, holds erfcx(z) = exp(z^2) erfc(z) around each multiple of
///   1/16 as its Taylor polynomial of degree 12. Its coefficients follow from
///   erfcx' = 2 z erfcx - 2/sqrt(pi), so (n+1) c(n+1) = 2 z0 c(n) + 2 c(n-1).
/// - In decimal, erfcx is Taylor's series of erf below 3, Laplace's continued fraction above.
/// - Reference: Abramowitz & Stegun, Handbook of Mathematical Functions, 7.1.5, 7.1.14, 7.1.19
public final class ErfOracle {
  private static final BigDecimal SQRT_PI =
      new BigDecimal(
          "1.7724538509055160272981674833411451827975494561223871282138"
              + "077898529112845910321813749506567385446655");

  private static final double TWO_OVER_SQRT_PI = 1.1283791670955126;
  private static final double SQRT_HALF = 0.7071067811865476;
  private static final double DENSITY_AT_0 = 0.3989422804014327;

  /// Below this, a square is nothing beside 1.
  static final double TINY = 0x1p-30;

  private static final int TERMS = 16;
  private static final double[] SERIES = series();

  private static final int STEPS_PER_UNIT = 16;
  private static final int DEGREE = 12;
  // erfcx of 28 scaled by exp(-28^2) is below every double.
  private static final int LAST = 28;
  private static final double[] TABLE = table(LAST * STEPS_PER_UNIT);

  private ErfOracle() {}

  /// exp(z^2) erfc(z) for z >= 0, to the precision of `mc`, at most 80 digits.
  public static BigDecimal erfcx(BigDecimal z, MathContext mc) {
    MathContext guarded = new MathContext(mc.getPrecision() + 15);
    BigDecimal z2 = z.multiply(z);
    if (z.compareTo(BigDecimal.valueOf(3)) < 0) {
      BigDecimal smallest = BigDecimal.ONE.movePointLeft(mc.getPrecision() + 12);
      BigDecimal erfTimesExp = BigDecimal.ZERO; // 2/sqrt(pi) sum (2 z^2)^n z / (2n+1)!!
      BigDecimal term = z;
      for (int n = 1; term.compareTo(smallest) > 0; n++) {
        erfTimesExp = erfTimesExp.add(term, guarded);
        BigDecimal odd = BigDecimal.valueOf(2L * n + 1);
        term = term.multiply(z2, guarded).multiply(BigDecimal.TWO).divide(odd, guarded);
      }
      erfTimesExp = erfTimesExp.multiply(BigDecimal.TWO).divide(SQRT_PI, guarded);
      return exp(z2, guarded).subtract(erfTimesExp).round(mc);
    }
    // 1/sqrt(pi) / (z + (1/2)/(z + 1/(z + (3/2)/(z + ...)))); n terms leave exp(-2 z sqrt(2n)).
    double root = (mc.getPrecision() + 5) * StrictMath.log(10) / (2 * z.doubleValue());
    BigDecimal tail = z;
    for (int n = (int) (root * root / 2) + 20; n >= 1; n--) {
      BigDecimal fraction = BigDecimal.valueOf(n).divide(BigDecimal.TWO.multiply(tail), guarded);
      tail = z.add(fraction, guarded);
    }
    return BigDecimal.ONE.divide(SQRT_PI.multiply(tail), mc);
  }

  private static BigDecimal exp(BigDecimal x, MathContext mc) {
    BigDecimal smallest = BigDecimal.ONE.movePointLeft(mc.getPrecision());
    BigDecimal sum = BigDecimal.ONE;
    BigDecimal term = BigDecimal.ONE;
    for (int n = 1; term.compareTo(smallest) > 0; n++) {
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
        c = next.divide(BigDecimal.valueOf(n + 1L), mc);
      }
    }
    return table;
  }

  /// exp(z^2) erfc(z) for 0 <= z <= 28.
  static double erfcx(double z) {
    int i = (int) (z * STEPS_PER_UNIT + 0.5);
    double h = z - (double) i / STEPS_PER_UNIT;
    int at = i * (DEGREE + 1);
    double sum = TABLE[at + DEGREE];
    for (int n = DEGREE - 1; n >= 0; n--) {
      sum = Math.fma(sum, h, TABLE[at + n]);
    }
    return sum;
  }

  /// The error function.
  public static double erf(double z) {
    double a = Math.abs(z);
    if (z == 0 || Double.isNaN(z)) {
      return z;
    }
    if (a > 6) {
      return Math.signum(z);
    }
    if (a < TINY) {
      return TWO_OVER_SQRT_PI * z;
    }
    if (a >= 0.75) {
      return Math.copySign(1 - expOfMinusSquare(a, 1) * erfcx(a), z);
    }
    double z2 = a * a;
    double sum = SERIES[TERMS - 1];
    for (int n = TERMS - 2; n >= 0; n--) {
      sum = Math.fma(sum, z2, SERIES[n]);
    }
    return TWO_OVER_SQRT_PI * (z + z * z2 * sum);
  }

  /// erf(z) = 2/sqrt(pi) (z + z^3 sum s(n) z^(2n)), s(n-1) = (-1)^n / (n! (2n+1)) from n = 1 on.
  private static double[] series() {
    double[] series = new double[TERMS];
    double factorial = 1;
    for (int n = 1; n <= TERMS; n++) {
      factorial *= -n;
      series[n - 1] = 1 / (factorial * (2 * n + 1));
    }
    return series;
  }

  /// 1 - erf(z), without the cancellation.
  public static double erfc(double z) {
    if (Double.isNaN(z)) {
      return z;
    }
    if (z < 0.5) {
      return 1 - erf(z);
    }
    double a = Math.min(z, LAST);
    return expOfMinusSquare(a, 1) * erfcx(a);
  }

  /// The normal distribution function Phi(x).
  public static double phi(double x) {
    if (Double.isNaN(x)) {
      return x;
    }
    double a = Math.abs(x);
    if (a < TINY) {
      return 0.5 + x * DENSITY_AT_0;
    }
    if (a > 39) {
      return x > 0 ? 1 : 0;
    }
    double tail = expOfMinusSquare(a, 0.5) * 0.5 * erfcx(a * SQRT_HALF);
    return x > 0 ? 1 - tail : tail;
  }

  /// The normal density.
  public static double density(double x) {
    double a = Math.abs(x);
    return Double.isNaN(x) ? x : a > 39 ? 0 : DENSITY_AT_0 * expOfMinusSquare(a, 0.5);
  }

  /// exp(-factor a^2), for a factor that is a power of two: a^2 is kept in two parts.
  private static double expOfMinusSquare(double a, double factor) {
    double square = a * a;
    double rest = Math.fma(a, a, -square);
    return StrictMath.exp(-factor * square) * (1 - factor * rest);
  }
}
