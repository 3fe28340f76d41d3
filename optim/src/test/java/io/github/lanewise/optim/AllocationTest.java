package io.github.lanewise.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// After warm-up, [Optimizer#step] and [Optimizer#zeroGrad] allocate nothing.
class AllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int CALLS = 1000;

  static Stream<Fixtures.Case> optimizers() {
    return Fixtures.optimizers();
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void stepAndZeroGradAllocateNothing(Fixtures.Case of) {
    try (Arena arena = Arena.ofConfined()) {
      Optimizer optimizer = of.create(arena, Fixtures.model(arena, 1));
      assertEquals(
          0,
          bytesOf(
              () -> {
                optimizer.step();
                optimizer.zeroGrad();
              },
              Duration.ofSeconds(30)),
          of + " allocates");
    }
  }

  @Test
  void theMeterSeesOneBoxPerCall() {
    Object[] kept = new Object[1];
    assertTrue(bytesOf(() -> kept[0] = new int[1], Duration.ofSeconds(1)) >= 16L * CALLS);
  }

  /// Returns the fewest bytes that a round of [#CALLS] calls allocated, and stops at the first
  /// round that allocated none. Rounds allocate until the code is compiled, which a busy machine
  /// delays.
  private static long bytesOf(Runnable call, Duration patience) {
    long id = Thread.currentThread().threadId();
    long least = Long.MAX_VALUE;
    long start = System.nanoTime();
    while (least > 0 && System.nanoTime() - start < patience.toNanos()) {
      long before = THREADS.getThreadAllocatedBytes(id);
      for (int i = 0; i < CALLS; i++) {
        call.run();
      }
      least = Math.min(least, THREADS.getThreadAllocatedBytes(id) - before);
    }
    return least;
  }
}
