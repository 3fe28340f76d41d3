package io.github.lanewise.properties.update;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.io.SafeTensors;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.Passes;
import io.github.lanewise.optim.rule.AdamConfig;
import io.github.lanewise.optim.rule.NAdamConfig;
import io.github.lanewise.optim.rule.SgdConfig;
import io.github.lanewise.properties.support.GoldenFile;
import io.github.lanewise.properties.support.Samples;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A run that is saved to one file and goes on from it, and PyTorch's own optimizer states.
class CheckpointTest {
  @TempDir Path directory;

  private static List<Parameter> parameters(Arena arena) {
    List<Parameter> parameters = new ArrayList<>();
    for (int k = 0; k < 2; k++) {
      FloatArray p = FloatArray.of(arena, Samples.normal(k, 37, 1));
      parameters.add(new Parameter(k + ".weight", Shape.of(37), p, FloatArray.allocate(arena, 37)));
    }
    return parameters;
  }

  private static void step(Optimizer optimizer, int from, int to) {
    for (int step = from; step < to; step++) {
      for (Parameter parameter : optimizer.parameters()) {
        parameter.gradient().copyFrom(Samples.normal(100 + step, 37, 1));
      }
      optimizer.setLearningRate(0.1 / (1 + step));
      optimizer.step();
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.lanewise.properties.update.RuleCases#all")
  void aRunGoesOnFromOneFileBitForBit(RuleCases.Case rule) throws Exception {
    Path file = directory.resolve("checkpoint.safetensors");
    float[] straight;
    try (Arena arena = Arena.ofConfined()) {
      List<Parameter> parameters = parameters(arena);
      Optimizer optimizer = Optimizer.of(arena, parameters, rule.rule());
      optimizer.groups().getFirst().set("weightDecay", 0.125);
      step(optimizer, 0, 3);
      StateDict checkpoint = new StateDict();
      parameters.forEach(p -> checkpoint.put("model." + p.name(), p.shape(), p.value()));
      checkpoint.putAll("optimizer.", optimizer.stateDict(arena));
      Map<String, String> metadata = new LinkedHashMap<>(optimizer.metadata());
      metadata.put("batch", "3");
      SafeTensors.write(file, checkpoint, metadata);
      step(optimizer, 3, 8);
      straight = parameters.getLast().value().toArray();
    }
    try (Arena arena = Arena.ofConfined()) {
      SafeTensors.Contents read = SafeTensors.readContents(arena, file);
      List<Parameter> parameters = parameters(arena);
      StateDict model = read.tensors().startingWith("model.");
      parameters.forEach(p -> p.value().copyFrom(model.get(p.name()).values()));
      Optimizer optimizer = Optimizer.of(arena, parameters, rule.rule());
      optimizer.loadStateDict(read.tensors().startingWith("optimizer."), read.metadata());
      assertEquals(0.125, optimizer.groups().getFirst().get("weightDecay"));
      step(optimizer, Integer.parseInt(read.metadata().get("batch")), 8);
      assertArrayEquals(straight, parameters.getLast().value().toArray());
    }
  }

  /// A run that adds up three gradients for a step, and is saved when it has added two. Limits
  /// have changed, a step was left out, and a parameter is frozen.
  @ParameterizedTest
  @MethodSource("io.github.lanewise.properties.update.RuleCases#all")
  void aRunThatIsAddingUpGradientsGoesOnBitForBit(RuleCases.Case rule) throws Exception {
    Path file = directory.resolve("sum.safetensors");
    Passes passes = Passes.NONE.withAccumulatedSteps(3).withSkipsNonFinite(true);
    try (Arena arena = Arena.ofConfined()) {
      Optimizer first = Optimizer.of(arena, parameters(arena), rule.rule(), passes);
      first.setMaxNorm(0.5);
      first.setClipValue(0.125);
      first.freeze("0.weight");
      add(first, 0, 8);
      assertEquals(1, first.skippedSteps());
      SafeTensors.write(file, first.stateDict(arena), first.metadata());
      Optimizer second = Optimizer.of(arena, parameters(arena), rule.rule(), passes);
      for (int k = 0; k < 2; k++) {
        second.parameters().get(k).value().copyFrom(first.parameters().get(k).value());
      }
      SafeTensors.Contents read = SafeTensors.readContents(arena, file);
      second.loadStateDict(read.tensors(), read.metadata());
      assertEquals(1, second.skippedSteps());
      add(first, 8, 15);
      add(second, 8, 15);
      for (int k = 0; k < 2; k++) {
        float[] expected = first.parameters().get(k).value().toArray();
        assertArrayEquals(expected, second.parameters().get(k).value().toArray(), "p" + k);
      }
      assertEquals(first.metadata(), second.metadata());
      assertEquals(first.stateDict(arena).names(), second.stateDict(arena).names());
    }
  }

  /// Adds gradients, of which the second is infinite.
  private static void add(Optimizer optimizer, int from, int to) {
    for (int call = from; call < to; call++) {
      optimizer.zeroGrad();
      for (Parameter parameter : optimizer.parameters()) {
        float[] sample = Samples.normal(300 + call, 37, 1);
        sample[5] = call == 1 ? Float.POSITIVE_INFINITY : sample[5];
        for (int i = 0; i < sample.length; i++) {
          parameter.gradient().set(i, parameter.gradient().get(i) + sample[i]);
        }
      }
      optimizer.step();
    }
  }

  @Test
  void limitsAndCountsThatDoNotFitAreRefusedAndNothingChanges() {
    try (Arena arena = Arena.ofConfined()) {
      Passes passes = Passes.NONE.withAccumulatedSteps(3);
      Optimizer adam = Optimizer.of(arena, parameters(arena), AdamConfig.DEFAULT, passes);
      add(adam, 2, 6);
      StateDict state = adam.stateDict(arena);
      Map<String, String> before = adam.metadata();
      assertEquals("1", before.get("accumulated_steps"));
      String entry = "the metadata entry ";
      refusedEntry(adam, state, "max_norm", "0", "max_norm is 0.0, must be above 0");
      refusedEntry(adam, state, "clip_value", "NaN", "clip_value is NaN, must be above 0");
      refusedEntry(adam, state, "max_norm", "x", entry + "max_norm is 'x', not a number");
      refusedEntry(
          adam, state, "skipped_steps", "-1", entry + "skipped_steps is '-1', not a count");
      refusedEntry(
          adam,
          state,
          "accumulated_steps",
          "3",
          entry + "accumulated_steps is 3, must be below the optimizer's accumulatedSteps of 3");
      refusedEntry(
          adam,
          state,
          "param_groups.0.frozen",
          "[2]",
          entry + "param_groups.0.frozen is '[2]', but the group has 2 parameters");
      refusedEntry(
          adam,
          state,
          "param_groups.0.frozen",
          "all",
          entry + "param_groups.0.frozen is 'all', not a list of parameters");
      refused(
          "the dictionary has entries that this optimizer does not know: [0.weight.gradient,"
              + " 1.weight.gradient]",
          () -> adam.loadStateDict(state));
      assertEquals(before, adam.metadata());
      adam.freeze("1.weight");
      adam.loadStateDict(state, before);
      assertEquals(before, adam.metadata());
    }
  }

  private static void refusedEntry(
      Optimizer optimizer, StateDict state, String key, String value, String why) {
    Map<String, String> metadata = new LinkedHashMap<>(optimizer.metadata());
    metadata.put(key, value);
    refused(why, () -> optimizer.loadStateDict(state, metadata));
  }

  /// The golden trajectories hold PyTorch's states after their last step.
  @Test
  void aStateOfPyTorchLoads() {
    for (GoldenOptimizer run : GoldenOptimizer.all()) {
      GoldenFile golden = run.file();
      try (Arena arena = Arena.ofConfined()) {
        int[] sizes = golden.shape(run.inputs() + "p0");
        Shape shape = Shape.of(Arrays.stream(sizes).asLongStream().toArray());
        FloatArray value = FloatArray.allocate(arena, shape.elements());
        FloatArray gradient = FloatArray.allocate(arena, shape.elements());
        Parameter w = new Parameter("w", shape, value, gradient);
        Optimizer optimizer = run.optimizer(arena, w);
        StateDict state = new StateDict();
        String prefix = run.prefix() + ".state.";
        for (String name : golden.names()) {
          if (name.startsWith(prefix)) {
            int[] stateSizes = golden.shape(name);
            state.put(
                "state.0." + name.substring(prefix.length()),
                Shape.of(Arrays.stream(stateSizes).asLongStream().toArray()),
                FloatArray.of(arena, golden.floats(name)));
          }
        }
        if (!List.of("SGD", "Muon").contains(run.name())) {
          state.put("state.0.step", Shape.of(), FloatArray.of(arena, 20f));
        }
        run.rule()
            .memory()
            .forEach(m -> state.put("state.0." + m.name(), Shape.of(), FloatArray.of(arena, 0.5f)));
        Map<String, String> metadata = new LinkedHashMap<>();
        run.params()
            .forEach((key, setting) -> metadata.put("param_groups.0." + key, python(setting)));
        optimizer.loadStateDict(state, metadata);
        StateDict loaded = optimizer.stateDict(arena);
        for (String name : state.names()) {
          assertArrayEquals(
              state.get(name).values().toArray(),
              loaded.get("w" + name.substring("state.0".length())).values().toArray(),
              run + " " + name);
        }
      }
    }
  }

  /// What Python's str makes of a setting.
  private static String python(Object setting) {
    return switch (setting) {
      case null -> "None";
      case String text -> text;
      case Boolean flag -> flag ? "True" : "False";
      case List<?> list ->
          list.stream()
              .map(CheckpointTest::python)
              .toList()
              .toString()
              .replace("[", "(")
              .replace("]", ")");
      default -> setting.toString();
    };
  }

  @Test
  void metadataThatDoesNotFitIsRefusedAndChangesNothing() {
    try (Arena arena = Arena.ofConfined()) {
      Optimizer adam = Optimizer.of(arena, parameters(arena), AdamConfig.DEFAULT);
      step(adam, 0, 3);
      StateDict state = adam.stateDict(arena);
      Map<String, String> before = adam.metadata();
      Optimizer nadam = Optimizer.of(arena, parameters(arena), NAdamConfig.DEFAULT);
      refused(
          "the state is that of nadam, but the optimizer is adam",
          () -> adam.loadStateDict(state, nadam.metadata()));
      refusedSetting(adam, state, "lr", "NaN", "lr is NaN, must be at least 0");
      refusedSetting(adam, state, "lr", "fast", "this is not a number");
      refusedSetting(
          adam, state, "betas", "(0.9, 1.0)", "beta2 is 1.0, must be at least 0 and below 1");
      refusedSetting(
          adam,
          state,
          "amsgrad",
          "True",
          "amsgrad is false for the life of this optimizer, cannot be true");
      refusedSetting(
          adam,
          state,
          "momentum",
          "0.9",
          "adam has no setting momentum, only lr, beta1, beta2, eps, weightDecay, amsgrad, maximize,"
              + " decoupledWeightDecay");
      refused(
          "the metadata entry param_groups.1.lr does not fit: there are 1 groups",
          () -> adam.loadStateDict(state, Map.of("param_groups.1.lr", "0.1")));
      refused(
          "state.2.step does not fit: the optimizer has 2 parameters",
          () ->
              adam.loadStateDict(
                  new StateDict().put("state.2.step", Shape.of(), FloatArray.of(arena, 1f))));
      assertEquals(before, adam.metadata());
    }
  }

  private static void refusedSetting(
      Optimizer optimizer, StateDict state, String name, String value, String why) {
    String key = "param_groups.0." + name;
    refused(
        "the metadata entry " + key + " is '" + value + "': " + why,
        () -> optimizer.loadStateDict(state, Map.of("param_groups.0.eps", "0.5", key, value)));
  }

  @Test
  void aStateOfSgdBeforeItsFirstStepIsEmpty() {
    try (Arena arena = Arena.ofConfined()) {
      SgdConfig config = SgdConfig.DEFAULT.withMomentum(0.9);
      Optimizer sgd = Optimizer.of(arena, parameters(arena), config);
      step(sgd, 0, 2);
      sgd.loadStateDict(new StateDict());
      assertEquals(0, sgd.stateDict(arena).names().size());
    }
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
