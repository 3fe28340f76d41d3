package io.github.lanewise.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.optim.rule.AdadeltaConfig;
import io.github.lanewise.optim.rule.AdagradConfig;
import io.github.lanewise.optim.rule.AdamConfig;
import io.github.lanewise.optim.rule.AdamWConfig;
import io.github.lanewise.optim.rule.RmsPropConfig;
import io.github.lanewise.optim.rule.Rules;
import io.github.lanewise.optim.rule.SgdConfig;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizerTest {
  private static final long SEED = 7;

  @ParameterizedTest
  @MethodSource("io.github.lanewise.optim.Fixtures#optimizers")
  void aRunSavedAtAnyStepResumesBitForBit(Fixtures.Case of) {
    for (int savedAfter = 0; savedAfter <= 3; savedAfter++) {
      try (Arena arena = Arena.ofConfined()) {
        List<Parameter> straight = Fixtures.model(arena, SEED);
        Optimizer first = of.create(arena, straight);
        run(first, straight, 0, savedAfter);
        StateDict saved = first.stateDict(arena);
        List<Parameter> resumed = Fixtures.model(arena, SEED);
        for (int i = 0; i < resumed.size(); i++) {
          resumed.get(i).value().copyFrom(straight.get(i).value());
        }
        Optimizer second = of.create(arena, resumed);
        run(second, Fixtures.model(arena, 3), 0, 0);
        second.loadStateDict(saved);
        run(first, straight, savedAfter, 6);
        run(second, resumed, savedAfter, 6);
        requireSame(straight, resumed);
        requireSame(first.stateDict(arena), second.stateDict(arena));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.lanewise.optim.Fixtures#optimizers")
  void aLoadedStateReplacesTheOldOne(Fixtures.Case of) {
    try (Arena arena = Arena.ofConfined()) {
      List<Parameter> parameters = Fixtures.model(arena, SEED);
      Optimizer fresh = of.create(arena, parameters);
      StateDict start = fresh.stateDict(arena);
      StateDict values = values(arena, parameters);
      run(fresh, parameters, 0, 4);
      StateDict after = values(arena, parameters);
      parameters.forEach(p -> p.value().copyFrom(values.get(p.name()).values()));
      fresh.loadStateDict(start);
      run(fresh, parameters, 0, 4);
      requireSame(after, values(arena, parameters));
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.lanewise.optim.Fixtures#optimizers")
  void parametersInOneSlabGoTheSameWayAsEachOnItsOwn(Fixtures.Case of) {
    try (Arena arena = Arena.ofConfined()) {
      List<Parameter> together = Fixtures.model(arena, SEED);
      List<Parameter> apart = Fixtures.model(arena, SEED);
      Optimizer one = of.create(arena, together);
      List<Optimizer> many = apart.stream().map(p -> of.create(arena, List.of(p))).toList();
      run(one, together, 0, 5);
      for (int step = 0; step < 5; step++) {
        Fixtures.fillGradients(apart, step);
        many.forEach(Optimizer::step);
      }
      requireSame(together, apart);
    }
  }

  @Test
  void stateIsNamedAfterTheParameterAsInPyTorch() {
    try (Arena arena = Arena.ofConfined()) {
      List<Parameter> parameters = List.of(Fixtures.parameter(arena, "0.weight", 1f, 2f));
      Optimizer adam = Optimizer.of(arena, parameters, AdamConfig.DEFAULT.withAmsgrad(true));
      assertEquals(
          Set.of(
              "0.weight.step",
              "0.weight.exp_avg",
              "0.weight.exp_avg_sq",
              "0.weight.max_exp_avg_sq"),
          adam.stateDict(arena).names());
      StateDict early = adam.stateDict(arena);
      adam.step();
      assertEquals(0f, early.get("0.weight.step").values().get(0), "a copy does not change");
      assertEquals(1f, adam.stateDict(arena).get("0.weight.step").values().get(0));
      Optimizer sgd = Optimizer.of(arena, parameters, SgdConfig.DEFAULT.withMomentum(0.9));
      assertEquals(Set.of(), sgd.stateDict(arena).names());
      sgd.step();
      assertEquals(Set.of("0.weight.momentum_buffer"), sgd.stateDict(arena).names());
    }
  }

  @Test
  void aStateOfAnotherOptimizerOrShapeIsRefusedAndNothingChanges() {
    try (Arena arena = Arena.ofConfined()) {
      List<Parameter> parameters = Fixtures.model(arena, SEED);
      Optimizer adam = Optimizer.of(arena, parameters, AdamConfig.DEFAULT);
      run(adam, parameters, 0, 3);
      StateDict before = adam.stateDict(arena);
      refused(
          "the dictionary has no entry 0.weight.step, only []",
          () -> adam.loadStateDict(new StateDict()));
      refused(
          null,
          () ->
              adam.loadStateDict(
                  Optimizer.of(arena, parameters, AdadeltaConfig.DEFAULT).stateDict(arena)));
      refused(
          "0.weight.exp_avg has shape [3, 17], but [17, 3] is needed",
          () -> adam.loadStateDict(edited(arena, before, "0.weight.exp_avg", Shape.of(3, 17), 0)));
      refused(
          "0.weight.step is 2.5, not a number of steps",
          () -> adam.loadStateDict(edited(arena, before, "0.weight.step", Shape.of(), 2.5f)));
      refused(
          "0.weight.step is NaN, not a number of steps",
          () -> adam.loadStateDict(edited(arena, before, "0.weight.step", Shape.of(), Float.NaN)));
      refused(
          "0.weight.step has shape [0], but [] is needed",
          () -> adam.loadStateDict(edited(arena, before, "0.weight.step", Shape.of(0), 0)));
      requireSame(before, adam.stateDict(arena));
    }
  }

  @Test
  void zeroGradZeroesEveryGradientAndAZeroGradientIsAStep() {
    try (Arena arena = Arena.ofConfined()) {
      List<Parameter> parameters = Fixtures.model(arena, SEED);
      Optimizer adamW = Optimizer.of(arena, parameters, AdamWConfig.DEFAULT.withWeightDecay(0.5));
      Fixtures.fillGradients(parameters, 1);
      adamW.zeroGrad();
      float before = parameters.getLast().value().get(22);
      adamW.step();
      for (Parameter parameter : parameters) {
        assertArrayEquals(
            new float[(int) parameter.shape().elements()], parameter.gradient().toArray());
      }
      assertEquals(before * (float) (1 - 1e-3 * 0.5), parameters.getLast().value().get(22));
      assertEquals(1f, adamW.stateDict(arena).get("3.bias.step").values().get(0));
    }
  }

  @Test
  void theLearningRateCanChangeBetweenSteps() {
    try (Arena arena = Arena.ofConfined()) {
      Parameter parameter = Fixtures.parameter(arena, "w", 1f);
      parameter.gradient().fill(1f);
      Optimizer sgd = Optimizer.of(arena, List.of(parameter), SgdConfig.DEFAULT);
      assertEquals(1e-3, sgd.learningRate());
      sgd.setLearningRate(0.5);
      sgd.step();
      assertEquals(0.5f, parameter.value().get(0));
      refused("lr is -1.0, must be at least 0", () -> sgd.setLearningRate(-1));
      assertEquals(0.5, sgd.learningRate());
    }
  }

  @Test
  void listsThatCannotBeOptimizedAreRefused() {
    try (Arena arena = Arena.ofConfined()) {
      Parameter a = Fixtures.parameter(arena, "a", 1f, 2f, 3f);
      Parameter alias = new Parameter("b", a.shape(), a.value(), FloatArray.allocate(arena, 3));
      Parameter crossed =
          new Parameter("c", Shape.of(2), FloatArray.allocate(arena, 2), a.value().slice(1, 2));
      Parameter namesake = Fixtures.parameter(arena, "a", 4f);
      refused(
          "the list of parameters is empty",
          () -> Optimizer.of(arena, List.of(), AdamConfig.DEFAULT));
      refused(
          "parameter a is given twice",
          () -> Optimizer.of(arena, List.of(a, a), AdamConfig.DEFAULT));
      refused(
          "two parameters are named a",
          () -> Optimizer.of(arena, List.of(a, namesake), AdamConfig.DEFAULT));
      // Which of two equal ranges comes first is the order of the list.
      refused(
          "the value of b overlaps the value of a",
          () -> Optimizer.of(arena, List.of(a, alias), AdamConfig.DEFAULT));
      refused(
          "the gradient of c overlaps the value of a",
          () -> Optimizer.of(arena, List.of(a, crossed), AdamConfig.DEFAULT));
    }
  }

  @Test
  void stepAfterTheArenaIsClosedIsAnError() {
    Optimizer adam;
    try (Arena arena = Arena.ofConfined()) {
      adam = Optimizer.of(arena, Fixtures.model(arena, SEED), AdamConfig.DEFAULT);
    }
    assertThrows(IllegalStateException.class, adam::step);
    assertThrows(IllegalStateException.class, adam::zeroGrad);
  }

  @Test
  void everyNameMakesItsOptimizer() {
    try (Arena arena = Arena.ofConfined()) {
      List<Parameter> parameters = Fixtures.model(arena, SEED);
      for (String name : Rules.NAMES) {
        Optimizer optimizer = Optimizer.named(name, arena, parameters, 0.25);
        assertEquals(name, optimizer.name());
        assertEquals(0.25, optimizer.learningRate());
        refused(
            "lr is NaN, must be at least 0",
            () -> Optimizer.named(name, arena, parameters, Double.NaN));
        refused(
            "lr is -0.1, must be at least 0", () -> Optimizer.named(name, arena, parameters, -0.1));
      }
      refused(
          "there is no optimizer adamm, only " + String.join(", ", Rules.NAMES),
          () -> Optimizer.named("adamm", arena, parameters, 0.1));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void hyperParametersOutsideTheirRangeAreRefused(double bad) {
    String least = message(bad, "at least 0");
    String below = message(bad, "at least 0 and below 1");
    String fraction = message(bad, "between 0 and 1");
    refused("lr" + least, () -> SgdConfig.DEFAULT.withLearningRate(bad));
    refused("momentum" + least, () -> SgdConfig.DEFAULT.withMomentum(bad));
    refused("dampening" + least, () -> SgdConfig.DEFAULT.withDampening(bad));
    refused("weightDecay" + least, () -> SgdConfig.DEFAULT.withWeightDecay(bad));
    refused("lr" + least, () -> AdamConfig.DEFAULT.withLearningRate(bad));
    refused("beta1" + below, () -> AdamConfig.DEFAULT.withBetas(bad, 0.5));
    refused("beta2" + below, () -> AdamConfig.DEFAULT.withBetas(0.5, bad));
    refused("eps" + least, () -> AdamConfig.DEFAULT.withEps(bad));
    refused("weightDecay" + least, () -> AdamConfig.DEFAULT.withWeightDecay(bad));
    refused("lr" + least, () -> AdamWConfig.DEFAULT.withLearningRate(bad));
    refused("beta1" + below, () -> AdamWConfig.DEFAULT.withBetas(bad, 0.5));
    refused("beta2" + below, () -> AdamWConfig.DEFAULT.withBetas(0.5, bad));
    refused("eps" + least, () -> AdamWConfig.DEFAULT.withEps(bad));
    refused("weightDecay" + least, () -> AdamWConfig.DEFAULT.withWeightDecay(bad));
    refused("lr" + least, () -> RmsPropConfig.DEFAULT.withLearningRate(bad));
    refused("alpha" + fraction, () -> RmsPropConfig.DEFAULT.withAlpha(bad));
    refused("eps" + least, () -> RmsPropConfig.DEFAULT.withEps(bad));
    refused("weightDecay" + least, () -> RmsPropConfig.DEFAULT.withWeightDecay(bad));
    refused("momentum" + least, () -> RmsPropConfig.DEFAULT.withMomentum(bad));
    refused("lr" + least, () -> AdagradConfig.DEFAULT.withLearningRate(bad));
    refused("lrDecay" + least, () -> AdagradConfig.DEFAULT.withLrDecay(bad));
    refused("eps" + least, () -> AdagradConfig.DEFAULT.withEps(bad));
    refused("weightDecay" + least, () -> AdagradConfig.DEFAULT.withWeightDecay(bad));
    refused(
        "initialAccumulatorValue" + least,
        () -> AdagradConfig.DEFAULT.withInitialAccumulatorValue(bad));
    refused("lr" + least, () -> AdadeltaConfig.DEFAULT.withLearningRate(bad));
    refused("rho" + fraction, () -> AdadeltaConfig.DEFAULT.withRho(bad));
    refused("eps" + least, () -> AdadeltaConfig.DEFAULT.withEps(bad));
    refused("weightDecay" + least, () -> AdadeltaConfig.DEFAULT.withWeightDecay(bad));
  }

  @Test
  void theEndsOfRangesAreInOrOutAsInPyTorch() {
    refused(
        "beta1 is 1.0, must be at least 0 and below 1", () -> AdamConfig.DEFAULT.withBetas(1, 0.5));
    refused(
        "beta2 is 1.0, must be at least 0 and below 1", () -> AdamWConfig.DEFAULT.withBetas(0, 1));
    refused("rho is 1.1, must be between 0 and 1", () -> AdadeltaConfig.DEFAULT.withRho(1.1));
    refused("alpha is 1.1, must be between 0 and 1", () -> RmsPropConfig.DEFAULT.withAlpha(1.1));
    assertEquals(1, AdadeltaConfig.DEFAULT.withRho(1).rho());
    assertEquals(0, AdamConfig.DEFAULT.withLearningRate(0).lr());
    refused(
        "nesterov needs momentum above 0 and dampening 0, but momentum is 0.0 and dampening is 0.0",
        () -> SgdConfig.DEFAULT.withNesterov(true));
    refused(
        "nesterov needs momentum above 0 and dampening 0, but momentum is 0.9 and dampening is 0.5",
        () -> SgdConfig.DEFAULT.withMomentum(0.9).withDampening(0.5).withNesterov(true));
  }

  @ParameterizedTest
  @MethodSource("io.github.lanewise.optim.Fixtures#optimizers")
  void everyOptimizerDescendsAParabola(Fixtures.Case of) {
    try (Arena arena = Arena.ofConfined()) {
      Parameter w = Fixtures.parameter(arena, "w", 1.5f, -1.5f, 0.5f);
      Optimizer optimizer = of.create(arena, List.of(w));
      for (int step = 0; step < 50; step++) {
        w.gradient().copyFrom(w.value()); // of the parabola p p / 2
        optimizer.step();
      }
      assertTrue(Math.abs(w.value().get(0)) < 1.5f, w::toString);
      assertTrue(Math.abs(w.value().get(1)) < 1.5f, w::toString);
      assertTrue(Math.abs(w.value().get(2)) < 0.5f, w::toString);
    }
  }

  private static String message(double bad, String range) {
    boolean onlyInfinite = bad > 0 && range.equals("at least 0");
    return " is " + bad + ", must be " + (onlyInfinite ? "finite" : range);
  }

  /// Steps `from` to `to`, each with a gradient of its own.
  private static void run(Optimizer optimizer, List<Parameter> parameters, int from, int to) {
    for (int step = from; step < to; step++) {
      Fixtures.fillGradients(parameters, step);
      optimizer.step();
    }
  }

  private static StateDict copy(Arena arena, StateDict source) {
    StateDict copy = new StateDict();
    for (String name : source.names()) {
      StateDict.Entry entry = source.get(name);
      copy.put(name, entry.shape(), FloatArray.of(arena, entry.values().toArray()));
    }
    return copy;
  }

  private static StateDict values(Arena arena, List<Parameter> parameters) {
    StateDict values = new StateDict();
    parameters.forEach(p -> values.put(p.name(), p.shape(), p.value()));
    return copy(arena, values);
  }

  private static StateDict edited(
      Arena arena, StateDict source, String edit, Shape shape, float value) {
    StateDict edited = new StateDict();
    for (String name : source.names()) {
      if (name.equals(edit)) {
        edited.put(name, shape, FloatArray.allocate(arena, shape.elements()).fill(value));
      } else {
        edited.put(name, source.get(name).shape(), source.get(name).values());
      }
    }
    return edited;
  }

  private static void requireSame(List<Parameter> expected, List<Parameter> actual) {
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i).value().toArray(), actual.get(i).value().toArray());
    }
  }

  private static void requireSame(StateDict expected, StateDict actual) {
    assertEquals(expected.names(), actual.names());
    for (String name : expected.names()) {
      assertArrayEquals(
          expected.get(name).values().toArray(), actual.get(name).values().toArray(), name);
    }
  }

  private static void refused(String message, Executable call) {
    Throwable error = assertThrows(IllegalArgumentException.class, call);
    if (message != null) {
      assertEquals(message, error.getMessage());
    }
  }
}
