package io.github.lanewise.properties.update;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.ParameterGroup;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every bit of every rule is that of its scalar twin in [ScalarRules], for every length, position
/// in memory and setting, and nothing is written beside the arrays.
class RuleTwinTest {
  private static final long SEED = 20251;
  private static final float SENTINEL = 123.25f;
  private static final int STEPS = 7; // RAdam changes its formula in step 6

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

  static Stream<RuleCases.Case> rules() {
    return RuleCases.all();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void everyBitIsThatOfTheScalarRule(RuleCases.Case rule) {
    Random random = new Random(SEED);
    for (int n = 0; n <= 3 * 16 + 5; n++) {
      check(rule.rule(), List.of(rule.settings().getFirst()), n, n % 16, random, n % 2 == 0);
    }
    for (Map<String, Double> settings : rule.settings()) {
      for (Map<String, Double> common : common()) {
        List<Map<String, Double>> changes = List.of(settings, common);
        check(rule.rule(), changes, random.nextInt(100), random.nextInt(16), random, true);
        check(rule.rule(), changes, 1009, 3, random, true);
      }
    }
    check(rule.rule(), List.of(), 2 * 4096 + 17, 0, random, false);
  }

  private static List<Map<String, Double>> common() {
    List<Map<String, Double>> common = new ArrayList<>();
    for (double maximize : new double[] {0, 1}) {
      common.add(Map.of("maximize", maximize));
      for (double decoupled : new double[] {0, 1}) {
        common.add(
            Map.of("maximize", maximize, "weightDecay", 0.01, "decoupledWeightDecay", decoupled));
      }
    }
    return common;
  }

  private static void check(
      UpdateRule rule,
      List<Map<String, Double>> changes,
      int n,
      int offset,
      Random random,
      boolean odd) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray p = FloatArray.allocate(arena, offset + n + 17L).fill(SENTINEL);
      FloatArray g = FloatArray.allocate(arena, offset + n + 17L).fill(SENTINEL);
      FloatArray value = p.slice(offset, n);
      FloatArray gradient = g.slice(offset, n);
      fill(value, random, odd);
      Optimizer optimizer =
          Optimizer.of(arena, List.of(new Parameter("w", Shape.of(n), value, gradient)), rule);
      ParameterGroup group = optimizer.groups().getFirst();
      changes.forEach(change -> change.forEach(group::set));
      UpdateSettings settings = new UpdateSettings(rule, group.settings());
      float[][] twin = new float[n][2 + rule.states().size()];
      for (int i = 0; i < n; i++) {
        twin[i][0] = value.get(i);
        for (int k = 2; k < twin[i].length; k++) {
          twin[i][k] = rule.states().get(k - 2).initial();
        }
      }
      double[] memory = rule.memory().stream().mapToDouble(m -> m.initial()).toArray();
      for (int step = 1; step <= STEPS; step++) {
        fill(gradient, random, odd);
        double[] before = memory.clone();
        for (int i = 0; i < n; i++) {
          twin[i][1] = gradient.get(i);
          memory = before.clone();
          ScalarRules.of(rule.name()).step(twin[i], settings, step, memory);
        }
        optimizer.step();
      }
      requireSame(rule, optimizer.stateDict(arena), value, twin, settings);
      requireSentinels(p, offset, n);
      requireSentinels(g, offset, n);
    }
  }

  private static void requireSame(
      UpdateRule rule,
      StateDict states,
      FloatArray value,
      float[][] twin,
      UpdateSettings settings) {
    for (int i = 0; i < twin.length; i++) {
      requireSame(twin[i][0], value.get(i), "p", i, twin.length, settings);
      for (int k = 2; k < twin[i].length; k++) {
        String name = rule.states().get(k - 2).name();
        float actual = states.get("w." + name).values().get(i);
        requireSame(twin[i][k], actual, name, i, twin.length, settings);
      }
    }
  }

  /// Bit for bit, except that one NaN is as good as another.
  private static void requireSame(
      float expected, float actual, String name, int i, int n, UpdateSettings settings) {
    if (Float.floatToIntBits(expected) != Float.floatToIntBits(actual)) {
      throw new AssertionError(
          "%s, element %d of %d, %s: expected %s, got %s, seed %d"
              .formatted(name, i, n, settings.all(), expected, actual, SEED));
    }
  }

  private static void requireSentinels(FloatArray array, int offset, int n) {
    for (long i = 0; i < array.length(); i++) {
      if (i < offset || i >= offset + n) {
        assertEquals(SENTINEL, array.get(i), "a write outside, at " + (i - offset));
      }
    }
  }

  private static void fill(FloatArray array, Random random, boolean odd) {
    for (long i = 0; i < array.length(); i++) {
      float value = (float) random.nextGaussian();
      array.set(i, odd && random.nextInt(4) == 0 ? ODD[random.nextInt(ODD.length)] : value);
    }
  }
}
