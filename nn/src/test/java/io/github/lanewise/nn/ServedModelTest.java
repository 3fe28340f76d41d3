package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/// A served model: parameters that do not change, shared by sessions of any threads.
@Timeout(60)
class ServedModelTest {
  private static final int ROWS = 40;

  private static final Sequential NETWORK =
      Sequential.of(
          Linear.of(6, 20),
          LayerNorm.of(20),
          Activation.GELU,
          Dropout.of(1),
          PRelu.of(20),
          Glu.LAYER,
          Linear.of(10, 4),
          LogSoftmax.LAYER);

  private final Arena arena = Arena.ofShared();
  private final Model model = NETWORK.initialize(arena, 1);
  private final FloatArray x = random(ROWS * 6, 2);

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void itAnswersWithTheParametersThatItWasGiven() {
    float[] expected = answer(model.inference(arena, ROWS));
    ServedModel served = model.serve(arena);
    ServedModel loaded = NETWORK.serve(arena, model.stateDict());
    InferenceSession session = served.session(arena, ROWS);
    for (Parameter parameter : model.parameters()) {
      parameter.value().fill(0);
    }
    assertArrayEquals(expected, answer(session));
    assertArrayEquals(expected, answer(served.session(arena, ROWS)), "a second session");
    assertArrayEquals(expected, answer(loaded.session(arena, ROWS)), "from a state dictionary");
    assertEquals(NETWORK, served.network());
  }

  @Test
  void itHasNoGradientsAndSharesItsParametersBetweenSessions() {
    Sequential wide = Sequential.of(Linear.of(500, 500));
    StateDict state = wide.initialize(arena, 1).stateDict();
    long parameters = 4L * 500 * 501;
    Counting counting = new Counting();
    ServedModel served = wide.serve(counting.arena(), state);
    // Outputs are padded to whole panels of 32.
    assertTrue(counting.bytes < 1.1 * parameters, counting.bytes + " bytes for a model");
    counting.bytes = 0;
    for (int i = 0; i < 8; i++) {
      served.session(counting.arena(), 32);
    }
    assertTrue(counting.bytes < 8 * parameters / 3, counting.bytes + " bytes for 8 sessions");
    counting.close();
  }

  @Test
  void aTrainedModelDoesNotChangeWhatIsServed() {
    InferenceSession session = model.serve(arena).session(arena, ROWS);
    float[] before = answer(session);
    TrainingSession training = model.training(arena, ROWS, Loss.negativeLogLikelihood());
    training.forward(x, new int[ROWS]);
    training.backward();
    for (Parameter parameter : model.parameters()) {
      FloatArray value = parameter.value();
      for (long i = 0; i < value.length(); i++) {
        value.set(i, value.get(i) - parameter.gradient().get(i));
      }
    }
    assertArrayEquals(before, answer(session));
    assertFalse(Arrays.equals(before, answer(model.serve(arena).session(arena, ROWS))));
  }

  @Test
  void sessionsOfManyThreadsAnswerAtTheSameTime() throws Exception {
    ServedModel served = model.serve(arena);
    float[] expected = answer(served.session(arena, ROWS));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        running.add(
            threads.submit(
                () -> {
                  InferenceSession session = served.session(arena, ROWS);
                  for (int call = 0; call < 200; call++) {
                    assertArrayEquals(expected, answer(session), "call " + call);
                  }
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
  }

  @Test
  void aClosedModelIsAnExceptionAndNothingIsWritten() {
    InferenceSession session;
    try (Arena closing = Arena.ofShared()) {
      session = model.serve(closing).session(arena, ROWS);
    }
    FloatArray y = FloatArray.allocate(arena, ROWS * 4).fill(7);
    float[] heap = new float[ROWS * 4];
    for (Executable call :
        List.<Executable>of(
            () -> session.forward(x, y),
            () -> session.forward(x, y, 2),
            () -> session.forward(x.toArray(), heap),
            () -> session.forward(x.toArray(), heap, 1))) {
      IllegalStateException refusal = assertThrows(IllegalStateException.class, call);
      assertEquals("this model is closed: its arena is no longer alive", refusal.getMessage());
    }
    for (float value : y.toArray()) {
      assertEquals(7, value);
    }
    assertArrayEquals(new float[ROWS * 4], heap);
  }

  @Test
  void aClosedSessionIsAnException() {
    ServedModel served = model.serve(arena);
    InferenceSession session;
    try (Arena closing = Arena.ofShared()) {
      session = served.session(closing, ROWS);
    }
    IllegalStateException refusal =
        assertThrows(IllegalStateException.class, () -> answer(session));
    assertTrue(refusal.getMessage().startsWith("the scratch of this session is closed"));
    answer(served.session(arena, ROWS));
  }

  @Test
  void aModelOfOneThreadRefusesOthers() throws InterruptedException {
    Throwable[] thrown = new Throwable[1];
    try (Arena confined = Arena.ofConfined()) {
      ServedModel served = model.serve(confined);
      InferenceSession session = served.session(arena, ROWS);
      Thread other = new Thread(() -> answer(session));
      other.setUncaughtExceptionHandler((thread, e) -> thrown[0] = e);
      other.start();
      other.join();
    }
    assertEquals(WrongThreadException.class, thrown[0].getClass());
    assertTrue(thrown[0].getMessage().startsWith("this model is confined to another thread"));
  }

  @Test
  void namesAndShapesThatDoNotFitAreRefused() {
    StateDict state = model.stateDict();
    StateDict missing = without(state, "4.weight");
    refused(
        "the dictionary has no entry 4.weight, only " + missing.names(),
        () -> NETWORK.serve(arena, missing));
    StateDict other = without(state, "1.bias");
    other.put("1.bias", Shape.of(19), FloatArray.allocate(arena, 19));
    refused("1.bias has shape [19], but [20] is needed", () -> NETWORK.serve(arena, other));
    StateDict more = without(state, "none");
    more.put("9.weight", Shape.of(2), FloatArray.allocate(arena, 2));
    refused(
        "the entries are " + more.names() + ", but the network has 7 parameters",
        () -> NETWORK.serve(arena, more));
    assertEquals(
        "parameters is null",
        assertThrows(NullPointerException.class, () -> NETWORK.serve(arena, null)).getMessage());
    assertThrows(NullPointerException.class, () -> NETWORK.serve(null, state));
    refused("maxBatch is 0, must be at least 1", () -> model.serve(arena).session(arena, 0));
  }

  @Test
  void aServedSessionCannotBeRefreshed() {
    InferenceSession session = model.serve(arena).session(arena, 1);
    UnsupportedOperationException refusal =
        assertThrows(UnsupportedOperationException.class, session::refresh);
    assertEquals(
        "this session answers with a served model, which does not change: serve another one",
        refusal.getMessage());
  }

  @Test
  void rowsThatDoNotFitAreRefused() {
    InferenceSession session = model.serve(arena).session(arena, 3);
    FloatArray y = FloatArray.allocate(arena, 40);
    for (int wrong : new int[] {0, -1, 4, Integer.MAX_VALUE}) {
      String count = "count is " + wrong + ", not from 1 to 3";
      refused(count, () -> session.forward(x, y, wrong));
      refused(count, () -> session.forward(new float[24], new float[16], wrong));
    }
    String features = "features has 11 elements and outputs 40, 2 rows of 6 and of 4 are needed";
    refused(features, () -> session.forward(x.slice(0, 11), y, 2));
    refused(features, () -> session.forward(new float[11], new float[40], 2));
    String outputs = "features has 12 elements and outputs 7, 2 rows of 6 and of 4 are needed";
    refused(outputs, () -> session.forward(x.slice(0, 12), y.slice(0, 7), 2));
    refused(outputs, () -> session.forward(new float[12], new float[7], 2));
    refused(
        "features has 13 elements, not 1 to 3 rows of 6",
        () -> session.forward(new float[13], new float[8]));
    refused(
        "outputs has 9 elements, 2 rows of 4 are needed",
        () -> session.forward(new float[12], new float[9]));
    refused("outputs overlaps features", () -> session.forward(x, x.slice(20, 40), 2));
    for (Executable call :
        List.<Executable>of(
            () -> session.forward((float[]) null, new float[8]),
            () -> session.forward((float[]) null, new float[8], 2),
            () -> session.forward((FloatArray) null, y, 2))) {
      assertEquals("features is null", assertThrows(NullPointerException.class, call).getMessage());
    }
    for (Executable call :
        List.<Executable>of(
            () -> session.forward(new float[12], null),
            () -> session.forward(new float[12], null, 2),
            () -> session.forward(x, null, 2))) {
      assertEquals("outputs is null", assertThrows(NullPointerException.class, call).getMessage());
    }
    assertArrayEquals(new float[40], y.toArray(), "after refused calls");
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call, message).getMessage());
  }

  private static StateDict without(StateDict state, String left) {
    StateDict others = new StateDict();
    for (String name : state.names()) {
      if (!name.equals(left)) {
        others.put(name, state.get(name).shape(), state.get(name).values());
      }
    }
    return others;
  }

  private float[] answer(InferenceSession session) {
    float[] outputs = new float[ROWS * NETWORK.outputs()];
    session.forward(x.toArray(), outputs);
    return outputs;
  }

  private FloatArray random(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    FloatArray values = FloatArray.allocate(arena, n);
    for (int i = 0; i < n; i++) {
      values.set(i, (float) random.nextGaussian());
    }
    return values;
  }

  /// An arena that counts what is taken from it.
  private static final class Counting {
    private final Arena counted = Arena.ofShared();
    long bytes;

    Arena arena() {
      return new Arena() {
        @Override
        public MemorySegment allocate(long size, long alignment) {
          bytes += size;
          return counted.allocate(size, alignment);
        }

        @Override
        public MemorySegment.Scope scope() {
          return counted.scope();
        }

        @Override
        public void close() {
          counted.close();
        }
      };
    }

    void close() {
      counted.close();
    }
  }
}
