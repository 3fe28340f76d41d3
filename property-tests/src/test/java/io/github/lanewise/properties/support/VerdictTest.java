package io.github.lanewise.properties.support;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1.0000001, 1e-9",
    "NaN, 1, Infinity",
    "1, NaN, Infinity",
    "Infinity, NaN, Infinity",
    "Infinity, 3e38, Infinity",
    "Infinity, -Infinity, Infinity"
  })
  void whatIsTooFarOffFails(double exact, float actual, double bound) {
    assertThrows(AssertionError.class, () -> Verdict.within("f", 1, exact, actual, bound));
  }

  @ParameterizedTest
  @CsvSource({"1, 1.0000001, 1e-6", "NaN, NaN, 0", "Infinity, Infinity, 0", "1e40, Infinity, 0"})
  void whatIsNearPasses(double exact, float actual, double bound) {
    Verdict.within("f", 1, exact, actual, bound);
  }

  @Test
  void aZeroHasItsSign() {
    Verdict.withinAndSigned("f", 1, -0.0, -0f, 0);
    assertThrows(AssertionError.class, () -> Verdict.withinAndSigned("f", 1, -0.0, 0f, 0));
  }
}
