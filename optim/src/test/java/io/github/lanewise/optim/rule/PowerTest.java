package io.github.lanewise.optim.rule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PowerTest {
  @ParameterizedTest
  @ValueSource(doubles = {-0.8, 0, 0.75, 0.004, 1.5, 2})
  void otherPowersAreCloseToThoseOfTheJdk(double exponent) {
    for (double base = 0.001; base < 1e6; base *= 1.7) {
      double expected = StrictMath.pow(base, exponent);
      assertEquals(expected, Power.of(base, exponent), 1e-14 * expected, base + "^" + exponent);
    }
  }
}
