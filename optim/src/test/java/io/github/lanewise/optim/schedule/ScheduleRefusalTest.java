package io.github.lanewise.optim.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Settings of schedules that are refused, and what a refused call leaves.
class ScheduleRefusalTest {
  private static final String FINITE = ", must be finite and at least 0";
  private static final String POSITIVE = ", must be finite and above 0";
  private static final String FRACTION = ", must be between 0 and 1";
  private static final String POSITIVE_FRACTION = ", must be above 0 and at most 1";
  private static final String BELOW_ONE = ", must be at least 0 and below 1";

  private static final OneCycleLr ONE_CYCLE = OneCycleLr.of(0.1, 10);
  private static final CyclicLr CYCLIC = CyclicLr.of(0.01, 0.1);

  /// An optimizer with a learning rate alone.
  private static final class Plain implements ScheduledSettings {
    private double learningRate = 0.5;

    @Override
    public double learningRate() {
      return learningRate;
    }

    @Override
    public void setLearningRate(double learningRate) {
      this.learningRate = learningRate;
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1e-9, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void aNumberOutsideItsRangeIsRefused(double bad) {
    refused("gamma is " + bad + FINITE, () -> new StepLr(1, bad));
    refused("gamma is " + bad + FINITE, () -> new MultiStepLr(List.of(1L), bad));
    refused("factor is " + bad + POSITIVE_FRACTION, () -> new ConstantLr(bad, 5));
    refused("startFactor is " + bad + POSITIVE_FRACTION, () -> new LinearLr(bad, 1, 5));
    refused("endFactor is " + bad + FRACTION, () -> new LinearLr(1, bad, 5));
    refused("gamma is " + bad + FINITE, () -> new ExponentialLr(bad));
    refused("power is " + bad + FINITE, () -> new PolynomialLr(5, bad));
    refused("etaMin is " + bad + FINITE, () -> new CosineAnnealingLr(5, bad));
    refused("etaMin is " + bad + FINITE, () -> new CosineAnnealingWarmRestarts(5, 1, bad));
    refused("maxLr is " + bad + FINITE, () -> OneCycleLr.of(bad, 10));
    refused("pctStart is " + bad + FRACTION, () -> ONE_CYCLE.withPctStart(bad));
    refused("baseMomentum is " + bad + BELOW_ONE, () -> ONE_CYCLE.withMomentum(bad, 0.9));
    refused("maxMomentum is " + bad + BELOW_ONE, () -> ONE_CYCLE.withMomentum(0.9, bad));
    refused("divFactor is " + bad + POSITIVE, () -> ONE_CYCLE.withDivFactors(bad, 1));
    refused("finalDivFactor is " + bad + POSITIVE, () -> ONE_CYCLE.withDivFactors(1, bad));
    refused("baseLr is " + bad + FINITE, () -> CyclicLr.of(bad, 1));
    refused("maxLr is " + bad + FINITE, () -> CyclicLr.of(1, bad));
    refused("gamma is " + bad + FINITE, () -> CYCLIC.withMode(CyclicLr.Mode.EXP_RANGE, bad));
    refused("baseMomentum is " + bad + BELOW_ONE, () -> CYCLIC.withMomentum(bad, 0.9));
    refused("maxMomentum is " + bad + BELOW_ONE, () -> CYCLIC.withMomentum(0.9, bad));
    refused("factor is " + bad + BELOW_ONE, () -> ReduceLrOnPlateau.DEFAULT.withFactor(bad));
    refused("minLr is " + bad + FINITE, () -> ReduceLrOnPlateau.DEFAULT.withMinLr(bad));
    refused("eps is " + bad + FINITE, () -> ReduceLrOnPlateau.DEFAULT.withEps(bad));
    refused(
        "threshold is " + bad + FINITE,
        () -> ReduceLrOnPlateau.DEFAULT.withThreshold(bad, ReduceLrOnPlateau.ThresholdMode.ABS));
  }

  @Test
  void theEndsOfRangesAreInOrOut() {
    refused("factor is 0.0" + POSITIVE_FRACTION, () -> new ConstantLr(0, 5));
    refused("factor is 1.1" + POSITIVE_FRACTION, () -> new ConstantLr(1.1, 5));
    refused("startFactor is 0.0" + POSITIVE_FRACTION, () -> new LinearLr(0, 1, 5));
    refused("endFactor is 1.1" + FRACTION, () -> new LinearLr(1, 1.1, 5));
    refused("pctStart is 1.1" + FRACTION, () -> ONE_CYCLE.withPctStart(1.1));
    refused("maxMomentum is 1.0" + BELOW_ONE, () -> ONE_CYCLE.withMomentum(0, 1));
    refused("divFactor is 0.0" + POSITIVE, () -> ONE_CYCLE.withDivFactors(0, 1));
    refused("factor is 1.0" + BELOW_ONE, () -> ReduceLrOnPlateau.DEFAULT.withFactor(1));
    assertEquals(0.5, new ConstantLr(1, 1).learningRate(0, 0.5));
    assertEquals(0, new LinearLr(1, 0, 1).learningRate(1, 0.5));
    assertEquals(0.1, ONE_CYCLE.withPctStart(0.1).learningRate(0, 0.5), "a rise without a step");
    assertEquals(1e-4, ONE_CYCLE.withDivFactors(10, 100).withPctStart(1).learningRate(10, 0), 1e-9);
  }

  /// Straight lines lead on: below a rate of 0, which no optimizer takes, and to a momentum of 1.
  @Test
  void aCycleOfStraightLinesCanBeSteppedPastItsLastStep() {
    OneCycleLr lines =
        OneCycleLr.of(0.5, 4)
            .withAnnealStrategy(OneCycleLr.AnnealStrategy.LINEAR)
            .withMomentum(0.5, 0.99);
    assertTrue(lines.learningRate(4, 0) < 0);
    assertEquals(0, lines.after(0.1, 4, 0));
    assertEquals(Math.nextDown(1.0), lines.momentum(0.9, 4));
    refused("step is 5, but the cycle has 4 steps", () -> lines.learningRate(5, 0));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void aCountBelowOneIsRefused(long bad) {
    String message = " is " + bad + ", must be at least 1";
    refused("stepSize" + message, () -> StepLr.of(bad));
    refused("totalIters" + message, () -> new ConstantLr(0.5, bad));
    refused("totalIters" + message, () -> new LinearLr(0.5, 1, bad));
    refused("totalIters" + message, () -> new PolynomialLr(bad, 1));
    refused("tMax" + message, () -> CosineAnnealingLr.of(bad));
    refused("t0" + message, () -> CosineAnnealingWarmRestarts.of(bad));
    refused("tMult" + message, () -> new CosineAnnealingWarmRestarts(1, bad, 0));
    refused("totalSteps" + message, () -> OneCycleLr.of(0.1, bad));
    refused("stepSizeUp" + message, () -> CYCLIC.withStepSizes(bad, 1));
    refused("stepSizeDown" + message, () -> CYCLIC.withStepSizes(1, bad));
    refused(
        "milestones is [" + bad + "], must rise from at least 1",
        () -> SequentialLr.of(StepLr.of(1), bad, StepLr.of(1)));
  }

  @Test
  void aCountBelowZeroIsRefused() {
    refused("a milestone is -1, must be at least 0", () -> MultiStepLr.of(3, -1));
    refused("patience is -1, must be at least 0", () -> ReduceLrOnPlateau.DEFAULT.withPatience(-1));
    refused("cooldown is -1, must be at least 0", () -> ReduceLrOnPlateau.DEFAULT.withCooldown(-1));
    List<Schedule> all =
        List.of(
            StepLr.of(1),
            MultiStepLr.of(1),
            ConstantLr.DEFAULT,
            LinearLr.DEFAULT,
            new ExponentialLr(1),
            PolynomialLr.DEFAULT,
            CosineAnnealingLr.of(1),
            CosineAnnealingWarmRestarts.of(1),
            ONE_CYCLE,
            CYCLIC,
            new LambdaLr(step -> 1),
            new MultiplicativeLr(step -> 1),
            SequentialLr.of(StepLr.of(1), 1, StepLr.of(1)),
            ChainedLr.of(StepLr.of(1)));
    for (Schedule schedule : all) {
      refused("step is -1, must be at least 0", () -> schedule.learningRate(-1, 1));
      refused("step is -1, must be at least 0", () -> schedule.after(1, -1, 1));
    }
  }

  @Test
  void sequencesAndChainsThatDoNotFitTogetherAreRefused() {
    refused("the list of schedules is empty", () -> ChainedLr.of());
    refused("the list of schedules is empty", () -> new SequentialLr(List.of(), List.of()));
    refused(
        "there are 2 schedules, which need 1 milestones, but there are 2",
        () -> new SequentialLr(List.of(StepLr.of(1), StepLr.of(1)), List.of(1L, 2L)));
    refused(
        "milestones is [5, 5], must rise from at least 1",
        () -> new SequentialLr(List.of(StepLr.of(1), StepLr.of(1), StepLr.of(1)), List.of(5L, 5L)));
    assertThrows(NullPointerException.class, () -> new LambdaLr(null));
    assertThrows(NullPointerException.class, () -> new MultiplicativeLr(null));
  }

  @Test
  void aScheduleThatMovesTheMomentumNeedsOne() {
    Plain optimizer = new Plain();
    refused(
        "OneCycleLr moves the momentum, but the optimizer has none; make it withoutMomentum()",
        () -> Scheduler.of(ONE_CYCLE, optimizer));
    refused(
        "CyclicLr moves the momentum, but the optimizer has none; make it withoutMomentum()",
        () -> Scheduler.of(CYCLIC, optimizer));
    assertEquals(0.5, optimizer.learningRate());
    Scheduler.of(ONE_CYCLE.withoutMomentum(), optimizer);
    assertEquals(0.1 / 25, optimizer.learningRate(), 1e-15);
    assertThrows(UnsupportedOperationException.class, optimizer::momentum);
    assertThrows(UnsupportedOperationException.class, () -> optimizer.setMomentum(0.5));
    refused("the list of groups is empty", () -> Scheduler.of(CYCLIC, List.of()));
    refused(
        "the list of groups is empty",
        () -> PlateauScheduler.of(ReduceLrOnPlateau.DEFAULT, List.of()));
  }

  @Test
  void aStepThatIsRefusedLeavesNoTrace() {
    Plain first = new Plain();
    Plain second = new Plain();
    second.setLearningRate(0);
    Schedule schedule = (step, base) -> step < 3 ? base : base - 0.25;
    Scheduler scheduler = Scheduler.of(schedule, List.of(first, second));
    scheduler.step();
    scheduler.step();
    Map<String, String> before = scheduler.state();
    refused("the learning rate of step 3 is -0.25, must be finite and at least 0", scheduler::step);
    assertEquals(before, scheduler.state());
    assertEquals(0.5, first.learningRate());
    Scheduler ending = Scheduler.of(OneCycleLr.of(0.1, 1).withoutMomentum(), first);
    ending.step();
    double last = first.learningRate();
    refused("step is 2, but the cycle has 1 steps", ending::step);
    assertEquals(1, ending.lastStep());
    assertEquals(last, first.learningRate());
    refused(
        "the learning rate of step 0 is NaN, must be finite and at least 0",
        () -> Scheduler.of(new LambdaLr(step -> Double.NaN), first));
    assertEquals(last, first.learningRate());
  }

  @Test
  void aStateThatDoesNotFitIsRefusedAndNothingChanges() {
    Plain optimizer = new Plain();
    Scheduler scheduler = Scheduler.of(new ExponentialLr(0.5), optimizer);
    scheduler.step();
    Map<String, String> state = scheduler.state();
    assertEquals(
        Map.of(
            "schedule", "ExponentialLr", "last_step", "1", "base_lr.0", "0.5", "last_lr.0", "0.25"),
        state);
    refused(
        "the state is of a StepLr, but ExponentialLr is needed",
        () -> scheduler.loadState(edited(state, "schedule", "StepLr")));
    refused("the state has no entry schedule", () -> scheduler.loadState(Map.of()));
    refused(
        "the state has no entry last_lr.0",
        () -> scheduler.loadState(edited(state, "last_lr.0", null)));
    refused(
        "the state has entries that this scheduler does not have: [base_lr.1]",
        () -> scheduler.loadState(edited(state, "base_lr.1", "0.5")));
    for (String bad : List.of("-1", "1.5", "x", "9223372036854775808")) {
      refused(
          "last_step is " + bad + ", not a number of steps",
          () -> scheduler.loadState(edited(state, "last_step", bad)));
    }
    refused(
        "last_lr.0 is x, not a number", () -> scheduler.loadState(edited(state, "last_lr.0", "x")));
    refused(
        "base_lr.0 is NaN, not a number",
        () -> scheduler.loadState(edited(state, "base_lr.0", "NaN")));
    refused(
        "last_lr.0 is -1.0, must be finite and at least 0",
        () -> scheduler.loadState(edited(state, "last_lr.0", "-1")));
    assertEquals(state, scheduler.state());
    assertEquals(0.25, optimizer.learningRate());
  }

  @Test
  void aStateOfAPlateauThatDoesNotFitIsRefusedAndNothingChanges() {
    Plain optimizer = new Plain();
    PlateauScheduler scheduler = PlateauScheduler.of(ReduceLrOnPlateau.DEFAULT, optimizer);
    assertEquals("Infinity", scheduler.state().get("best"));
    scheduler.step(3);
    assertEquals(3, scheduler.best());
    Map<String, String> state = scheduler.state();
    refused(
        "the state is of a StepLr, but ReduceLrOnPlateau is needed",
        () -> scheduler.loadState(edited(state, "schedule", "StepLr")));
    refused("best is NaN, not a number", () -> scheduler.loadState(edited(state, "best", "NaN")));
    refused(
        "num_bad_steps is -1, not a number of steps",
        () -> scheduler.loadState(edited(state, "num_bad_steps", "-1")));
    refused(
        "cooldown_counter is 0.5, not a number of steps",
        () -> scheduler.loadState(edited(state, "cooldown_counter", "0.5")));
    refused(
        "the state has entries that this scheduler does not have: [base_lr.0]",
        () -> scheduler.loadState(edited(state, "base_lr.0", "1")));
    assertEquals(state, scheduler.state());
  }

  private static Map<String, String> edited(Map<String, String> state, String name, String text) {
    Map<String, String> edited = new HashMap<>(state);
    if (text == null) {
      edited.remove(name);
    } else {
      edited.put(name, text);
    }
    return edited;
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
