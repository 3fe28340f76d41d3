package io.github.lanewise.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WholePowerTest {
  @ParameterizedTest
  @ValueSource(doubles = {0.9, 0.999, 0.95, 0.5, 1, 0})
  void itIsTheNearestDouble(double base) {
    WholePower power = new WholePower();
    BigDecimal exact = BigDecimal.ONE;
    for (long n = 0; n <= 1000; n++) {
      assertEquals(exact.doubleValue(), power.of(base, n), base + " to the power of " + n);
      exact = exact.multiply(new BigDecimal(base), new MathContext(60));
    }
  }

  @Test
  void itsBitsDoNotDependOnTheCallsBefore() {
    WholePower used = new WholePower();
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 10_000; i++) {
      double base = random.nextInt(3) == 0 ? 0.9 : 1 - 1e-3 * random.nextInt(1, 4);
      long n = random.nextLong(1L << random.nextInt(1, 24));
      for (long k = 0; k < random.nextInt(1, 4); k++) {
        assertEquals(new WholePower().of(base, n + k), used.of(base, n + k), base + "^" + (n + k));
      }
    }
  }
}
