package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.Softmax;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A warm-up leaves calls that allocate nothing, and says so; it changes no model.
@Timeout(240)
class WarmUpTest {
  private static final Sequential NETWORK =
      Sequential.of(
          Linear.of(20, 40), LayerNorm.of(40), Activation.RELU, Linear.of(40, 5), Softmax.LAYER);

  @Test
  void servingIsReadyOnSingleRowsAndOnStrips() {
    try (Arena arena = Arena.ofConfined()) {
      WarmUp report = NETWORK.initialize(arena, 1).serve(arena).warmUp(1, 32);
      assertReady(report);
      assertEquals("serving rows [1, 32]", report.what());
    }
  }

  @Test
  void aPoolIsReadyAfterAWarmUpOnAVirtualThread() throws Exception {
    try (ModelPool pool = ModelPool.of(1, 8, arena -> NETWORK.initialize(arena, 1).serve(arena))) {
      CompletableFuture<WarmUp> report = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> report.complete(pool.warmUp(3))).join();
      assertReady(report.get());
      assertTrue(pool.calls() >= report.get().calls());
    }
  }

  @Test
  void aRequestOfTheProgramIsRunTooAndMayAllocate() {
    try (ModelPool pool = ModelPool.of(1, 8, arena -> NETWORK.initialize(arena, 1).serve(arena))) {
      long[] requests = {0};
      WarmUp report =
          pool.warmUp(
              () -> {
                pool.forward(new float[20], new float[5]);
                requests[0]++;
              },
              1);
      assertReady(report);
      assertTrue(requests[0] > 1000, () -> requests[0] + " requests");
      assertTrue(pool.calls() >= report.calls() + requests[0]);
      assertThrows(NullPointerException.class, () -> pool.warmUp((Runnable) null, 1));
    }
  }

  /// A request that takes long is run for half a second and no longer.
  @Test
  void aSlowRequestDoesNotKeepTheServiceFromStarting() {
    int[] runs = {0};
    long start = System.nanoTime();
    Warmer.runRequests(
        () -> {
          LockSupport.parkNanos(100_000_000);
          runs[0]++;
        });
    long took = System.nanoTime() - start;
    assertTrue(runs[0] >= 1 && runs[0] < 40, () -> runs[0] + " runs");
    assertTrue(took < 20_000_000_000L, () -> took + " ns");
  }

  @Test
  void trainingIsReadyAndTheModelIsAsItWas() {
    try (Arena arena = Arena.ofConfined()) {
      Model model = NETWORK.initialize(arena, 1);
      float[] before = model.values().toArray();
      for (Loss loss : List.of(Loss.crossEntropy(), Loss.meanSquaredError())) {
        int[] steps = {0};
        WarmUp report =
            model.warmUpTraining(
                8,
                loss,
                (own, parameters) -> {
                  FloatArray weight = parameters.getFirst().value();
                  return () -> {
                    weight.set(0, 1);
                    steps[0]++;
                  };
                });
        assertReady(report);
        assertEquals(report.calls(), steps[0]);
      }
      assertArrayEquals(before, model.values().toArray());
    }
  }

  private static void assertReady(WarmUp report) {
    assertTrue(report.isReady(), report::toString);
    assertEquals(0, report.bytesPerCall(), report::toString);
    assertTrue(report.nanosPerCall() > 0, report::toString);
    assertTrue(report.took().isPositive(), report::toString);
  }

  /// A layer that allocates in each call, and keeps what it has allocated.
  private static final class Allocating implements Layer {
    private Object kept;

    @Override
    public void forward(Batch x, List<FloatArray> parameters, Batch y) {
      kept = new byte[64];
      y.array().copyFrom(x.array());
    }

    @Override
    public void backward(
        Batch x,
        Batch y,
        Batch gy,
        List<FloatArray> parameters,
        List<FloatArray> gradients,
        Batch gx) {
      throw new UnsupportedOperationException("" + kept);
    }
  }

  /// It takes all the patience of a warm-up, so this test does not wait for whole calls.
  @Test
  void aCallThatAllocatesIsNotReady() {
    Warmer warmer = new Warmer("allocating", 1_000_000_000L);
    Layer layer = new Allocating();
    try (Arena arena = Arena.ofConfined()) {
      Batch x = Batch.allocate(arena, 1, 2);
      Batch y = Batch.allocate(arena, 1, 2);
      warmer.part(() -> layer.forward(x, List.of(), y));
      warmer.call(() -> layer.forward(x, List.of(), y));
      WarmUp report = warmer.run();
      assertFalse(report.isReady(), report::toString);
      assertTrue(report.bytesPerCall() >= 64, report::toString);
      assertTrue(report.toString().contains(": not ready after "), report::toString);
    }
  }

  @Test
  void numbersOfRowsThatCannotBeAreRefused() {
    try (ModelPool pool = ModelPool.of(1, 8, arena -> NETWORK.initialize(arena, 1).serve(arena))) {
      assertEquals(
          "a warm-up needs a number of rows",
          assertThrows(IllegalArgumentException.class, () -> pool.warmUp()).getMessage());
      assertEquals(
          "a call of 0 rows is not possible",
          assertThrows(IllegalArgumentException.class, () -> pool.warmUp(1, 0)).getMessage());
      assertEquals(
          "a call of 9 rows is not possible: maxBatch is 8",
          assertThrows(IllegalArgumentException.class, () -> pool.warmUp(9)).getMessage());
      assertEquals(0, pool.calls());
    }
  }
}
