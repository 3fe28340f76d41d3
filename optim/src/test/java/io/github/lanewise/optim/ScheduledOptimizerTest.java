package io.github.lanewise.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.core.Parameter;
import io.github.lanewise.optim.schedule.LinearLr;
import io.github.lanewise.optim.schedule.Scheduler;
import java.lang.foreign.Arena;
import java.util.List;
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
      Scheduler scheduler = Scheduler.of(new LinearLr(0.5, 1, 2), optimizer);
      assertEquals(base * 0.5, optimizer.learningRate());
      Fixtures.fillGradients(parameters, 1);
      optimizer.step();
      scheduler.step();
      assertEquals(base * 0.75, optimizer.learningRate(), base * 1e-15);
    }
  }
}
