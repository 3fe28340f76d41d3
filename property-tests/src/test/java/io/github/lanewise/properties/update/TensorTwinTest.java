package io.github.lanewise.properties.update;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.ParameterGroup;
import io.github.lanewise.optim.Passes;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every bit of a rule that looks at whole parameters is that of its scalar twin in
/// [ScalarTensors], for every shape and position in memory, with every pass and precision, and
/// nothing is written beside the arrays.
class TensorTwinTest {
  private static final long SEED = 4711;
  private static final float SENTINEL = 123.25f;
  private static final int STEPS = 7;

  private static final float[] ODD = {
    0f,
    -0f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MIN_VALUE,
    Float.MIN_NORMAL,
    Float.MAX_VALUE,
    1e-25f,
    -1e25f,
    1f
  };

  static Stream<RuleCases.Case> rules() {
    return RuleCases.ofMatrices();
  }

  /// Narrow and wide ones, parts of tiles and blocks and several of them, and rows of matrices.
  private static List<Shape> shapes(RuleCases.Case rule) {
    List<Shape> shapes = new ArrayList<>();
    for (int n : new int[] {1, 2, 7, 15, 16, 17, 33}) {
      shapes.add(Shape.of(n, 1 + n * 7 % 19));
      shapes.add(Shape.of(1 + n * 5 % 23, n));
    }
    shapes.add(Shape.of(40, 257));
    shapes.add(Shape.of(3, 530));
    shapes.add(Shape.of(1100, 1));
    if (!rule.name().equals("muon")) {
      for (int n : new int[] {0, 1, 15, 16, 17, 300, 1024, 2500}) {
        shapes.add(Shape.of(n));
      }
      shapes.add(Shape.of());
      shapes.add(Shape.of(5, 3, 3));
      shapes.add(Shape.of(2, 3, 20, 21));
    }
    return shapes;
  }

  @ParameterizedTest
  @MethodSource("rules")
  void everyBitIsThatOfTheScalarRule(RuleCases.Case rule) {
    Random random = new Random(SEED);
    for (Shape shape : shapes(rule)) {
      for (boolean isOdd : new boolean[] {false, true}) {
        for (Map<String, Double> settings : rule.settings()) {
          check(rule, settings, Passes.NONE, shape, random, isOdd);
        }
      }
    }
    for (double eps : new double[] {0, 1e-30}) {
      check(rule, Map.of("eps1", eps, "eps", eps), Passes.NONE, Shape.of(20, 30), random, true);
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void everyPassGivesTheBitsOfItsTwin(RuleCases.Case rule) {
    Random random = new Random(SEED);
    List<Shape> shapes =
        List.of(Shape.of(1, 1), Shape.of(33, 31), Shape.of(17, 300), Shape.of(300, 5));
    for (Passes passes : PassesTwinTest.passes()) {
      for (Shape shape : shapes) {
        Map<String, Double> settings =
            Map.of("maximize", (double) random.nextInt(2), "weightDecay", random.nextInt(3) / 64.0);
        check(rule, settings, passes, shape, random, false);
      }
      if (!rule.name().equals("muon")) {
        check(rule, Map.of("lr", 0.125), passes, Shape.of(1030), random, false);
        check(rule, Map.of("lr", 0.125), passes, Shape.of(4, 9, 9), random, false);
      }
    }
  }

  private static void check(
      RuleCases.Case rule,
      Map<String, Double> changes,
      Passes passes,
      Shape shape,
      Random random,
      boolean isOdd) {
    int n = (int) shape.elements();
    int offset = random.nextInt(16);
    try (Arena arena = Arena.ofConfined()) {
      FloatArray p = FloatArray.allocate(arena, offset + n + 17L).fill(SENTINEL);
      // Now and then the gradient ends where its memory does.
      long room = random.nextInt(2) * 17L;
      FloatArray g = FloatArray.allocate(arena, offset + n + room).fill(SENTINEL);
      FloatArray value = p.slice(offset, n);
      FloatArray gradient = g.slice(offset, n);
      fill(value, random, isOdd);
      Parameter w = new Parameter("w", shape, value, gradient);
      Optimizer optimizer = Optimizer.of(arena, List.of(w), rule.rule(), passes);
      ParameterGroup group = optimizer.groups().getFirst();
      changes.forEach(
          (name, change) -> {
            if (group.has(name)) {
              group.set(name, change);
            }
          });
      UpdateSettings settings = new UpdateSettings(rule.rule(), group.settings());
      ScalarPasses twin = new ScalarPasses(rule.rule(), passes, value.toArray(), shape);
      String where = shape + ", " + settings.all() + ", " + passes;
      for (int step = 1; step <= STEPS; step++) {
        fill(gradient, random, isOdd && step > 3);
        if (passes.skipsNonFinite() && step == 3 && n > 0) {
          gradient.set(n / 2, Float.NEGATIVE_INFINITY);
        }
        float[] before = gradient.toArray();
        optimizer.step();
        twin.step(before, settings, optimizer.gradientNorm());
        boolean isUpdate = step % passes.accumulatedSteps() == 0;
        float[] after = passes.zeroesGradient() && isUpdate ? new float[n] : before;
        requireSame(after, gradient, "the gradient after step " + step, where);
        requireSame(twin.p, value, "p after step " + step, where);
      }
      requireStates(rule, optimizer.stateDict(arena), twin, shape, where);
      assertEquals(twin.skipped, optimizer.skippedSteps(), "skipped steps");
      requireSentinels(p, offset, n);
      requireSentinels(g, offset, n);
    }
  }

  private static void requireStates(
      RuleCases.Case rule, StateDict states, ScalarPasses twin, Shape shape, String where) {
    List<ScalarTensors.State> all = ScalarTensors.states(rule.name(), shape);
    if (twin.steps() == 0 && !states.names().contains("w." + all.getFirst().name())) {
      return; // as in PyTorch, where the first step makes the state
    }
    for (int k = 0; k < all.size(); k++) {
      StateDict.Entry entry = states.get("w." + all.get(k).name());
      assertEquals(all.get(k).shape(), entry.shape(), where);
      requireSame(twin.states[k], entry.values(), all.get(k).name(), where);
    }
    if (states.names().contains("w.average")) {
      requireSame(twin.average, states.get("w.average").values(), "the average", where);
    }
    if (states.names().contains("w.compensation")) {
      requireSame(
          twin.compensation, states.get("w.compensation").values(), "the compensation", where);
    }
  }

  /// In 8 bits a NaN spreads over its block, and clipping by the norm over all: only some values of
  /// a run in float32 are odd.
  private static void fill(FloatArray array, Random random, boolean isOdd) {
    for (long i = 0; i < array.length(); i++) {
      double size = random.nextInt(8) == 0 ? StrictMath.exp(-20 * random.nextDouble()) : 1;
      float value = random.nextInt(20) == 0 ? 0f : (float) (random.nextGaussian() * size);
      array.set(i, isOdd && random.nextInt(40) == 0 ? ODD[random.nextInt(ODD.length)] : value);
    }
  }

  private static void requireSame(float[] expected, FloatArray actual, String name, String where) {
    assertEquals(expected.length, actual.length(), name);
    for (int i = 0; i < expected.length; i++) {
      if (Float.floatToIntBits(expected[i]) != Float.floatToIntBits(actual.get(i))) {
        throw new AssertionError(
            "%s, element %d of %d, %s: expected %s, got %s, seed %d"
                .formatted(name, i, expected.length, where, expected[i], actual.get(i), SEED));
      }
    }
  }

  private static void requireSentinels(FloatArray array, int offset, int n) {
    for (long i = 0; i < array.length(); i++) {
      if (i < offset || i >= offset + n) {
        assertEquals(SENTINEL, array.get(i), "a write outside, at " + (i - offset));
      }
    }
  }
}
