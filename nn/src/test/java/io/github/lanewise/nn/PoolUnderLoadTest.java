package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Threads of both kinds call a pool while its model is replaced over and over.
@Timeout(120)
class PoolUnderLoadTest {
  private static final int OUTPUTS = 40;
  private static final int SWAPS = 100;

  /// Model `number` answers `number` in each output: with one of its layers from another model the
  /// answer would be another one.
  private static ServedModel numbered(Arena arena, int number) {
    Sequential network = Sequential.of(Linear.of(2, 1), Activation.RELU, Linear.of(1, OUTPUTS));
    StateDict parameters = network.initialize(arena, 1).stateDict();
    parameters.get("0.weight").values().fill(0);
    parameters.get("0.bias").values().fill(number);
    parameters.get("2.weight").values().fill(2);
    parameters.get("2.bias").values().fill(-number);
    return network.serve(arena, parameters);
  }

  @Test
  void noCallIsLostAndEachIsAnsweredByTheModelOfItsTime() throws Exception {
    ModelPool pool = ModelPool.of(3, 2, arena -> numbered(arena, 0));
    AtomicBoolean swapping = new AtomicBoolean(true);
    List<Future<Long>> callers = new ArrayList<>();
    try (ExecutorService platform = Executors.newFixedThreadPool(4);
        ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 4; i++) {
        callers.add(platform.submit(() -> call(pool, swapping)));
        callers.add(virtual.submit(() -> call(pool, swapping)));
      }
      for (int i = 1; i <= SWAPS; i++) {
        int number = i;
        pool.swap(arena -> numbered(arena, number));
        assertEquals(pool.modelBytes(), pool.liveBytes());
      }
      swapping.set(false);
      long calls = 0;
      for (Future<Long> caller : callers) {
        calls += caller.get();
      }
      assertEquals(calls, pool.calls());
    }
    assertEquals(SWAPS, pool.swaps());
    pool.close();
    assertEquals(0, pool.liveBytes());
  }

  private static long call(ModelPool pool, AtomicBoolean swapping) {
    float[] x = {1, 2, 3, 4};
    float[] y = new float[2 * OUTPUTS];
    long calls = 0;
    long before = 0;
    while (swapping.get() || calls == 0) {
      try (Lease lease = pool.borrow()) {
        long number = lease.generation();
        if (number < before) {
          throw new AssertionError("model " + number + " answered after model " + before);
        }
        before = number;
        lease.forward(x, y);
        for (float value : y) {
          assertEquals((float) number, value);
        }
      }
      calls++;
    }
    return calls;
  }
}
