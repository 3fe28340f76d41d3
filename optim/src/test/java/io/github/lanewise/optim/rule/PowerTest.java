package io.github.lanewise.optim.rule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PowerTest {
  @ParameterizedTest
  @ValueSource(doubles = {0.9, 0.999, 0.95, 0.5, 1, 0})
  void aWholePowerIsTheNearestDouble(double base) {
    BigDecimal exact = BigDecimal.ONE;
    for (long n = 0; n <= 1000; n++) {
      assertEquals(exact.doubleValue(), Power.of(base, n), base + " to the power of " + n);
      exact = exact.multiply(new BigDecimal(base), new MathContext(60));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.8, 0.75, 0.004, 1.5, 2})
  void otherPowersAreCloseToThoseOfTheJdk(double exponent) {
    for (double base = 0.001; base < 1e6; base *= 1.7) {
      double expected = StrictMath.pow(base, exponent);
      assertEquals(expected, Power.of(base, exponent), 1e-14 * expected, base + "^" + exponent);
    }
  }
}
