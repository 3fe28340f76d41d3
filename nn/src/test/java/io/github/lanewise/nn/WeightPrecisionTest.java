package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A model with weights in bfloat16 answers as one whose weights were rounded before.
class WeightPrecisionTest {
  private static final int MOST_ROWS = 45;

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 31", "70, 33", "64, 128", "65, 160", "130, 300"})
  void answersAreThoseOfRoundedWeights(int in, int out) {
    try (Arena arena = Arena.ofConfined()) {
      Model model = Sequential.of(Linear.of(in, out)).initialize(arena, 7);
      InferenceSession compact =
          model.serve(arena, WeightPrecision.BFLOAT16).session(arena, MOST_ROWS);
      FloatArray weight = model.parameters().getFirst().value();
      for (long i = 0; i < weight.length(); i++) {
        weight.set(i, nearest(weight.get(i)));
      }
      InferenceSession rounded = model.serve(arena).session(arena, MOST_ROWS);
      SplittableRandom random = new SplittableRandom(in);
      for (int rows : new int[] {1, 11, 12, 32, MOST_ROWS}) {
        float[] x = new float[rows * in];
        for (int i = 0; i < x.length; i++) {
          x[i] = random.nextFloat() - 0.5f;
        }
        float[] expected = new float[rows * out];
        float[] actual = new float[rows * out];
        rounded.forward(x, expected);
        compact.forward(x, actual);
        assertArrayEquals(expected, actual, () -> rows + " rows");
      }
    }
  }

  /// The nearest number whose significand has eight bits; of two, the even one.
  private static float nearest(float value) {
    float unit = Math.ulp(value) * 0x1p16f;
    return (float) (Math.rint((double) value / unit) * unit);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "-0.0, -0.0",
    "NaN, NaN",
    "Infinity, Infinity",
    "0x1.01p0, 0x1.00p0",
    "0x1.03p0, 0x1.04p0",
    "0x1.010002p0, 0x1.02p0",
    "0x1.fffffep127, Infinity",
    "0x1p-149, 0"
  })
  void aWeightIsRoundedToTheNearest(float weight, float rounded) {
    try (Arena arena = Arena.ofConfined()) {
      Model model = Sequential.of(Linear.of(1, 1)).initialize(arena, 1);
      model.parameters().get(0).value().fill(weight);
      model.parameters().get(1).value().fill(-0.0f);
      float[] y = new float[1];
      model.serve(arena, WeightPrecision.BFLOAT16).session(arena, 1).forward(new float[] {1}, y);
      assertEquals(rounded, y[0]);
    }
  }

  /// The payload of this NaN is in the lower half, without which it would be infinite.
  @Test
  void everyNanStaysOne() {
    try (Arena arena = Arena.ofConfined()) {
      Model model = Sequential.of(Linear.of(1, 1)).initialize(arena, 1);
      model.parameters().get(0).value().fill(Float.intBitsToFloat(0x7F800001));
      float[] y = new float[1];
      model.serve(arena, WeightPrecision.BFLOAT16).session(arena, 1).forward(new float[] {1}, y);
      assertTrue(Float.isNaN(y[0]), () -> "it became " + y[0]);
    }
  }

  @Test
  void aServedModelTakesHalfTheMemory() {
    Sequential network = Sequential.of(Linear.of(512, 1024), Activation.RELU, Linear.of(1024, 256));
    try (Arena arena = Arena.ofConfined()) {
      CountingArena floats = CountingArena.over(arena);
      CountingArena halves = CountingArena.over(arena);
      Model model = network.initialize(arena, 1);
      assertEquals(WeightPrecision.FLOAT32, model.serve(floats).precision());
      ServedModel compact = model.serve(halves, WeightPrecision.BFLOAT16);
      assertEquals(WeightPrecision.BFLOAT16, compact.precision());
      long weights = 512 * 1024 + 1024 * 256;
      assertEquals(2 * weights, floats.liveBytes() - halves.liveBytes());
    }
  }
}
