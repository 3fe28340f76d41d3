package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.Parameter;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Which values of the parameters a session computes with, while they change.
class SnapshotTest {
  private static final int ROWS = 3;

  private static final Sequential NETWORK =
      Sequential.of(
          PRelu.of(5),
          Linear.of(5, 12),
          Activation.TANH,
          Glu.LAYER,
          PRelu.of(),
          Linear.of(6, 7),
          PRelu.of(7));

  private final Arena arena = Arena.ofConfined();
  private Model model;
  private InferenceSession session;
  private FloatArray x;

  @BeforeEach
  void makeASession() {
    model = NETWORK.initialize(arena, 1);
    session = model.inference(arena, ROWS);
    x = FloatArray.allocate(arena, (long) ROWS * NETWORK.inputs());
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < x.length(); i++) {
      x.set(i, (float) random.nextGaussian());
    }
  }

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void noChangeOfTheParametersShowsBeforeARefresh() {
    float[] before = answer(session);
    for (Parameter parameter : model.parameters()) {
      parameter.value().fill(0);
      assertArrayEquals(before, answer(session), parameter.name() + " is 0");
    }
    session.refresh();
    assertArrayEquals(new float[before.length], answer(session));
  }

  @Test
  void aStepOfTrainingShowsAfterARefreshAndNotBefore() {
    float[] before = answer(session);
    train();
    assertArrayEquals(before, answer(session));
    session.refresh();
    float[] after = answer(session);
    assertFalse(Arrays.equals(before, after), "the step changed nothing");
    assertArrayEquals(after, answer(model.inference(arena, ROWS)), "a new session answers so");
    assertArrayEquals(after, answer(session));
    session.refresh();
    assertArrayEquals(after, answer(session), "a refresh without a change");
  }

  @Test
  void aTrainingSessionAlwaysComputesWithTheParametersAsTheyAre() {
    TrainingSession training = model.training(arena, ROWS, Loss.meanSquaredError());
    FloatArray targets = FloatArray.allocate(arena, (long) ROWS * NETWORK.outputs());
    assertNotEquals(0f, training.forward(x, targets));
    for (Parameter parameter : model.parameters()) {
      parameter.value().fill(0);
    }
    assertEquals(0f, training.forward(x, targets));
  }

  @Test
  void aSessionOutlivesTheMemoryOfItsModel() {
    InferenceSession outliving;
    try (Arena closing = Arena.ofConfined()) {
      outliving = NETWORK.initialize(closing, 1).inference(arena, ROWS);
    }
    float[] before = answer(session);
    assertArrayEquals(before, answer(outliving));
    assertThrows(IllegalStateException.class, outliving::refresh);
    assertArrayEquals(before, answer(outliving), "after a refresh that failed");
  }

  @Test
  void aRefreshThatFailsHalfwayLeavesTheOldSnapshot() {
    HookLayer hook = new HookLayer(4);
    Model two = Sequential.of(Linear.of(5, 4), hook, PRelu.of()).initialize(arena, 3);
    InferenceSession halfway = two.inference(arena, ROWS);
    halfway.refresh();
    float[] before = answer(halfway, 4);
    two.parameters().forEach(parameter -> parameter.value().fill(1));
    hook.onRefresh = SnapshotTest::fail;
    assertThrows(UnsupportedOperationException.class, halfway::refresh);
    assertArrayEquals(before, answer(halfway, 4));
    hook.onRefresh = () -> {};
    halfway.refresh();
    assertFalse(Arrays.equals(before, answer(halfway, 4)), "the second refresh changed nothing");
  }

  private static void fail() {
    throw new UnsupportedOperationException("this refresh fails");
  }

  /// One step of gradient descent, which changes every parameter.
  private void train() {
    TrainingSession training = model.training(arena, ROWS, Loss.meanSquaredError());
    FloatArray targets = FloatArray.allocate(arena, (long) ROWS * NETWORK.outputs()).fill(3);
    training.forward(x, targets);
    training.backward();
    for (Parameter parameter : model.parameters()) {
      for (int i = 0; i < parameter.value().length(); i++) {
        parameter.value().set(i, parameter.value().get(i) - 0.1f * parameter.gradient().get(i));
      }
    }
  }

  private float[] answer(InferenceSession of) {
    return answer(of, NETWORK.outputs());
  }

  private float[] answer(InferenceSession of, int outputs) {
    FloatArray y = FloatArray.allocate(arena, (long) ROWS * outputs);
    of.forward(x, y);
    return y.toArray();
  }
}
