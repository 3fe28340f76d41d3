package io.github.lanewise.bench.accuracy;

/// Distance of a float from the exact value, in units in the last place.
///
/// A unit is the spacing of floats at the exact value, never below 2^-149. An infinite float counts
/// as 2^128, where the next float would be, so that an early overflow is an error of its true size.
public final class Ulps {
  private Ulps() {}

  /// The spacing of floats at `exact`.
  public static double unit(double exact) {
    int exponent = Math.clamp(Math.getExponent(exact), Float.MIN_EXPONENT, Float.MAX_EXPONENT);
    return Double.longBitsToDouble((long) (exponent - 23 + Double.MAX_EXPONENT) << 52);
  }

  /// How many units `actual` is off; infinity where only one of them is NaN.
  public static double error(double exact, float actual) {
    return distance(exact, actual) / unit(exact);
  }

  /// The absolute error, on the same terms.
  public static double distance(double exact, float actual) {
    if (Double.isNaN(exact) || Float.isNaN(actual)) {
      return Double.isNaN(exact) && Float.isNaN(actual) ? 0 : Double.POSITIVE_INFINITY;
    }
    if (Float.floatToIntBits((float) exact) == Float.floatToIntBits(actual)
        && Float.isInfinite(actual)) {
      return 0;
    }
    return Math.abs(exact - asDouble(actual));
  }

  private static double asDouble(float actual) {
    return Float.isInfinite(actual) ? Math.copySign(0x1p128, actual) : actual;
  }
}
