package io.github.lanewise.properties.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// What a property draws follows from its name alone, but for the profile `random`.
class SeedsTest {
  /// What the seed of the property's name gives.
  private static final long DRAWN = 2645169726999696414L;

  @Property(tries = 1)
  void theFirstNumberIsTheSameInEveryRun(@ForAll Random random) {
    long number = random.nextLong();
    if (Seeds.RANDOM) {
      assertNotEquals(DRAWN, number);
    } else {
      assertEquals(DRAWN, number);
    }
  }
}
