package io.github.lanewise.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.core.Parameter;
import io.github.lanewise.optim.rule.AdamConfig;
import io.github.lanewise.optim.rule.SgdConfig;
import io.github.lanewise.optim.schedule.CyclicLr;
import io.github.lanewise.optim.schedule.LinearLr;
import io.github.lanewise.optim.schedule.OneCycleLr;
import io.github.lanewise.optim.schedule.Scheduler;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduledOptimizerTest {
  @ParameterizedTest
  @MethodSource("io.github.lanewise.optim.Fixtures#optimizers")
  void aScheduleSetsTheLearningRateOfEveryOptimizer(Fixtures.Case of) {
    try (Arena arena = Arena.ofConfined()) {
      List<Parameter> parameters = Fixtures.model(arena, 3);
      Optimizer optimizer = of.create(arena, parameters);
      double base = optimizer.learningRate();
      Scheduler scheduler = Scheduler.of(new LinearLr(0.5, 1, 2), optimizer.groups());
      assertEquals(base * 0.5, optimizer.learningRate());
      Fixtures.fillGradients(parameters, 1);
      optimizer.step();
      scheduler.step();
      assertEquals(base * 0.75, optimizer.learningRate(), base * 1e-15);
    }
  }

  @Test
  void oneCycleMovesBeta1OrTheMomentum() {
    try (Arena arena = Arena.ofConfined()) {
      List<Parameter> parameters = Fixtures.model(arena, 3);
      ParameterGroup adam = Optimizer.of(arena, parameters, AdamConfig.DEFAULT).groups().getFirst();
      Scheduler.of(OneCycleLr.of(0.1, 10), adam);
      assertEquals(0.95, adam.get("beta1"));
      assertEquals(0.1 / 25, adam.learningRate(), 1e-15);
      SgdConfig momentum = SgdConfig.DEFAULT.withMomentum(0.5);
      ParameterGroup sgd = Optimizer.of(arena, parameters, momentum).groups().getFirst();
      Scheduler.of(CyclicLr.of(0.1, 0.2), sgd);
      assertEquals(0.9, sgd.get("momentum"));
      ParameterGroup plain = Optimizer.of(arena, parameters, SgdConfig.DEFAULT).groups().getFirst();
      assertThrows(
          IllegalArgumentException.class, () -> Scheduler.of(OneCycleLr.of(0.1, 10), plain));
      assertEquals(1e-3, plain.learningRate());
    }
  }

  /// A momentum of 0 has no buffer, so that SGD refuses to come to it.
  @Test
  void aMomentumThatTheOptimizerRefusesLeavesNoTrace() {
    try (Arena arena = Arena.ofConfined()) {
      SgdConfig nesterov = SgdConfig.DEFAULT.withMomentum(0.5).withNesterov(true);
      Optimizer optimizer = Optimizer.of(arena, Fixtures.model(arena, 3), nesterov);
      CyclicLr toZero = CyclicLr.of(0.1, 0.2).withStepSizes(1, 1).withMomentum(0, 0.5);
      Scheduler scheduler = Scheduler.of(toZero, optimizer.groups());
      assertThrows(IllegalArgumentException.class, scheduler::step);
      assertEquals(0, scheduler.lastStep());
      assertEquals(0.1, optimizer.learningRate());
      assertEquals(0.5, optimizer.groups().getFirst().momentum());
    }
  }
}
