package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class InitializerTest {
  private static final int IN = 200;
  private static final int OUT = 100;

  /// The deviation is that of the distribution: of U(-b, b) it is b / sqrt(3). With 20,000 values
  /// its estimate is good to 1 %, 3 % leaves room.
  @ParameterizedTest
  @CsvSource({
    "PYTORCH, 0.040825", // 1 / sqrt(3 in)
    "XAVIER_UNIFORM, 0.081650", // sqrt(2 / (in + out))
    "XAVIER_NORMAL, 0.081650",
    "KAIMING_UNIFORM, 0.1", // sqrt(2 / in)
    "KAIMING_NORMAL, 0.1"
  })
  void weightsHaveTheDeviationOfTheScheme(Initializer initializer, double deviation) {
    try (Arena arena = Arena.ofConfined()) {
      float[] weight = parameters(arena, initializer, 1).getFirst().value().toArray();
      double mean = 0;
      double squares = 0;
      for (float w : weight) {
        mean += w / (double) weight.length;
        squares += (double) w * w / weight.length;
      }
      assertEquals(0, mean, 0.03 * deviation);
      assertEquals(deviation, Math.sqrt(squares), 0.03 * deviation);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theSeedAloneDecides(Initializer initializer) {
    try (Arena arena = Arena.ofConfined()) {
      float[] first = parameters(arena, initializer, 7).getFirst().value().toArray();
      float[] again = parameters(arena, initializer, 7).getFirst().value().toArray();
      float[] other = parameters(arena, initializer, 8).getFirst().value().toArray();
      assertArrayEquals(first, again);
      assertFalse(Arrays.equals(first, other), "seeds 7 and 8 gave the same weights");
    }
  }

  @Test
  void onlyPyTorchsDefaultDrawsABias() {
    try (Arena arena = Arena.ofConfined()) {
      for (Initializer initializer : Initializer.values()) {
        FloatArray bias = parameters(arena, initializer, 1).getLast().value();
        boolean zero = Arrays.equals(bias.toArray(), new float[OUT]);
        assertEquals(initializer != Initializer.PYTORCH, zero, initializer + " gave " + bias);
      }
    }
  }

  @Test
  void uniformValuesStayInsideTheirBound() {
    try (Arena arena = Arena.ofConfined()) {
      double bound = 1 / Math.sqrt(IN);
      for (float w : parameters(arena, Initializer.PYTORCH, 3).getFirst().value().toArray()) {
        assertTrue(Math.abs(w) <= bound, w + " is beyond " + bound);
      }
    }
  }

  private static List<Parameter> parameters(Arena arena, Initializer initializer, long seed) {
    Linear layer = Linear.of(IN, OUT).withInitializer(initializer);
    return Sequential.of(layer).initialize(arena, seed).parameters();
  }
}
