package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a pool lends, to whom, and what a swap does to those who are inside.
@Timeout(60)
class ModelPoolTest {
  private static final String NOT_LENT =
      "this lease is closed, or belongs to another thread: borrow one for each use";

  private final float[] x = {1, 2};
  private final float[] y = new float[3];

  /// A model that answers `value` three times, whatever it is asked.
  private static ServedModel constant(Arena arena, float value) {
    Sequential network = Sequential.of(Linear.of(2, 3));
    StateDict parameters = network.initialize(arena, 1).stateDict();
    parameters.get("0.weight").values().fill(0);
    parameters.get("0.bias").values().fill(value);
    return network.serve(arena, parameters);
  }

  private static ModelPool pool(int sessions) {
    return ModelPool.of(sessions, 4, arena -> constant(arena, 1));
  }

  @Test
  void aLeaseAnswersAsASessionDoes() {
    try (Arena arena = Arena.ofShared();
        ModelPool pool = pool(2)) {
      FloatArray rows = FloatArray.of(arena, 1, 2, 3, 4);
      FloatArray outputs = FloatArray.allocate(arena, 6);
      pool.forward(rows, outputs);
      assertArrayEquals(new float[] {1, 1, 1, 1, 1, 1}, outputs.toArray());
      try (Lease lease = pool.borrow()) {
        outputs.fill(0);
        lease.forward(rows, outputs, 1);
        assertArrayEquals(new float[] {1, 1, 1, 0, 0, 0}, outputs.toArray());
        lease.forward(x, y, 1);
        assertEquals(2, lease.model().network().inputs());
      }
      pool.forward(x, y);
      assertArrayEquals(new float[] {1, 1, 1}, y);
      assertEquals(3, pool.calls());
      assertEquals(0, pool.waits());
      assertEquals(0, pool.swaps());
      assertEquals(3, pool.network().outputs());
    }
  }

  @Test
  void aPoolWhoseSessionsAreAllLentMakesTheCallerWaitOrNot() throws Exception {
    try (ModelPool pool = pool(1);
        ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
      Lease lease = pool.borrow();
      assertNull(pool.tryBorrow());
      assertNull(pool.tryBorrow(Duration.ofMillis(1)));
      assertNull(pool.tryBorrow(Duration.ZERO));
      Future<Float> waiting =
          other.submit(
              () -> {
                float[] answer = new float[3];
                pool.forward(new float[2], answer);
                return answer[0];
              });
      Future<Boolean> patient =
          other.submit(
              () -> {
                try (Lease later = pool.tryBorrow(Duration.ofDays(300_000))) {
                  return later != null;
                }
              });
      while (pool.waits() < 4) {
        Thread.onSpinWait();
      }
      assertFalse(waiting.isDone());
      lease.close();
      assertEquals(1, waiting.get());
      assertTrue(patient.get());
      Lease again = pool.tryBorrow();
      assertNotNull(again);
      again.close();
    }
  }

  @Test
  void anInterruptEndsATimedWaitAndNoOther() throws Exception {
    try (ModelPool pool = pool(1);
        ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
      Lease lease = pool.borrow();
      Future<Boolean> waits =
          other.submit(
              () -> {
                Thread.currentThread().interrupt();
                pool.forward(new float[2], new float[3]);
                return Thread.interrupted();
              });
      Future<?> timed =
          other.submit(
              () -> {
                Thread.currentThread().interrupt();
                assertThrows(InterruptedException.class, () -> pool.tryBorrow(Duration.ofDays(1)));
              });
      timed.get();
      assertFalse(waits.isDone());
      lease.close();
      assertTrue(waits.get(), "the interrupt is kept for the caller");
    }
  }

  @Test
  void aLeaseServesItsBorrowerAloneAndOnlyUntilItIsClosed() throws Exception {
    try (ModelPool pool = pool(1);
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      Lease lease = pool.borrow();
      other.submit(() -> assertNotLent(lease)).get();
      lease.forward(x, y);
      lease.close();
      assertNotLent(lease);
      CountDownLatch done = new CountDownLatch(1);
      CountDownLatch borrowed = new CountDownLatch(1);
      Future<?> next =
          other.submit(
              () -> {
                try (Lease same = pool.borrow()) {
                  assertSame(lease, same);
                  borrowed.countDown();
                  done.await();
                  same.forward(new float[2], new float[3]);
                }
                return null;
              });
      borrowed.await();
      assertNotLent(lease);
      done.countDown();
      next.get();
    }
  }

  private void assertNotLent(Lease lease) {
    for (Runnable use :
        new Runnable[] {
          () -> lease.forward(x, y),
          () -> lease.forward(x, y, 1),
          lease::generation,
          lease::model,
          lease::close
        }) {
      assertEquals(NOT_LENT, assertThrows(IllegalStateException.class, use::run).getMessage());
    }
  }

  @Test
  void aLeaseKeepsItsModelAndTheSwapWaitsForIt() throws Exception {
    try (ModelPool pool = pool(2);
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      long bytes = pool.modelBytes();
      Lease old = pool.borrow();
      Future<?> swap = other.submit(() -> pool.swap(arena -> constant(arena, 2)));
      while (pool.swaps() == 0) {
        Thread.onSpinWait();
      }
      try (Lease fresh = pool.borrow()) {
        fresh.forward(x, y);
        assertEquals(2, y[0]);
        assertEquals(1, fresh.generation());
      }
      old.forward(x, y);
      assertEquals(1, y[0]);
      assertEquals(0, old.generation());
      assertFalse(swap.isDone());
      assertEquals(2 * bytes, pool.liveBytes());
      assertInUse("a swap of this pool is running: close the pool after it", pool);
      old.close();
      swap.get();
      assertEquals(bytes, pool.liveBytes());
      pool.forward(x, y);
      assertEquals(2, y[0]);
    }
  }

  /// The swap did not see the claim, and so has freed the old model.
  @Test
  void aLeaseThatWasClaimedBeforeASwapAnswersWithTheNewModel() {
    try (ModelPool pool = pool(1)) {
      Generation old = pool.current();
      pool.swap(arena -> constant(arena, 2));
      Lease claimed = new Lease(pool, 0);
      assertTrue(claimed.claim(old));
      pool.handOut(claimed, old);
      claimed.forward(x, y);
      assertEquals(2, y[0]);
      assertEquals(1, claimed.generation());
    }
  }

  @Test
  void aSwapThatWouldWaitForItsOwnThreadIsRefused() {
    try (ModelPool pool = pool(2)) {
      try (Lease lease = pool.borrow()) {
        IllegalStateException refusal =
            assertThrows(IllegalStateException.class, () -> pool.swap(arena -> constant(arena, 2)));
        assertEquals(
            "this thread holds a lease of the pool: close it before the swap, which waits for it",
            refusal.getMessage());
        assertEquals(0, lease.generation());
      }
      assertEquals(0, pool.swaps());
    }
  }

  @Test
  void anInterruptedSwapEndsAllTheSame() throws Exception {
    try (ModelPool pool = pool(1)) {
      Lease old = pool.borrow();
      Thread swap =
          Thread.ofPlatform()
              .start(
                  () -> {
                    Thread.currentThread().interrupt();
                    pool.swap(arena -> constant(arena, 2));
                  });
      while (pool.swaps() == 0) {
        Thread.onSpinWait();
      }
      old.close();
      swap.join();
      assertEquals(pool.modelBytes(), pool.liveBytes());
    }
  }

  @Test
  void aModelThatCannotTakeOverLeavesTheOldOneAndNoMemory() {
    CountingArena[] seen = new CountingArena[1];
    try (ModelPool pool = pool(1)) {
      IllegalArgumentException other =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  pool.swap(
                      arena -> {
                        seen[0] = (CountingArena) arena;
                        return Sequential.of(Linear.of(3, 3)).initialize(arena, 1).serve(arena);
                      }));
      assertEquals(
          "the new model turns 3 features into 3, the one before turns 2 into 3",
          other.getMessage());
      assertEquals(0, seen[0].liveBytes());
      assertThrows(
          ArithmeticException.class,
          () ->
              pool.swap(
                  arena -> {
                    seen[0] = (CountingArena) arena;
                    FloatArray.allocate(arena, 9);
                    throw new ArithmeticException();
                  }));
      assertEquals(0, seen[0].liveBytes());
      assertThrows(NullPointerException.class, () -> pool.swap(arena -> null));
      try (Arena elsewhere = Arena.ofShared()) {
        ServedModel foreign = constant(elsewhere, 2);
        assertEquals(
            "the model does not lie in the arena that its maker was given",
            assertThrows(IllegalArgumentException.class, () -> pool.swap(arena -> foreign))
                .getMessage());
      }
      pool.forward(x, y);
      assertEquals(1, y[0]);
      assertEquals(0, pool.swaps());
      assertEquals(pool.modelBytes(), pool.liveBytes());
    }
  }

  @Test
  void aPoolInUseIsNotClosed() {
    ModelPool pool = pool(3);
    Lease first = pool.borrow();
    Lease second = pool.borrow();
    assertInUse("2 of the 3 sessions of this pool are in use: close it after the last call", pool);
    second.forward(x, y);
    second.close();
    first.close();
    pool.close();
    pool.close();
    assertEquals(0, pool.liveBytes());
    for (Runnable use :
        new Runnable[] {
          pool::borrow,
          pool::tryBorrow,
          pool::network,
          () -> pool.forward(x, y),
          () -> pool.swap(arena -> constant(arena, 2))
        }) {
      assertEquals(
          "this pool is closed", assertThrows(IllegalStateException.class, use::run).getMessage());
    }
  }

  private static void assertInUse(String message, ModelPool pool) {
    assertEquals(message, assertThrows(IllegalStateException.class, pool::close).getMessage());
  }

  @Test
  void sizesAreAtLeastOne() {
    assertEquals(
        "sessions is 0, must be at least 1",
        assertThrows(IllegalArgumentException.class, () -> pool(0)).getMessage());
    assertEquals(
        "maxBatch is 0, must be at least 1",
        assertThrows(
                IllegalArgumentException.class,
                () -> ModelPool.of(1, 0, arena -> constant(arena, 1)))
            .getMessage());
  }

  @Test
  void aCallThatFailsGivesItsSessionBack() {
    try (ModelPool pool = pool(1)) {
      assertThrows(IllegalArgumentException.class, () -> pool.forward(new float[3], y));
      pool.forward(x, y);
      assertEquals(1, y[0]);
    }
  }
}
