package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// A call of a session that fails changes no parameter, no gradient and no array of the caller.
class FailedCallTest {
  private final Arena arena = Arena.ofConfined();
  private final int[] labels = {0, 2};
  private Model model;
  private TrainingSession training;

  /// Eight elements; the features are the first six, so that a slice can overlap them.
  private FloatArray memory;

  private FloatArray features;

  @BeforeEach
  void goForward() {
    model =
        Sequential.of(PRelu.of(3), Linear.of(3, 4), Activation.GELU, Linear.of(4, 3))
            .initialize(arena, 1);
    training = model.training(arena, 4, Loss.crossEntropy());
    memory = FloatArray.of(arena, 1, -2, 3, -4, 5, -6, 7, 8);
    features = memory.slice(0, 6);
    training.forward(features, labels);
  }

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void aGradientOfFeaturesThatDoesNotFitIsRefusedBeforeAnyGradientIsAdded() {
    FloatArray closed;
    try (Arena closing = Arena.ofConfined()) {
      closed = FloatArray.allocate(closing, 6);
    }
    refused("gx has 5 elements, features has 6", memory.slice(0, 5));
    String overlap =
        "gx overlaps features; it must be the array that forward was given, or a separate one";
    refused(overlap, memory.slice(1, 6));
    refused(overlap, memory.slice(0, 6));
    FloatArray weight = model.parameters().get(1).value();
    FloatArray gradient = model.parameters().get(1).gradient();
    refused("gx overlaps a parameter of the model or its gradient", weight.slice(2, 6));
    refused("gx overlaps a parameter of the model or its gradient", gradient.slice(2, 6));
    leavesNoTrace(IllegalStateException.class, () -> training.backward(closed));
    training.backward(features);
    assertFalse(Arrays.equals(new float[6], features.toArray()), "no gradient was written");
  }

  @Test
  void anotherThreadThatMayNotTouchTheArraysAddsNothing() throws InterruptedException {
    List<float[]> before = contents();
    FloatArray gx = FloatArray.allocate(arena, 6);
    for (Executable call : List.<Executable>of(training::backward, () -> training.backward(gx))) {
      assertInstanceOf(WrongThreadException.class, onAnotherThread(call));
      assertUnchanged(before);
    }
    training.backward();
  }

  @Test
  void featuresThatWereClosedAfterForwardAddNothing() {
    try (Arena closing = Arena.ofConfined()) {
      training.forward(FloatArray.of(closing, 1, 2, 3), new int[] {1});
    }
    leavesNoTrace(IllegalStateException.class, training::backward);
    FloatArray gx = FloatArray.allocate(arena, 3);
    leavesNoTrace(IllegalStateException.class, () -> training.backward(gx));
    assertArrayEquals(new float[3], gx.toArray());
    training.forward(features, labels);
    training.backward();
  }

  @Test
  void aForwardThatFailsCountsAsNone() {
    FloatArray targets = FloatArray.allocate(arena, 6);
    List<Executable> failing =
        List.of(
            () -> training.forward(null, labels),
            () -> training.forward(features, (int[]) null),
            () -> training.forward(features, (FloatArray) null),
            () -> training.forward(memory, labels),
            () -> training.forward(features, new int[] {0}),
            () -> training.forward(features, new int[] {0, 3}),
            () -> training.forward(features, targets),
            () -> training.forward(features, targets.slice(0, 5)));
    for (Executable call : failing) {
      training.forward(features, labels);
      leavesNoTrace(RuntimeException.class, call);
      IllegalStateException refusal =
          leavesNoTrace(IllegalStateException.class, training::backward);
      assertEquals("backward needs a forward before it", refusal.getMessage());
    }
  }

  @Test
  void outputsThatDoNotFitAreNamedAndNotWritten() {
    InferenceSession session = model.inference(arena, 4);
    FloatArray outputs = FloatArray.of(arena, 1, 2, 3, 4, 5);
    IllegalArgumentException refusal =
        leavesNoTrace(IllegalArgumentException.class, () -> session.forward(features, outputs));
    assertEquals("outputs has 5 elements, 2 rows of 3 are needed", refusal.getMessage());
    assertArrayEquals(new float[] {1, 2, 3, 4, 5}, outputs.toArray());
  }

  private void refused(String message, FloatArray gx) {
    assertEquals(
        message,
        leavesNoTrace(IllegalArgumentException.class, () -> training.backward(gx)).getMessage());
  }

  private <T extends Throwable> T leavesNoTrace(Class<T> type, Executable call) {
    List<float[]> before = contents();
    T failure = assertThrows(type, call);
    assertUnchanged(before);
    return failure;
  }

  private void assertUnchanged(List<float[]> before) {
    List<float[]> after = contents();
    for (int i = 0; i < before.size(); i++) {
      assertArrayEquals(before.get(i), after.get(i));
    }
  }

  private List<float[]> contents() {
    List<float[]> contents = new ArrayList<>();
    contents.add(memory.toArray());
    for (Parameter parameter : model.parameters()) {
      contents.add(parameter.value().toArray());
      contents.add(parameter.gradient().toArray());
    }
    return contents;
  }

  private static Throwable onAnotherThread(Executable call) throws InterruptedException {
    Throwable[] thrown = new Throwable[1];
    Thread thread =
        new Thread(
            () -> {
              try {
                call.execute();
              } catch (Throwable e) {
                thrown[0] = e;
              }
            });
    thread.start();
    thread.join();
    return thrown[0];
  }
}
