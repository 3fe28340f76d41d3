package io.github.lanewise.bench.lab;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.optim.Optimizer;
import java.lang.foreign.Arena;
import java.util.List;

/// What a step of a rule costs by itself, on one thread.
final class Cost {
  /// The number of parameters: with their gradient and states they fit in a second-level cache.
  static final int PARAMETERS = 1 << 15;

  private static final long WARM_UP_NANOS = 300_000_000; // LAMB has seven loops to compile
  private static final int BATCHES = 40;
  private static final int STEPS = 20;

  private Cost() {}

  /// Returns nanoseconds per parameter in the fastest of some batches of steps, after a warm-up.
  static double nanosPerParameter(Candidate candidate) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray value = FloatArray.allocate(arena, PARAMETERS).fill(1f);
      FloatArray gradient = FloatArray.allocate(arena, PARAMETERS).fill(1e-3f);
      Shape shape = Shape.of(PARAMETERS);
      Optimizer optimizer =
          Optimizer.of(
              arena, List.of(new Parameter("p", shape, value, gradient)), candidate.rule());
      optimizer.setLearningRate(1e-6);
      long end = System.nanoTime() + WARM_UP_NANOS;
      do {
        optimizer.step();
      } while (System.nanoTime() < end);
      long least = Long.MAX_VALUE;
      for (int batch = 0; batch < BATCHES; batch++) {
        long begin = System.nanoTime();
        for (int step = 0; step < STEPS; step++) {
          optimizer.step();
        }
        least = Math.min(least, System.nanoTime() - begin);
      }
      return (double) least / STEPS / PARAMETERS;
    }
  }
}
