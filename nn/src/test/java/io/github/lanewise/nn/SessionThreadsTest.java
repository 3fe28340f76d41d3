package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A session serves one call at a time: any other call is an exception, never a wrong answer.
@Timeout(60)
class SessionThreadsTest {
  private static final String REFUSAL =
      "this session is in use by another thread, or by a call of this thread that has not returned:"
          + " give each thread a session of its own";

  private static final int ROWS = 2;
  private static final int COLS = 3;
  private static final float[] HEAP = {1, 2, 3, 4, 5, 6};

  private final Arena arena = Arena.ofShared();
  private final HookLayer hook = new HookLayer(COLS);
  private final FloatArray x = FloatArray.of(arena, 1, 2, 3, 4, 5, 6);
  private final FloatArray y = FloatArray.allocate(arena, ROWS * COLS);
  private final int[] labels = {0, 1};
  private final Model model = Sequential.of(hook).initialize(arena, 1);
  private final InferenceSession inference = model.inference(arena, ROWS);
  private final TrainingSession classifier = model.training(arena, ROWS, Loss.crossEntropy());
  private final TrainingSession regression = model.training(arena, ROWS, Loss.meanSquaredError());

  /// A call into one of the sessions of a test.
  record Call(String session, String method, Consumer<SessionThreadsTest> code) {
    @Override
    public String toString() {
      return session + "." + method;
    }
  }

  private static final List<Call> CALLS =
      List.of(
          new Call("inference", "forward", test -> test.inference.forward(test.x, test.y)),
          new Call(
              "inference", "forward(float[])", test -> test.inference.forward(HEAP, new float[6])),
          new Call(
              "inference", "forward(count)", test -> test.inference.forward(test.x, test.y, 1)),
          new Call("inference", "refresh", test -> test.inference.refresh()),
          new Call("classifier", "forward", test -> test.classifier.forward(test.x, test.labels)),
          new Call("classifier", "evaluate", test -> test.classifier.evaluate(test.x, test.labels)),
          new Call("classifier", "outputs", test -> test.classifier.outputs(test.y)),
          new Call("classifier", "backwardFrom", test -> test.classifier.backwardFrom(test.y)),
          new Call("classifier", "backward", test -> test.classifier.backward()),
          new Call("classifier", "backward(gx)", test -> test.classifier.backward(test.y)),
          new Call("regression", "forward", test -> test.regression.forward(test.x, test.x)),
          new Call("regression", "backward", test -> test.regression.backward()));

  record Pair(Call inside, Call refused) {}

  static List<Pair> pairsOfOneSession() {
    List<Pair> pairs = new ArrayList<>();
    for (Call inside : CALLS) {
      for (Call refused : CALLS) {
        boolean runsALayer = !inside.method().equals("outputs"); // only a layer can be held
        if (runsALayer && inside.session().equals(refused.session())) {
          pairs.add(new Pair(inside, refused));
        }
      }
    }
    return pairs;
  }

  @AfterEach
  void close() {
    arena.close();
  }

  @ParameterizedTest
  @MethodSource("pairsOfOneSession")
  void aSecondThreadIsRefusedAndTheFirstIsNotDisturbed(Pair pair) throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    prepareBackward();
    AtomicBoolean held = new AtomicBoolean();
    hookAll(
        () -> {
          if (held.compareAndSet(false, true)) { // only the call that came first
            inside.countDown();
            await(leave);
          }
        });
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      Future<?> first = other.submit(() -> pair.inside.code.accept(this));
      inside.await();
      try {
        assertRefused(pair.refused);
        assertRefused(pair.refused);
      } finally {
        leave.countDown();
      }
      first.get();
    }
    hookAll(() -> {});
    prepareBackward();
    pair.refused.code.accept(this);
  }

  @ParameterizedTest
  @MethodSource("pairsOfOneSession")
  void aCallFromInsideACallIsRefused(Pair pair) {
    prepareBackward();
    int[] refusals = {0};
    hookAll(
        () -> {
          assertRefused(pair.refused);
          refusals[0]++;
        });
    pair.inside.code.accept(this);
    assertTrue(refusals[0] > 0, "the hook did not run");
  }

  @Test
  void aCallThatFailsLeavesTheSession() {
    FloatArray wrong = x.slice(0, 1);
    hookAll(SessionThreadsTest::fail);
    assertThrows(UnsupportedOperationException.class, () -> inference.forward(x, y));
    assertThrows(UnsupportedOperationException.class, inference::refresh);
    assertThrows(UnsupportedOperationException.class, () -> classifier.forward(x, labels));
    assertThrows(IllegalArgumentException.class, () -> inference.forward(wrong, y));
    assertThrows(IllegalArgumentException.class, () -> classifier.forward(wrong, labels));
    hookAll(() -> {});
    inference.forward(x, y);
    inference.refresh();
    classifier.forward(x, labels);
    hookAll(SessionThreadsTest::fail);
    assertThrows(UnsupportedOperationException.class, classifier::backward);
    hookAll(() -> {});
    classifier.forward(x, labels);
    classifier.backward();
  }

  @Test
  void everyCallOfTwoThreadsIsRightOrRefused() throws Exception {
    Model model =
        Sequential.of(Linear.of(16, 32), Activation.TANH, Linear.of(32, 4)).initialize(arena, 1);
    InferenceSession session = model.inference(arena, 1);
    CyclicBarrier start = new CyclicBarrier(2);
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<Integer>> answered = new ArrayList<>();
      for (float value : new float[] {0.5f, -1.5f}) {
        FloatArray row = FloatArray.allocate(arena, 16).fill(value);
        FloatArray outputs = FloatArray.allocate(arena, 4);
        session.forward(row, outputs);
        float[] right = outputs.toArray();
        answered.add(
            threads.submit(
                () -> {
                  start.await();
                  return answers(session, row, outputs, right);
                }));
      }
      int right = answered.get(0).get() + answered.get(1).get();
      assertTrue(right > 0, "no call was answered");
    }
  }

  /// Calls 20,000 times; returns how many calls were answered, which must be right.
  private static int answers(
      InferenceSession session, FloatArray row, FloatArray outputs, float[] right) {
    int answered = 0;
    for (int call = 0; call < 20_000; call++) {
      outputs.fill(Float.NaN);
      try {
        session.forward(row, outputs);
        answered++;
      } catch (IllegalStateException e) {
        assertEquals(REFUSAL, e.getMessage());
        continue;
      }
      assertArrayEquals(right, outputs.toArray(), "call " + call);
    }
    return answered;
  }

  private void prepareBackward() {
    classifier.forward(x, labels);
    regression.forward(x, x);
  }

  private void assertRefused(Call call) {
    IllegalStateException refusal =
        assertThrows(IllegalStateException.class, () -> call.code.accept(this));
    assertEquals(REFUSAL, refusal.getMessage());
  }

  private void hookAll(Runnable code) {
    hook.onRefresh = hook.onForward = hook.onBackward = code;
  }

  private static void fail() {
    throw new UnsupportedOperationException("this stage fails");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
