package io.github.lanewise.properties.update;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.rule.AdamConfig;
import io.github.lanewise.optim.rule.AdamWConfig;
import io.github.lanewise.optim.rule.SgdConfig;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/// What holds for every rule, or for one, whatever the values.
class OptimizerPropertiesTest {
  private static final int STEPS = 7;

  @Provide
  Arbitrary<RuleCases.Case> rules() {
    return Arbitraries.of(RuleCases.all().toList());
  }

  /// Without ASGD, which multiplies by 1 - lambda eta, and Rprop, which has a smallest step.
  @Provide
  Arbitrary<RuleCases.Case> rulesWithRate() {
    return Arbitraries.of(
        RuleCases.all()
            .filter(rule -> !List.of("asgd", "rprop").contains(rule.rule().name()))
            .toList());
  }

  /// What a run ends with, by the element: the parameter, then the states.
  private static final class Result {
    private final float[] p;
    private final List<float[]> states;

    Result(float[] p, List<float[]> states) {
      this.p = p;
      this.states = states;
    }

    float[] element(int i) {
      float[] all = new float[1 + states.size()];
      all[0] = p[i];
      for (int k = 0; k < states.size(); k++) {
        all[1 + k] = states.get(k)[i];
      }
      return all;
    }
  }

  /// Steps on given values; gradients has a row for each step.
  private static Result run(UpdateRule rule, float[] start, float[][] gradients, double lr) {
    try (Arena arena = Arena.ofConfined()) {
      int n = start.length;
      FloatArray p = FloatArray.of(arena, start);
      FloatArray g = FloatArray.allocate(arena, n);
      Optimizer optimizer =
          Optimizer.of(arena, List.of(new Parameter("w", Shape.of(n), p, g)), rule);
      optimizer.setLearningRate(lr);
      for (float[] gradient : gradients) {
        g.copyFrom(gradient);
        optimizer.step();
      }
      StateDict dictionary = optimizer.stateDict(arena);
      List<float[]> states = new ArrayList<>();
      for (UpdateRule.State state : rule.states()) {
        states.add(dictionary.get("w." + state.name()).values().toArray());
      }
      return new Result(p.toArray(), states);
    }
  }

  private static float[] values(Random random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      // Every exponent and every mantissa, but for infinities and NaN.
      float any = Float.intBitsToFloat(random.nextInt());
      boolean isPlain = random.nextInt(3) > 0 || !Float.isFinite(any);
      values[i] = isPlain ? (float) random.nextGaussian() : any;
    }
    return values;
  }

  private static float[][] gradients(Random random, int n) {
    float[][] gradients = new float[STEPS][];
    for (int step = 0; step < STEPS; step++) {
      gradients[step] = values(random, n);
    }
    return gradients;
  }

  private static void requireSame(float[] expected, float[] actual, String what) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(
          Float.floatToIntBits(expected[i]),
          Float.floatToIntBits(actual[i]),
          what + ", value " + i);
    }
  }

  @Property(tries = 200)
  void anElementDoesNotDependOnItsPlace(
      @ForAll("rules") RuleCases.Case rule,
      @ForAll @IntRange(min = 1, max = 90) int n,
      @ForAll long seed) {
    Random random = new Random(seed);
    float[] start = values(random, n);
    float[][] gradients = gradients(random, n);
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      places.add(i);
    }
    Collections.shuffle(places, random);
    float[] moved = new float[n];
    float[][] movedGradients = new float[STEPS][n];
    for (int i = 0; i < n; i++) {
      moved[places.get(i)] = start[i];
      for (int step = 0; step < STEPS; step++) {
        movedGradients[step][places.get(i)] = gradients[step][i];
      }
    }
    Result there = run(rule.rule(), start, gradients, 0.01);
    Result here = run(rule.rule(), moved, movedGradients, 0.01);
    for (int i = 0; i < n; i++) {
      requireSame(there.element(i), here.element(places.get(i)), rule + ", element " + i);
    }
  }

  @Property(tries = 200)
  void theMirrorImageGoesTheMirroredWay(
      @ForAll("rules") RuleCases.Case rule,
      @ForAll @IntRange(min = 1, max = 40) int n,
      @ForAll long seed) {
    Random random = new Random(seed);
    float[] start = values(random, n);
    float[][] gradients = gradients(random, n);
    float[] mirrored = new float[n];
    float[][] mirroredGradients = new float[STEPS][n];
    for (int i = 0; i < n; i++) {
      mirrored[i] = -start[i];
      for (int step = 0; step < STEPS; step++) {
        mirroredGradients[step][i] = -gradients[step][i];
      }
    }
    float[] there = run(rule.rule(), start, gradients, 0.01).p;
    float[] here = run(rule.rule(), mirrored, mirroredGradients, 0.01).p;
    for (int i = 0; i < n; i++) {
      // A sum of opposite numbers is +0 on both sides.
      assertEquals(0f + there[i], 0f - here[i], 0f, rule + ", element " + i);
    }
  }

  @Property(tries = 200)
  void aNanStaysInItsElement(
      @ForAll("rules") RuleCases.Case rule,
      @ForAll @IntRange(min = 1, max = 60) int n,
      @ForAll long seed) {
    Random random = new Random(seed);
    float[] start = values(random, n);
    float[][] gradients = gradients(random, n);
    Result clean = run(rule.rule(), start, gradients, 0.01);
    int place = random.nextInt(n);
    gradients[2][place] = Float.NaN;
    Result dirty = run(rule.rule(), start, gradients, 0.01);
    for (int i = 0; i < n; i++) {
      if (i != place) {
        requireSame(clean.element(i), dirty.element(i), rule + ", element " + i);
      }
    }
  }

  @Property(tries = 100)
  void statesThatAreNeverNegativeAreNot(@ForAll("rules") RuleCases.Case rule, @ForAll long seed) {
    Random random = new Random(seed);
    Result result = run(rule.rule(), values(random, 33), gradients(random, 33), 0.01);
    for (int k = 0; k < rule.rule().states().size(); k++) {
      if (rule.rule().states().get(k).nonNegative()) {
        for (float value : result.states.get(k)) {
          assertTrue(!(value < 0), rule + ", " + rule.rule().states().get(k).name());
        }
      }
    }
  }

  @Property(tries = 100)
  void aLearningRateOfZeroLeavesTheParameters(
      @ForAll("rulesWithRate") RuleCases.Case rule, @ForAll long seed) {
    Random random = new Random(seed);
    float[] start = new float[20];
    float[][] gradients = new float[STEPS][20];
    for (int i = 0; i < 20; i++) {
      start[i] = (float) random.nextGaussian();
      for (int step = 0; step < STEPS; step++) {
        gradients[step][i] = (float) random.nextGaussian();
      }
    }
    requireSame(start, run(rule.rule(), start, gradients, 0).p, rule.toString());
  }

  @Property(tries = 100)
  void adamWithoutEpsDoesNotSeeTheSizeOfGradients(
      @ForAll @IntRange(min = -8, max = 8) int power, @ForAll long seed) {
    Random random = new Random(seed);
    float[] start = new float[40];
    float[][] gradients = new float[STEPS][40];
    float[][] scaled = new float[STEPS][40];
    for (int i = 0; i < 40; i++) {
      for (int step = 0; step < STEPS; step++) {
        gradients[step][i] = (float) random.nextGaussian();
        scaled[step][i] = Math.scalb(gradients[step][i], power);
      }
    }
    AdamConfig config = AdamConfig.DEFAULT.withEps(0);
    requireSame(run(config, start, gradients, 0.01).p, run(config, start, scaled, 0.01).p, "p");
  }

  @Property(tries = 100)
  void theFirstStepOfAdamIsAtMostTheLearningRate(@ForAll long seed) {
    Random random = new Random(seed);
    float[][] gradients = {values(random, 50)};
    for (float p : run(AdamConfig.DEFAULT, new float[50], gradients, 0.01).p) {
      assertTrue(Math.abs(p) <= 0.01 * (1 + 0x1p-22), "a step of " + p);
    }
  }

  @Property(tries = 50)
  void sgdIsLinearInPowersOfTwo(@ForAll @IntRange(min = -20, max = 3) int power) {
    float lr = Math.scalb(1f, power);
    float[][] gradients = {{1f, -3f, 0.75f}};
    float[] p = run(SgdConfig.DEFAULT, new float[3], gradients, lr).p;
    requireSame(new float[] {-lr, 3 * lr, -0.75f * lr}, p, "p");
  }

  @Property(tries = 50)
  void adamWDecaysWithoutAGradient(@ForAll long seed) {
    float[] start = new float[30];
    Random random = new Random(seed);
    float[] expected = new float[30];
    for (int i = 0; i < 30; i++) {
      start[i] = (float) random.nextGaussian();
      expected[i] = start[i] * (float) (1 - 0.01 * 0.5);
    }
    AdamWConfig config = AdamWConfig.DEFAULT.withWeightDecay(0.5);
    requireSame(expected, run(config, start, new float[1][30], 0.01).p, "p");
  }

  @Property(tries = 100)
  void everyRuleImprovesRosenbrock(@ForAll("rules") RuleCases.Case rule) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray p = FloatArray.of(arena, 1.5f, 1.5f);
      FloatArray g = FloatArray.allocate(arena, 2);
      Optimizer optimizer =
          Optimizer.of(arena, List.of(new Parameter("w", Shape.of(2), p, g)), rule.rule());
      optimizer.setLearningRate(rule.rule().name().equals("adadelta") ? 1 : 1e-3);
      double before = rosenbrock(1.5, 1.5);
      for (int step = 0; step < 100; step++) {
        double x = p.get(0);
        double y = p.get(1);
        g.set(0, (float) (-2 * (1 - x) - 400 * x * (y - x * x)));
        g.set(1, (float) (200 * (y - x * x)));
        optimizer.step();
      }
      assertTrue(rosenbrock(p.get(0), p.get(1)) < before, rule::toString);
    }
  }

  private static double rosenbrock(double x, double y) {
    return (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x);
  }
}
