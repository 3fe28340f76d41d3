package io.github.lanewise.core;

/// Powers of one base in double, whose exponent mostly grows by one from call to call. The same
/// bits on every machine and in every order of calls, and nothing is allocated: `StrictMath.pow`
/// makes arrays in each call.
///
/// The power is a pair of doubles, of which the second is the rounding error of the first. Up to
/// the last multiple of 64 it comes from squaring, then from one product for each exponent. So the
/// next power is mostly one product away, and an exponent has the same bits whatever came before
/// it.
final class WholePower {
  private static final long BLOCK = 64;

  private double base = Double.NaN;
  private long exponent;
  private double high;
  private double low;

  /// Returns base^n, rounded once.
  ///
  /// @param base at most 1
  /// @param n at least 0
  double of(double base, long n) {
    if (base != this.base || n < exponent || n / BLOCK != exponent / BLOCK) {
      this.base = base;
      square(n / BLOCK * BLOCK);
    }
    for (; exponent < n; exponent++) {
      multiply(base, 0);
    }
    return high;
  }

  private void square(long n) {
    high = 1;
    low = 0;
    double squareHigh = base;
    double squareLow = 0;
    for (long rest = n; rest > 0; rest >>= 1) {
      if ((rest & 1) == 1) {
        multiply(squareHigh, squareLow);
      }
      double p = squareHigh * squareHigh;
      double q = Math.fma(squareHigh, squareHigh, -p) + 2 * squareHigh * squareLow;
      squareHigh = p + q;
      squareLow = q - (squareHigh - p);
    }
    exponent = n;
  }

  private void multiply(double otherHigh, double otherLow) {
    double p = high * otherHigh;
    double q = Math.fma(high, otherHigh, -p) + (high * otherLow + low * otherHigh);
    high = p + q;
    low = q - (high - p);
  }
}
