package io.github.lanewise.properties.update;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.optim.Averaging;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.ParameterGroup;
import io.github.lanewise.optim.ParameterPrecision;
import io.github.lanewise.optim.Passes;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every pass around every rule gives the bits of [ScalarPasses].
class PassesTwinTest {
  private static final long SEED = 7331;
  private static final int STEPS = 7;

  static List<Passes> passes() {
    List<Passes> all = new ArrayList<>();
    for (StatePrecision states : StatePrecision.values()) {
      for (ParameterPrecision parameters : ParameterPrecision.values()) {
        Passes plain =
            Passes.NONE.withStatePrecision(states).withParameterPrecision(parameters).withSeed(9);
        all.add(plain);
        all.add(
            plain
                .withMaxNorm(0.5)
                .withClipValue(0.02)
                .withAveraging(Averaging.exponential(0.9))
                .withZeroesGradient(true));
        all.add(
            plain
                .withAccumulatedSteps(3)
                .withSkipsNonFinite(true)
                .withAveraging(Averaging.equal().withEvery(2)));
      }
    }
    all.add(Passes.NONE.withZeroesGradient(true));
    all.add(Passes.NONE.withMaxNorm(0.5));
    all.add(Passes.NONE.withAveraging(Averaging.exponential(0.2)));
    return all;
  }

  @ParameterizedTest
  @MethodSource("io.github.lanewise.properties.update.RuleCases#all")
  void everyPassGivesTheBitsOfItsTwin(RuleCases.Case rule) {
    Random random = new Random(SEED);
    for (Passes passes : passes()) {
      for (int n : new int[] {0, 1, 33, 300, 1024 + random.nextInt(600)}) {
        check(rule, passes, n, random);
      }
    }
  }

  private static void check(RuleCases.Case rule, Passes passes, int n, Random random) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray value = FloatArray.allocate(arena, n + 20L).slice(3, n);
      FloatArray gradient = FloatArray.allocate(arena, n + 20L).slice(5, n);
      fill(value, random);
      Parameter w = new Parameter("w", Shape.of(n), value, gradient);
      Optimizer optimizer = Optimizer.of(arena, List.of(w), rule.rule(), passes);
      ParameterGroup group = optimizer.groups().getFirst();
      group.set("weightDecay", 0.01);
      ScalarPasses twin = new ScalarPasses(rule.rule(), passes, value.toArray());
      UpdateSettings settings = new UpdateSettings(rule.rule(), group.settings());
      for (int step = 1; step <= STEPS; step++) {
        fill(gradient, random);
        if (passes.statePrecision() != StatePrecision.BLOCK8 && step == 4 && n > 1) {
          // In 8 bits a NaN spreads over its block, and clipping by the norm over all.
          int bits = random.nextBoolean() ? 0x7FFFFFFF : 0xFFFFFFFF;
          gradient.set(n - 1, passes.maxNorm() < 9 ? 1e9f : Float.intBitsToFloat(bits));
        }
        if (passes.skipsNonFinite() && step == 3 && n > 0) {
          gradient.set(n / 2, step % 2 == 0 ? Float.NaN : Float.NEGATIVE_INFINITY);
        }
        float[] g = gradient.toArray();
        optimizer.step();
        twin.step(g, settings, optimizer.gradientNorm());
        boolean isUpdate = step % passes.accumulatedSteps() == 0;
        float[] after = passes.zeroesGradient() && isUpdate ? new float[n] : g;
        requireSame(after, gradient, "gradient after step " + step, passes);
        requireSame(twin.p, value, "p after step " + step, passes);
      }
      assertEquals(twin.skipped, optimizer.skippedSteps(), "skipped steps");
      StateDict states = optimizer.stateDict(arena);
      for (int k = 0; k < twin.states.length; k++) {
        String name = rule.rule().states().get(k).name();
        requireSame(twin.states[k], states.get("w." + name).values(), name, passes);
      }
      if (passes.averaging().kind() != Averaging.Kind.NONE) {
        requireSame(twin.average, states.get("w.average").values(), "average", passes);
      }
    }
  }

  private static void fill(FloatArray array, Random random) {
    for (long i = 0; i < array.length(); i++) {
      // Of very different sizes, so that scales of blocks and limits matter.
      double size = random.nextInt(8) == 0 ? StrictMath.exp(-20 * random.nextDouble()) : 1;
      array.set(i, random.nextInt(20) == 0 ? 0f : (float) (random.nextGaussian() * size));
    }
  }

  private static void requireSame(float[] expected, FloatArray actual, String name, Passes passes) {
    for (int i = 0; i < expected.length; i++) {
      if (Float.floatToIntBits(expected[i]) != Float.floatToIntBits(actual.get(i))) {
        throw new AssertionError(
            "%s, element %d of %d, %s: expected %s, got %s, seed %d"
                .formatted(name, i, expected.length, passes, expected[i], actual.get(i), SEED));
      }
    }
  }
}
