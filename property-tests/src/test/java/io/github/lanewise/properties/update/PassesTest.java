package io.github.lanewise.properties.update;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateRun;
import io.github.lanewise.core.Updates;
import io.github.lanewise.optim.Averaging;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.ParameterPrecision;
import io.github.lanewise.optim.Passes;
import io.github.lanewise.optim.rule.AdamConfig;
import io.github.lanewise.optim.rule.ScheduleFreeSgdConfig;
import io.github.lanewise.optim.rule.SgdConfig;
import io.github.lanewise.properties.support.GoldenFile;
import io.github.lanewise.properties.support.Samples;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Clipping against PyTorch, steps on several threads, averages and frozen parameters.
class PassesTest {
  /// The sizes of the parameters of a step on several threads.
  private static final int[] SIZES = {(int) UpdateRun.PART + 77, 40, 2 * (int) UpdateRun.PART};

  private static final List<float[]> VALUES = samples(0);

  /// One list for each step. All rules and threads share them: to draw them anew takes longer than
  /// a step.
  private static final List<List<float[]>> GRADIENTS =
      List.of(samples(10), samples(20), samples(30));

  private static List<float[]> samples(long seed) {
    List<float[]> samples = new ArrayList<>();
    for (int k = 0; k < SIZES.length; k++) {
      samples.add(Samples.normal(seed + k, SIZES[k], 1));
    }
    return samples;
  }

  /// Within 4 ulp: PyTorch adds up squares in floats.
  @Test
  void clippingIsThatOfPyTorch() {
    GoldenFile golden = GoldenFile.read("clipping.safetensors");
    Map<String, Double> limits = GoldenFile.numbers(GoldenFile.manifest().get("clipping"));
    try (Arena arena = Arena.ofConfined()) {
      List<Parameter> parameters = new ArrayList<>();
      for (String name : List.of("a", "b")) {
        FloatArray g = FloatArray.of(arena, golden.floats(name));
        FloatArray p = FloatArray.allocate(arena, g.length());
        parameters.add(new Parameter(name, Shape.of(g.length()), p, g));
      }
      SgdConfig minus = SgdConfig.DEFAULT.withLearningRate(1).withMaximize(true); // p becomes g
      Optimizer byNorm =
          Optimizer.of(arena, parameters, minus, Passes.NONE.withMaxNorm(limits.get("max_norm")));
      byNorm.step();
      float norm = golden.floats("norm")[0];
      assertEquals(norm, byNorm.gradientNorm(), 4 * Math.ulp(norm));
      requireValues(golden, parameters, ".norm_clipped", 4);
      parameters.forEach(parameter -> parameter.value().fill(0f));
      Optimizer byValue = Optimizer.of(arena, parameters, minus);
      byValue.setClipValue(limits.get("clip_value"));
      byValue.step();
      requireValues(golden, parameters, ".value_clipped", 0);
    }
  }

  private static void requireValues(
      GoldenFile golden, List<Parameter> parameters, String suffix, int ulps) {
    for (Parameter parameter : parameters) {
      float[] expected = golden.floats(parameter.name() + suffix);
      for (int i = 0; i < expected.length; i++) {
        float actual = parameter.value().get(i);
        assertEquals(expected[i], actual, ulps * Math.ulp(expected[i]), parameter.name() + i);
      }
    }
  }

  @Test
  void aSumOfSquaresHasTheRangeOfDouble() {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray x = FloatArray.allocate(arena, 3000);
      assertEquals(0, Updates.sumOfSquares(x));
      x.set(2999, 1e-30f);
      assertEquals((double) 1e-30f * 1e-30f, Updates.sumOfSquares(x));
      x.set(5, Float.MAX_VALUE);
      assertEquals((double) Float.MAX_VALUE * Float.MAX_VALUE, Updates.sumOfSquares(x));
      x.set(1500, Float.NaN);
      assertTrue(Double.isNaN(Updates.sumOfSquares(x)));
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.lanewise.properties.update.RuleCases#all")
  void aStepHasTheSameBitsOnAnyNumberOfThreads(RuleCases.Case rule) {
    Passes passes =
        Passes.NONE
            .withAveraging(Averaging.exponential(0.9))
            .withMaxNorm(1)
            .withParameterPrecision(ParameterPrecision.BFLOAT16_AT_RANDOM);
    for (StatePrecision precision : StatePrecision.values()) {
      List<float[]> one = steps(rule, passes.withStatePrecision(precision), 1);
      for (int threads : new int[] {2, 3, 7}) {
        List<float[]> more = steps(rule, passes.withStatePrecision(precision), threads);
        for (int i = 0; i < one.size(); i++) {
          assertArrayEquals(one.get(i), more.get(i), threads + " threads, array " + i);
        }
      }
    }
  }

  private static List<float[]> steps(RuleCases.Case rule, Passes passes, int threads) {
    try (Arena arena = Arena.ofShared();
        ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Parameter> parameters = new ArrayList<>();
      for (int k = 0; k < SIZES.length; k++) {
        FloatArray p = FloatArray.of(arena, VALUES.get(k));
        FloatArray g = FloatArray.allocate(arena, SIZES[k]);
        parameters.add(new Parameter("p" + k, Shape.of(SIZES[k]), p, g));
      }
      Optimizer optimizer = Optimizer.of(arena, parameters, rule.rule(), passes);
      for (List<float[]> gradients : GRADIENTS) {
        for (int k = 0; k < SIZES.length; k++) {
          parameters.get(k).gradient().copyFrom(gradients.get(k));
        }
        optimizer.step(executor, threads);
      }
      List<float[]> arrays = new ArrayList<>();
      parameters.forEach(parameter -> arrays.add(parameter.value().toArray()));
      StateDict states = optimizer.stateDict(arena);
      states.names().forEach(name -> arrays.add(states.get(name).values().toArray()));
      return arrays;
    }
  }

  @Test
  void aStepOnSeveralThreadsNeedsSharedArenas() {
    try (Arena arena = Arena.ofConfined()) {
      Optimizer optimizer = Optimizer.of(arena, List.of(ones(arena, "w")), AdamConfig.DEFAULT);
      IllegalStateException refusal =
          assertThrows(IllegalStateException.class, () -> optimizer.step(Runnable::run, 2));
      assertEquals(
          "a step on several threads needs arrays in shared arenas, but an array of [w] is"
              + " confined to the thread that opened its arena",
          refusal.getMessage());
      optimizer.step(Runnable::run, 1);
      assertEquals(1f, optimizer.stateDict(arena).get("w.step").values().get(0));
      assertThrows(IllegalArgumentException.class, () -> optimizer.step(Runnable::run, 0));
    }
  }

  private static Parameter ones(Arena arena, String name) {
    return new Parameter(
        name,
        Shape.of(3),
        FloatArray.allocate(arena, 3).fill(1f),
        FloatArray.allocate(arena, 3).fill(1f));
  }

  @Test
  void evaluationUsesTheAverageAndTrainingGoesOnAsBefore() {
    try (Arena arena = Arena.ofConfined()) {
      Parameter w = ones(arena, "w");
      Optimizer optimizer =
          Optimizer.of(
              arena,
              List.of(w),
              SgdConfig.DEFAULT.withLearningRate(0.5),
              Passes.NONE.withAveraging(Averaging.equal()));
      optimizer.step();
      optimizer.step();
      optimizer.evaluate();
      optimizer.evaluate();
      assertEquals(0.25f, w.value().get(0), "the mean of 0.5 and 0");
      assertEquals(
          "step() on the parameters of an evaluation: call train() first",
          assertThrows(IllegalStateException.class, optimizer::step).getMessage());
      optimizer.train();
      optimizer.train();
      assertEquals(0f, w.value().get(0));
      optimizer.step();
      assertEquals(-0.5f, w.value().get(0));
    }
  }

  @Test
  void scheduleFreeEvaluatesAtTheMeanOfItsSequence() {
    try (Arena arena = Arena.ofConfined()) {
      Parameter w = ones(arena, "w");
      Optimizer optimizer =
          Optimizer.of(arena, List.of(w), ScheduleFreeSgdConfig.DEFAULT.withLearningRate(0.5));
      optimizer.step();
      optimizer.step();
      float trained = w.value().get(0);
      optimizer.evaluate();
      // z is 0.5, then 0; their mean is 0.25, and y = 0.9 x + 0.1 z.
      assertEquals(0.25f, w.value().get(0), 1e-6f);
      optimizer.train();
      assertEquals(trained, w.value().get(0), 1e-7f);
      assertEquals(0.225f, trained, 1e-6f);
    }
  }

  @Test
  void frozenAndSkippedParametersKeepTheirOwnCount() {
    try (Arena arena = Arena.ofConfined()) {
      List<Parameter> parameters = List.of(ones(arena, "a"), ones(arena, "b"), ones(arena, "c"));
      Optimizer optimizer = Optimizer.of(arena, parameters, AdamConfig.DEFAULT);
      optimizer.freeze("b");
      optimizer.step();
      optimizer.skip("c");
      optimizer.step();
      optimizer.unfreeze("b");
      optimizer.step();
      StateDict states = optimizer.stateDict(arena);
      assertEquals(3f, states.get("a.step").values().get(0));
      assertEquals(1f, states.get("b.step").values().get(0));
      assertEquals(2f, states.get("c.step").values().get(0));
      assertEquals(1 - 1e-3f, parameters.get(1).value().get(0), 1e-6f, "one step");
      refused("there is no parameter d, only a, b, c", () -> optimizer.freeze("d"));
    }
  }

  @Test
  void groupsHaveSettingsOfTheirOwn() {
    try (Arena arena = Arena.ofConfined()) {
      Parameter a = ones(arena, "a");
      Parameter b = ones(arena, "b");
      Optimizer optimizer =
          Optimizer.of(arena, List.of(a), SgdConfig.DEFAULT.withLearningRate(0.25));
      optimizer.addGroup(List.of(b), SgdConfig.DEFAULT.withLearningRate(0.5));
      optimizer.step();
      assertEquals(0.75f, a.value().get(0));
      assertEquals(0.5f, b.value().get(0));
      refused(
          "the rule is adam, but the optimizer's is sgd",
          () -> optimizer.addGroup(List.of(ones(arena, "c")), AdamConfig.DEFAULT));
      refused(
          "two parameters are named a",
          () -> optimizer.addGroup(List.of(ones(arena, "a")), SgdConfig.DEFAULT));
      refused(
          "momentum is 0.9, must be 0: the optimizer was made without momentum, and so without a"
              + " buffer",
          () -> optimizer.groups().get(1).set("momentum", 0.9));
      refused(
          "sgd has no setting beta1, only lr, momentum, dampening, weightDecay, nesterov, maximize,"
              + " decoupledWeightDecay",
          () -> optimizer.groups().get(1).set("beta1", 0.9));
    }
  }

  @Test
  void limitsThatMeanNothingAreRefused() {
    for (double bad : new double[] {0, -1, Double.NaN, Double.NEGATIVE_INFINITY}) {
      refused("maxNorm is " + bad + ", must be above 0", () -> Passes.NONE.withMaxNorm(bad));
      refused("clipValue is " + bad + ", must be above 0", () -> Passes.NONE.withClipValue(bad));
    }
    refused("accumulatedSteps is 0, must be at least 1", () -> Passes.NONE.withAccumulatedSteps(0));
    refused("decay is 1.5, must be between 0 and 1", () -> Averaging.exponential(1.5));
    refused("every is 0, must be at least 1", () -> Averaging.equal().withEvery(0));
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
