package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.core.Parameter;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a call that is halfway through its layers answers if others refresh, swap or close
/// meanwhile: what it would have answered alone, or a typed exception.
@Timeout(60)
class RunningCallTest {
  private static final int COLS = 3;

  /// The layer in the middle stops a call between two layers that have parameters.
  private final HookLayer middle = new HookLayer(COLS);

  private final Sequential network =
      Sequential.of(Linear.of(COLS, COLS), middle, Linear.of(COLS, 1));
  private final Arena arena = Arena.ofShared();
  private final Model model = network.initialize(arena, 1);
  private final CountDownLatch inside = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void close() {
    arena.close();
  }

  /// With all parameters `p` the network answers `3 p (3 p + p) + p` for a row of ones.
  private static float[] answerOf(float p) {
    return new float[] {12 * p * p + p};
  }

  private void fill(float p) {
    for (Parameter parameter : model.parameters()) {
      parameter.value().fill(p);
    }
  }

  private static float[] ask(InferenceSession session) {
    float[] outputs = new float[1];
    session.forward(new float[] {1, 1, 1}, outputs);
    return outputs;
  }

  private static float[] ask(ModelPool pool) {
    float[] outputs = new float[1];
    pool.forward(new float[] {1, 1, 1}, outputs);
    return outputs;
  }

  /// Runs `call` on another thread until it stops in the layer in the middle, then `meanwhile` on
  /// this one, and returns what the call answers when it goes on.
  private <T> T meanwhile(Callable<T> call, Runnable meanwhile) throws Exception {
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      Future<T> answer = other.submit(call);
      inside.await();
      try {
        middle.onForward = middle.onRefresh = () -> {};
        meanwhile.run();
      } finally {
        goOn.countDown();
      }
      return answer.get();
    }
  }

  private void stop() {
    inside.countDown();
    try {
      goOn.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anotherSessionIsRefreshedAndTheCallKeepsItsSnapshot() throws Exception {
    fill(1);
    InferenceSession calling = model.inference(arena, 1);
    InferenceSession refreshed = model.inference(arena, 1);
    middle.onForward = this::stop;
    float[] answer =
        meanwhile(
            () -> ask(calling),
            () -> {
              fill(2);
              refreshed.refresh();
              assertArrayEquals(answerOf(2), ask(refreshed));
              assertThrows(IllegalStateException.class, calling::refresh);
            });
    assertArrayEquals(answerOf(1), answer);
    assertArrayEquals(answerOf(1), ask(calling), "the refresh that was refused changed something");
    calling.refresh();
    assertArrayEquals(answerOf(2), ask(calling));
  }

  @Test
  void aRefreshIsHalfDoneAndNoCallSeesIt() throws Exception {
    fill(1);
    InferenceSession refreshed = model.inference(arena, 1);
    InferenceSession calling = model.inference(arena, 1);
    fill(2);
    middle.onRefresh = this::stop;
    meanwhile(
        () -> {
          refreshed.refresh();
          return null;
        },
        () -> {
          assertArrayEquals(answerOf(1), ask(calling));
          assertThrows(IllegalStateException.class, () -> ask(refreshed));
        });
    assertArrayEquals(answerOf(2), ask(refreshed));
    assertArrayEquals(answerOf(1), ask(calling));
  }

  @Test
  void theModelOfAPoolIsSwappedAndTheCallIsAnsweredByTheOldOneAlone() throws Exception {
    fill(1);
    ModelPool pool = ModelPool.of(2, 1, model::serve);
    try (pool;
        ExecutorService swapping = Executors.newSingleThreadExecutor()) {
      middle.onForward = this::stop;
      List<Future<?>> swap = new ArrayList<>();
      float[] answer =
          meanwhile(
              () -> ask(pool),
              () -> {
                fill(2);
                swap.add(swapping.submit(() -> pool.swap(model::serve)));
                while (pool.swaps() == 0) {
                  Thread.onSpinWait();
                }
                assertArrayEquals(answerOf(2), ask(pool));
                assertThrows(IllegalStateException.class, pool::close);
              });
      assertArrayEquals(answerOf(1), answer);
      swap.getFirst().get();
      assertEquals(pool.modelBytes(), pool.liveBytes());
    }
  }

  @Test
  void thePoolIsNotClosedUnderTheCall() throws Exception {
    fill(1);
    ModelPool pool = ModelPool.of(2, 1, model::serve);
    middle.onForward = this::stop;
    float[] answer =
        meanwhile(
            () -> ask(pool),
            () -> {
              assertThrows(IllegalStateException.class, pool::close);
              assertArrayEquals(answerOf(1), ask(pool), "the pool stays open");
            });
    assertArrayEquals(answerOf(1), answer);
    pool.close();
    assertEquals(0, pool.liveBytes());
  }

  @Test
  void theArenaOfTheSessionIsClosedAndTheCallSaysSo() throws Exception {
    fill(1);
    middle.onForward = this::stop;
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      InferenceSession session;
      Future<float[]> answer;
      try (Arena closing = Arena.ofShared()) {
        session = model.serve(arena).session(closing, 1);
        answer = other.submit(() -> ask(session));
        inside.await();
      } finally {
        goOn.countDown();
      }
      ExecutionException failure = assertThrows(ExecutionException.class, answer::get);
      assertInstanceOf(IllegalStateException.class, failure.getCause());
      assertThrows(IllegalStateException.class, () -> ask(session));
    }
  }
}
