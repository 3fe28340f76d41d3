package io.github.lanewise.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.optim.rule.AdamConfig;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class ParallelStepTest {
  private static final int LENGTH = 200_000; // seven parts
  private static final int STEPS = 20;

  private static float[] after(Executor executor, int threads) {
    try (Arena arena = Arena.ofShared()) {
      FloatArray value = FloatArray.allocate(arena, LENGTH).fill(1f);
      FloatArray gradient = FloatArray.allocate(arena, LENGTH);
      for (int i = 0; i < LENGTH; i++) {
        gradient.set(i, i % 7 - 3f);
      }
      Parameter parameter = new Parameter("p", Shape.of(LENGTH), value, gradient);
      Optimizer optimizer = Optimizer.of(arena, List.of(parameter), AdamConfig.DEFAULT);
      for (int step = 0; step < STEPS; step++) {
        optimizer.step(executor, threads);
      }
      return value.toArray();
    }
  }

  private static final float[] ALONE = after(Runnable::run, 1);

  @Test
  void theCallingThreadDoesWhatTheExecutorRefuses() {
    Executor refusing =
        task -> {
          throw new RejectedExecutionException("full");
        };
    assertArrayEquals(ALONE, after(refusing, 3));
    Executor broken =
        task -> {
          throw new IllegalStateException("broken");
        };
    assertArrayEquals(ALONE, after(broken, 3));
  }

  @Test
  void noMoreTasksWaitThanThereAreOtherThreads() {
    Queue<Runnable> waiting = new ArrayDeque<>();
    assertArrayEquals(ALONE, after(waiting::add, 3));
    assertEquals(2, waiting.size());
    waiting.forEach(Runnable::run); // late, they find nothing to do
  }

  @Test
  void aTaskThatHasRunIsAskedForAgain() {
    int[] tasks = {0};
    Executor counting =
        task -> {
          tasks[0]++;
          task.run();
        };
    assertArrayEquals(ALONE, after(counting, 3));
    assertEquals(2 * STEPS, tasks[0]);
  }
}
