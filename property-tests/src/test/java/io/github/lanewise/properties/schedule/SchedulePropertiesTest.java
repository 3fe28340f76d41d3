package io.github.lanewise.properties.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.optim.schedule.ChainedLr;
import io.github.lanewise.optim.schedule.ConstantLr;
import io.github.lanewise.optim.schedule.CosineAnnealingLr;
import io.github.lanewise.optim.schedule.CosineAnnealingWarmRestarts;
import io.github.lanewise.optim.schedule.CyclicLr;
import io.github.lanewise.optim.schedule.ExponentialLr;
import io.github.lanewise.optim.schedule.LambdaLr;
import io.github.lanewise.optim.schedule.LinearLr;
import io.github.lanewise.optim.schedule.MultiStepLr;
import io.github.lanewise.optim.schedule.MultiplicativeLr;
import io.github.lanewise.optim.schedule.OneCycleLr;
import io.github.lanewise.optim.schedule.PlateauScheduler;
import io.github.lanewise.optim.schedule.PolynomialLr;
import io.github.lanewise.optim.schedule.ReduceLrOnPlateau;
import io.github.lanewise.optim.schedule.Schedule;
import io.github.lanewise.optim.schedule.Scheduler;
import io.github.lanewise.optim.schedule.SequentialLr;
import io.github.lanewise.optim.schedule.StepLr;
import io.github.lanewise.properties.support.AllocationMeter;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/// What holds for schedules of any settings.
class SchedulePropertiesTest {
  private static final double BASE = 0.3;
  private static final int STEPS = 120;

  /// Schedules that have a formula for every step beside the change from the step before.
  @Provide
  Arbitrary<Schedule> formulas() {
    Arbitrary<Long> length = Arbitraries.longs().between(1, 2 * STEPS);
    Arbitrary<Double> factor = Arbitraries.doubles().between(0.01, 1);
    Arbitrary<Double> low = Arbitraries.doubles().between(0, 0.2);
    return Arbitraries.oneOf(
        Combinators.combine(length, factor).as(StepLr::new),
        Combinators.combine(length.list().ofMaxSize(5), factor).as(MultiStepLr::new),
        Combinators.combine(factor, length).as(ConstantLr::new),
        Combinators.combine(factor, factor, length).as(LinearLr::new),
        Arbitraries.doubles().between(0.9, 1.02).map(ExponentialLr::new),
        Combinators.combine(length, Arbitraries.doubles().between(0, 4)).as(PolynomialLr::new),
        Combinators.combine(length, low).as(CosineAnnealingLr::new));
  }

  /// All kinds of schedules, and sequences and chains of them.
  @Provide
  Arbitrary<Schedule> schedules() {
    Arbitrary<Long> length = Arbitraries.longs().between(1, STEPS);
    Arbitrary<Double> rate = Arbitraries.doubles().between(0, 1);
    Arbitrary<Schedule> parts =
        Arbitraries.oneOf(
            formulas(),
            Combinators.combine(length, Arbitraries.longs().between(1, 3), rate)
                .as(CosineAnnealingWarmRestarts::new),
            Combinators.combine(rate, rate)
                .as((share, max) -> OneCycleLr.of(max, STEPS).withPctStart(share)),
            Combinators.combine(rate, length, length, Arbitraries.of(CyclicLr.Mode.class))
                .as(
                    (max, up, down, mode) ->
                        CyclicLr.of(0.001, max).withStepSizes(up, down).withMode(mode, 0.98)),
            rate.map(a -> new LambdaLr(step -> a + 1.0 / (1 + step))),
            rate.map(a -> new MultiplicativeLr(step -> 1 - a / (2 + step))));
    Arbitrary<Schedule> sequences =
        Combinators.combine(parts, parts, length).as((a, b, at) -> SequentialLr.of(a, at, b));
    Arbitrary<Schedule> chains =
        Combinators.combine(parts, sequences).as((a, b) -> ChainedLr.of(a, b));
    return Arbitraries.oneOf(parts, sequences, chains);
  }

  @Property(tries = 300)
  void aRunThatIsRestoredAtAnyStepGoesOnBitForBit(
      @ForAll("schedules") Schedule schedule, @ForAll @IntRange(max = STEPS - 1) int savedAt) {
    Recorder straight = Recorder.of(BASE, 0.9);
    Scheduler through = Scheduler.of(schedule, straight);
    Recorder resumed = Recorder.of(0.7, 0.1); // of a program that has begun anew
    Scheduler second = Scheduler.of(schedule, resumed);
    for (int step = 0; step < STEPS; step++) {
      if (step == savedAt) {
        second.loadState(through.state());
      }
      if (step >= savedAt) {
        assertEquals(straight.learningRate(), resumed.learningRate(), "step " + step);
        assertEquals(straight.momentum(), schedule.movesMomentum() ? resumed.momentum() : 0.9);
        assertEquals(through.state(), second.state());
        second.step();
      }
      through.step();
    }
  }

  @Property(tries = 300)
  void stepAfterStepGivesTheFormula(@ForAll("formulas") Schedule schedule) {
    Recorder optimizer = Recorder.of(BASE);
    Scheduler scheduler = Scheduler.of(schedule, optimizer);
    for (int step = 0; step < STEPS; step++) {
      double expected = schedule.learningRate(step, BASE);
      // Relative, but for what rounding leaves where a cosine or a line comes down to its end.
      double tolerance = 1e-12 * expected + 1e-13 * BASE;
      assertEquals(expected, optimizer.learningRate(), tolerance, "step " + step);
      scheduler.step();
    }
  }

  @Property(tries = 300)
  void aFallingScheduleStaysBetweenItsEnds(@ForAll("formulas") Schedule schedule) {
    double top = schedule instanceof ExponentialLr e && e.gamma() > 1 ? 20 * BASE : BASE;
    double low = schedule instanceof CosineAnnealingLr cosine ? cosine.etaMin() : 0;
    for (int step = 0; step < STEPS; step++) {
      double rate = schedule.learningRate(step, BASE);
      assertTrue(rate >= low - Math.ulp(BASE) && rate <= top + Math.ulp(BASE), () -> "" + rate);
    }
  }

  @Property(tries = 300)
  void oneCycleRisesToItsTopAndFallsToItsEnd(
      @ForAll @DoubleRange(min = 0.05, max = 0.95) double share,
      @ForAll @IntRange(min = 40, max = STEPS) int steps,
      @ForAll OneCycleLr.AnnealStrategy strategy) {
    OneCycleLr schedule =
        OneCycleLr.of(0.5, steps).withPctStart(share).withAnnealStrategy(strategy);
    double first = 0.5 / 25;
    double last = first / 1e4;
    assertEquals(first, schedule.learningRate(0, BASE), 1e-12);
    assertEquals(last, schedule.learningRate(steps - 1, BASE), 1e-12);
    double topStep = share * steps - 1;
    for (int step = 1; step < steps; step++) {
      double before = schedule.learningRate(step - 1, BASE);
      double rate = schedule.learningRate(step, BASE);
      double momentum = schedule.momentum(0, step);
      assertTrue(rate <= 0.5 && rate >= last * (1 - 1e-12), () -> "" + rate);
      assertTrue(momentum >= 0.85 - 1e-12 && momentum <= 0.95 + 1e-12, () -> "" + momentum);
      if (step <= topStep) {
        assertTrue(rate >= before, "falls before its top, at step " + step);
      } else if (step - 1 >= topStep) {
        assertTrue(rate <= before, "rises after its top, at step " + step);
      }
    }
  }

  @Property(tries = 300)
  void aCycleIsContinuousAndInItsBounds(
      @ForAll @IntRange(min = 1, max = 50) int up,
      @ForAll @IntRange(min = 1, max = 50) int down,
      @ForAll CyclicLr.Mode mode) {
    CyclicLr schedule =
        CyclicLr.of(0.01, 0.2).withStepSizes(up, down).withMode(mode, 0.99).withMomentum(0.7, 0.9);
    double steepest = 0.19 / Math.min(up, down);
    for (int step = 0; step < STEPS; step++) {
      double rate = schedule.learningRate(step, BASE);
      assertTrue(rate >= 0.01 - 1e-12 && rate <= 0.2 + 1e-12, () -> "" + rate);
      double next = schedule.learningRate(step + 1, BASE);
      // In EXP_RANGE the height falls by a hundredth in a step.
      assertTrue(Math.abs(next - rate) <= steepest + 0.01 * 0.19 + 1e-12, () -> rate + " " + next);
      // The momentum is as far below its top as the rate is above its bottom.
      double height = (rate - 0.01) / 0.19;
      assertEquals(0.9 - 0.2 * height, schedule.momentum(0, step), 1e-12);
    }
  }

  @Property(tries = 300)
  void aCosineIsContinuous(
      @ForAll @IntRange(min = 1, max = STEPS) int length,
      @ForAll @DoubleRange(max = 0.2) double etaMin) {
    CosineAnnealingLr schedule = new CosineAnnealingLr(length, etaMin);
    double steepest = (BASE - etaMin) * Math.PI / (2 * length);
    for (int step = 0; step < STEPS; step++) {
      double change = schedule.learningRate(step + 1, BASE) - schedule.learningRate(step, BASE);
      assertTrue(Math.abs(change) <= steepest + 1e-12, () -> "" + change);
    }
  }

  @Property(tries = 300)
  void aWarmupRisesAndWhatFollowsFalls(
      @ForAll @IntRange(min = 1, max = 40) int warmup,
      @ForAll @IntRange(min = 1, max = 70) int decay,
      @ForAll @DoubleRange(min = 0.01, max = 1) double from) {
    Schedule schedule =
        SequentialLr.of(new LinearLr(from, 1, warmup), warmup, CosineAnnealingLr.of(decay));
    Recorder optimizer = Recorder.of(BASE);
    Scheduler scheduler = Scheduler.of(schedule, optimizer);
    assertEquals(from * BASE, optimizer.learningRate());
    double before = 0;
    for (int step = 0; step <= warmup + decay; step++) {
      double rate = optimizer.learningRate();
      if (step <= warmup) {
        assertTrue(rate >= before - 1e-15, "falls during the warmup, at step " + step);
      } else {
        assertTrue(rate <= before, "rises during the decay, at step " + step);
      }
      before = rate;
      scheduler.step();
    }
  }

  @Property(tries = 300)
  void aChainOfFactorsIsTheirProduct(
      @ForAll @DoubleRange(min = 0.9, max = 1) double gamma,
      @ForAll @IntRange(min = 1, max = 30) int size) {
    Schedule a = new ExponentialLr(gamma);
    Schedule b = new StepLr(size, 0.5);
    Schedule c = new LinearLr(0.2, 1, size);
    Recorder optimizer = Recorder.of(BASE);
    Scheduler scheduler = Scheduler.of(ChainedLr.of(a, b, c), optimizer);
    for (int step = 0; step < STEPS; step++) {
      double expected =
          BASE * a.learningRate(step, 1) * b.learningRate(step, 1) * c.learningRate(step, 1);
      assertEquals(expected, optimizer.learningRate(), 1e-12 * expected, "step " + step);
      scheduler.step();
    }
  }

  @Property(tries = 300)
  void aPlateauThatIsRestoredAtAnyStepGoesOnBitForBit(
      @ForAll long seed,
      @ForAll @IntRange(max = STEPS - 1) int savedAt,
      @ForAll ReduceLrOnPlateau.Mode mode,
      @ForAll ReduceLrOnPlateau.ThresholdMode threshold) {
    ReduceLrOnPlateau settings =
        ReduceLrOnPlateau.DEFAULT
            .withMode(mode)
            .withThreshold(1e-3, threshold)
            .withPatience(2)
            .withFactor(0.9)
            .withCooldown(1);
    Recorder straight = Recorder.of(BASE);
    PlateauScheduler through = PlateauScheduler.of(settings, straight);
    Recorder resumed = Recorder.of(0.7);
    PlateauScheduler second = PlateauScheduler.of(settings, resumed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int step = 0; step < STEPS; step++) {
      if (step == savedAt) {
        second.loadState(through.state());
      }
      double metric = random.nextDouble();
      through.step(metric);
      if (step >= savedAt) {
        second.step(metric);
        assertEquals(straight.learningRate(), resumed.learningRate(), "step " + step);
        assertEquals(through.state(), second.state());
      }
    }
    assertTrue(straight.learningRate() < BASE, "no plateau was met");
  }

  @Example
  void aRateThatTheCallerHasChangedIsChangedFurther() {
    Recorder optimizer = Recorder.of(0.1);
    Scheduler scheduler = Scheduler.of(new StepLr(1, 0.5), optimizer);
    optimizer.setLearningRate(8);
    scheduler.step();
    assertEquals(4, optimizer.learningRate());
  }

  @Example
  void everyGroupFollowsTheScheduleFromItsOwnBase() {
    Recorder body = Recorder.of(0.1);
    Recorder head = Recorder.of(1);
    Scheduler scheduler = Scheduler.of(new ExponentialLr(0.5), List.of(body, head));
    scheduler.step();
    scheduler.step();
    assertEquals(0.025, body.learningRate());
    assertEquals(0.25, head.learningRate());
  }

  @Example
  void aLambdaIsASchedule() {
    Recorder optimizer = Recorder.of(0.5);
    Schedule inverse = (step, base) -> base / (1 + step);
    Scheduler scheduler = Scheduler.of(inverse, optimizer);
    scheduler.step();
    assertEquals(0.25, optimizer.learningRate());
    Scheduler.of((step, base) -> base, Recorder.of(1)).loadState(scheduler.state());
  }

  @Example
  void aStepAllocatesNothing() {
    Schedule all =
        ChainedLr.of(
            SequentialLr.of(LinearLr.DEFAULT, 5, new CosineAnnealingWarmRestarts(10, 2, 0)),
            MultiStepLr.of(10, 20),
            CyclicLr.of(0.1, 0.2));
    Scheduler scheduler = Scheduler.of(all, Recorder.of(BASE, 0.9));
    assertEquals(0, AllocationMeter.bytesOnceCompiled(scheduler::step));
    PlateauScheduler plateau = PlateauScheduler.of(ReduceLrOnPlateau.DEFAULT, Recorder.of(BASE));
    assertEquals(0, AllocationMeter.bytesOnceCompiled(() -> plateau.step(1)));
  }
}
