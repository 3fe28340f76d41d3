package io.github.lanewise.properties.support;

import static org.junit.jupiter.api.Assertions.fail;

import io.github.lanewise.bench.accuracy.Ulps;

/// Comparisons whose failure names the input, both values and the error in ulp.
public final class Verdict {
  private Verdict() {}

  /// Requires `actual` to be within `bound` of `exact`, which may be infinite: NaN and infinity are
  /// near to nothing but themselves.
  public static void within(String what, float x, double exact, float actual, double bound) {
    double distance = Ulps.distance(exact, actual);
    if (distance > 0 && !(distance <= bound && distance < Double.POSITIVE_INFINITY)) {
      fail(
          "%s at %s (0x%08x) is %s, exactly %s: %.3f ulp off, %.3f are allowed"
              .formatted(
                  what,
                  x,
                  Float.floatToRawIntBits(x),
                  actual,
                  exact,
                  distance / Ulps.unit(exact),
                  bound / Ulps.unit(exact)));
    }
  }

  /// The same, and where `exact` is a zero, `actual` must have its sign.
  public static void withinAndSigned(
      String what, float x, double exact, float actual, double bound) {
    within(what, x, exact, actual, bound);
    if (exact == 0 && Float.floatToRawIntBits(actual) != Float.floatToRawIntBits((float) exact)) {
      sameBits(what + " at " + x, (float) exact, actual);
    }
  }

  /// Requires the same bits; every NaN is the same.
  public static void sameBits(String what, float expected, float actual) {
    if (Float.floatToIntBits(expected) != Float.floatToIntBits(actual)) {
      fail(
          "%s is %s (0x%08x), not %s (0x%08x)"
              .formatted(
                  what,
                  actual,
                  Float.floatToIntBits(actual),
                  expected,
                  Float.floatToIntBits(expected)));
    }
  }

  /// Requires as many elements with the same bits; every NaN is the same.
  public static void sameBits(String what, float[] expected, float[] actual) {
    if (expected.length != actual.length) {
      fail(what + " has " + actual.length + " elements, not " + expected.length);
    }
    for (int i = 0; i < expected.length; i++) {
      if (Float.floatToIntBits(expected[i]) != Float.floatToIntBits(actual[i])) {
        sameBits(what + "[" + i + "] of " + expected.length, expected[i], actual[i]);
      }
    }
  }
}
