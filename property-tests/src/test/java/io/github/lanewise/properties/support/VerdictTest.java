package io.github.lanewise.properties.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

  @Test
  void arraysOfDifferentLengthsDiffer() {
    Verdict.sameBits("a", new float[] {1, Float.NaN}, new float[] {1, Float.NaN});
    assertLengths(new float[] {1}, new float[] {1, 2}, "a has 2 elements, not 1");
    assertLengths(new float[] {1, 2}, new float[] {1}, "a has 1 elements, not 2");
  }

  private static void assertLengths(float[] expected, float[] actual, String message) {
    AssertionError error =
        assertThrows(AssertionError.class, () -> Verdict.sameBits("a", expected, actual));
    assertEquals(message, error.getMessage());
  }
}
