package io.github.lanewise.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.core.ScalarUpdates.Settings;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FusedUpdatesTest {
  private static final long SEED = 20251;
  private static final float SENTINEL = 123.25f;

  private static final float[] ODD = {
    0f,
    -0f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    Float.MAX_VALUE,
    1e-25f,
    1e25f,
    -1e25f,
    1f
  };

  interface Fused {
    void step(FloatArray p, FloatArray g, FloatArray[] states, Settings s);
  }

  interface Scalar {
    void step(float[] pgStates, Settings s);
  }

  /// @param states how many arrays besides p and g
  record Update(String name, int states, Fused fused, Scalar scalar) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Update> updates() {
    return Stream.of(
        new Update(
            "sgd",
            0,
            (p, g, x, s) -> FusedUpdates.sgd(p, g, s.lr(), s.wd(), s.maximize()),
            ScalarUpdates::sgd),
        new Update("sgdMomentum", 1, momentum(false), (x, s) -> sgd(x, s, false)),
        new Update("nesterov", 1, momentum(true), (x, s) -> sgd(x, s, true)),
        new Update(
            "adam",
            2,
            (p, g, x, s) ->
                FusedUpdates.adam(
                    p,
                    g,
                    x[0],
                    x[1],
                    s.t(),
                    s.lr(),
                    s.beta1(),
                    s.beta2(),
                    s.eps(),
                    s.wd(),
                    s.maximize()),
            (x, s) -> ScalarUpdates.adam(x, s, false, false)),
        new Update(
            "adamW",
            2,
            (p, g, x, s) ->
                FusedUpdates.adamW(
                    p,
                    g,
                    x[0],
                    x[1],
                    s.t(),
                    s.lr(),
                    s.beta1(),
                    s.beta2(),
                    s.eps(),
                    s.wd(),
                    s.maximize()),
            (x, s) -> ScalarUpdates.adam(x, s, true, false)),
        new Update(
            "amsGrad",
            3,
            (p, g, x, s) ->
                FusedUpdates.amsGrad(
                    p,
                    g,
                    x[0],
                    x[1],
                    x[2],
                    s.t(),
                    s.lr(),
                    s.beta1(),
                    s.beta2(),
                    s.eps(),
                    s.wd(),
                    s.maximize()),
            (x, s) -> ScalarUpdates.adam(x, s, false, true)),
        new Update(
            "amsGradW",
            3,
            (p, g, x, s) ->
                FusedUpdates.amsGradW(
                    p,
                    g,
                    x[0],
                    x[1],
                    x[2],
                    s.t(),
                    s.lr(),
                    s.beta1(),
                    s.beta2(),
                    s.eps(),
                    s.wd(),
                    s.maximize()),
            (x, s) -> ScalarUpdates.adam(x, s, true, true)),
        new Update(
            "rmsProp",
            1,
            (p, g, x, s) ->
                FusedUpdates.rmsProp(p, g, x[0], s.lr(), s.beta2(), s.eps(), s.wd(), s.maximize()),
            (x, s) -> ScalarUpdates.rmsProp(x, s, false, false)),
        new Update(
            "rmsPropMomentum",
            2,
            (p, g, x, s) ->
                FusedUpdates.rmsPropMomentum(
                    p,
                    g,
                    x[0],
                    x[1],
                    s.lr(),
                    s.beta2(),
                    s.eps(),
                    s.momentum(),
                    s.wd(),
                    s.maximize()),
            (x, s) -> ScalarUpdates.rmsProp(x, s, false, true)),
        new Update(
            "rmsPropCentered",
            2,
            (p, g, x, s) ->
                FusedUpdates.rmsPropCentered(
                    p, g, x[0], x[1], s.lr(), s.beta2(), s.eps(), s.wd(), s.maximize()),
            (x, s) -> ScalarUpdates.rmsProp(x, s, true, false)),
        new Update(
            "rmsPropCenteredMomentum",
            3,
            (p, g, x, s) ->
                FusedUpdates.rmsPropCenteredMomentum(
                    p,
                    g,
                    x[0],
                    x[1],
                    x[2],
                    s.lr(),
                    s.beta2(),
                    s.eps(),
                    s.momentum(),
                    s.wd(),
                    s.maximize()),
            (x, s) -> ScalarUpdates.rmsProp(x, s, true, true)),
        new Update(
            "adagrad",
            1,
            (p, g, x, s) ->
                FusedUpdates.adagrad(
                    p, g, x[0], s.t(), s.lr(), 0.05, s.eps(), s.wd(), s.maximize()),
            (x, s) -> ScalarUpdates.adagrad(x, s, 0.05)),
        new Update(
            "adadelta",
            2,
            (p, g, x, s) ->
                FusedUpdates.adadelta(
                    p, g, x[0], x[1], s.lr(), s.beta2(), s.eps(), s.wd(), s.maximize()),
            ScalarUpdates::adadelta));
  }

  private static Fused momentum(boolean nesterov) {
    return (p, g, x, s) ->
        FusedUpdates.sgdMomentum(
            p, g, x[0], s.t(), s.lr(), s.momentum(), s.dampening(), nesterov, s.wd(), s.maximize());
  }

  private static void sgd(float[] x, Settings s, boolean nesterov) {
    ScalarUpdates.sgdMomentum(x, s, nesterov);
  }

  /// Every flag on and off, first and later steps, and both branches of lerp.
  private static List<Settings> settings() {
    List<Settings> all = new ArrayList<>();
    for (double wd : new double[] {0, 0.01}) {
      for (boolean maximize : new boolean[] {false, true}) {
        for (long t : new long[] {1, 2, 100_000}) {
          all.add(new Settings(t, 0.01, wd, maximize, 0.9, 0.999, 1e-8, 0.9, 0.3));
        }
        all.add(new Settings(7, 0.3, wd, maximize, 0.25, 0.3, 1e-3, 0.5, 0));
        all.add(new Settings(7, 0.3, wd, maximize, 0.5, 0.5, 0, 0, 1));
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("updates")
  void everyBitIsThatOfTheScalarFormulaAtEveryLengthAndOffset(Update update) {
    Random random = new Random(SEED);
    for (Settings s : settings()) {
      for (int n = 0; n <= 3 * 16 + 5; n++) {
        step(update, s, n, n % 16, random, n % 2 == 0);
      }
      step(update, s, 1009, 3, random, true);
    }
  }

  /// One step on random arrays between sentinels, against the scalar formula.
  private static void step(
      Update update, Settings s, int n, int offset, Random random, boolean odd) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray[] whole = new FloatArray[2 + update.states];
      FloatArray[] part = new FloatArray[whole.length];
      for (int k = 0; k < whole.length; k++) {
        whole[k] = FloatArray.allocate(arena, offset + n + 17L).fill(SENTINEL);
        part[k] = whole[k].slice(offset, n);
        for (int i = 0; i < n; i++) {
          float value = (float) random.nextGaussian();
          part[k].set(i, odd && random.nextInt(4) == 0 ? ODD[random.nextInt(ODD.length)] : value);
        }
      }
      float[][] before = Arrays.stream(part).map(FloatArray::toArray).toArray(float[][]::new);
      update.fused.step(part[0], part[1], Arrays.copyOfRange(part, 2, part.length), s);
      for (int i = 0; i < n; i++) {
        float[] x = new float[whole.length];
        for (int k = 0; k < x.length; k++) {
          x[k] = before[k][i];
        }
        update.scalar.step(x, s);
        for (int k = 0; k < x.length; k++) {
          if (Float.floatToIntBits(x[k]) != Float.floatToIntBits(part[k].get(i))) {
            throw new AssertionError(
                "%s, array %d, element %d of %d, %s: expected %s, got %s, seed %d"
                    .formatted(update, k, i, n, s, x[k], part[k].get(i), SEED));
          }
        }
      }
      for (FloatArray array : whole) {
        for (long i = 0; i < array.length(); i++) {
          if (i < offset || i >= offset + n) {
            assertEquals(SENTINEL, array.get(i), "a write outside, at " + (i - offset));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("updates")
  void aNanInTheGradientStaysInItsElement(Update update) {
    Settings s = new Settings(2, 0.01, 0.01, false, 0.9, 0.999, 1e-8, 0.9, 0);
    float[] clean = stepOnOnes(update, s, 37, 37);
    float[] dirty = stepOnOnes(update, s, 37, 20);
    for (int i = 0; i < clean.length; i++) {
      assertSameBits(i == 20 ? Float.NaN : clean[i], dirty[i], "element " + i);
    }
  }

  private static float[] stepOnOnes(Update update, Settings s, int n, int nanAt) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray p = FloatArray.allocate(arena, n).fill(1f);
      FloatArray g = FloatArray.allocate(arena, n).fill(0.5f);
      if (nanAt < n) {
        g.set(nanAt, Float.NaN);
      }
      FloatArray[] states = new FloatArray[update.states];
      Arrays.setAll(states, k -> FloatArray.allocate(arena, n).fill(0.75f));
      update.fused.step(p, g, states, s);
      return p.toArray();
    }
  }

  @Test
  void theFirstMomentumStepOverwritesTheBuffer() {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray p = FloatArray.of(arena, -0f, 1f, 2f);
      FloatArray g = FloatArray.of(arena, -0f, 0f, 3f);
      FloatArray buffer = FloatArray.of(arena, Float.NaN, 7f, Float.POSITIVE_INFINITY);
      FusedUpdates.sgdMomentum(p, g, buffer, 1, 0.5, 0.9, 0.3, false, 0, false);
      assertEquals("[-0.0, 0.0, 3.0]", buffer.toString());
      assertEquals("[0.0, 1.0, 0.5]", p.toString());
    }
  }

  @Test
  void aZeroGradientLeavesTheParametersUnlessTheyDecay() {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray g = FloatArray.allocate(arena, 5);
      FloatArray v = FloatArray.of(arena, 0f, 1f, 2f, 0f, 1e-30f);
      FloatArray zero = FloatArray.allocate(arena, 5);
      FloatArray p = FloatArray.of(arena, 1f, -1f, 0.1f, 1e-40f, Float.MAX_VALUE);
      float[] before = p.toArray();
      FusedUpdates.sgd(p, g, 0.1, 0, false);
      FusedUpdates.adam(p, g, zero, v, 3, 0.1, 0.9, 0.99, 1e-8, 0, false);
      FusedUpdates.rmsProp(p, g, v, 0.1, 0.99, 1e-8, 0, false);
      FusedUpdates.adagrad(p, g, v, 3, 0.1, 0, 1e-10, 0, false);
      FusedUpdates.adadelta(p, g, v, zero, 1, 0.9, 1e-6, 0, false);
      assertSameBits(before, p);
      FusedUpdates.adamW(p, g, zero, v, 3, 0.1, 0.9, 0.99, 1e-8, 0.5, false);
      for (int i = 0; i < before.length; i++) {
        before[i] *= (float) (1 - 0.1 * 0.5);
      }
      assertSameBits(before, p);
    }
  }

  private static void assertSameBits(float[] expected, FloatArray actual) {
    for (int i = 0; i < expected.length; i++) {
      assertSameBits(expected[i], actual.get(i), "element " + i);
    }
  }

  /// Bit for bit, except that one NaN is as good as another.
  private static void assertSameBits(float expected, float actual, String where) {
    if (Float.floatToIntBits(expected) != Float.floatToIntBits(actual)) {
      throw new AssertionError(where + ": expected " + expected + ", got " + actual);
    }
  }
}
