package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Batch;
import io.github.lanewise.core.CrossEntropy;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a training session does besides forward and backward: it shows its outputs, takes their
/// gradient from the caller, and evaluates.
class TrainingPassesTest {
  private static final int IN = 5;
  private static final int OUT = 3;
  private static final int MOST_ROWS = 70;

  private final Arena arena = Arena.ofConfined();
  private final Model model =
      Sequential.of(Linear.of(IN, 20), LayerNorm.of(20), Activation.GELU, Linear.of(20, OUT))
          .initialize(arena, 1);
  private final TrainingSession classifier = model.training(arena, MOST_ROWS, Loss.crossEntropy());
  private final TrainingSession regression =
      model.training(arena, MOST_ROWS, Loss.meanSquaredError());

  @AfterEach
  void close() {
    arena.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 31, 32, 33, 70})
  void backwardFromTheGradientOfTheLossIsBackward(int rows) {
    FloatArray x = random(rows * IN, rows);
    int[] labels = labels(rows);
    classifier.forward(x, labels);
    classifier.backward();
    List<float[]> expected = takeGradients();

    classifier.forward(x);
    FloatArray logits = FloatArray.allocate(arena, (long) rows * OUT);
    classifier.outputs(logits);
    Batch outputs = Batch.allocate(arena, rows, OUT);
    Batch gradient = Batch.allocate(arena, rows, OUT);
    outputs.load(logits, 0);
    CrossEntropy.OF_LOGITS.lossAndGradient(outputs, labels, gradient);
    FloatArray gy = FloatArray.allocate(arena, (long) rows * OUT);
    gradient.store(gy, 0);
    classifier.backwardFrom(gy);
    assertSame(expected, takeGradients());

    // After a loss too: the gradient of the caller counts instead of that of the loss.
    regression.forward(x, FloatArray.allocate(arena, (long) rows * OUT));
    regression.backwardFrom(gy);
    assertSame(expected, takeGradients());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 9, 45, 70})
  void outputsAreThoseOfInference(int rows) {
    FloatArray x = random(rows * IN, rows);
    FloatArray expected = FloatArray.allocate(arena, (long) rows * OUT);
    model.inference(arena, rows).forward(x, expected);
    for (Executable call :
        List.<Executable>of(
            () -> classifier.forward(x, labels(rows)),
            () -> classifier.forward(x),
            () -> classifier.evaluate(x, labels(rows)))) {
      FloatArray y = FloatArray.allocate(arena, expected.length());
      assertDoesNotThrow(call);
      classifier.outputs(y);
      assertArrayEquals(expected.toArray(), y.toArray());
    }
  }

  @Test
  void evaluationIsTheLossAndLeavesNoGradient() {
    FloatArray x = random(45 * IN, 3);
    FloatArray targets = random(45 * OUT, 4);
    float ofClasses = classifier.evaluate(x, labels(45));
    float ofTargets = regression.evaluate(x, targets);
    assertNotEquals(0f, ofClasses);
    for (float[] gradient : takeGradients()) {
      assertArrayEquals(new float[gradient.length], gradient);
    }
    assertEquals(ofClasses, classifier.forward(x, labels(45)));
    assertEquals(ofTargets, regression.forward(x, targets));
    // An evaluation in between ends the step, instead of mixing two batches.
    classifier.evaluate(x, labels(45));
    assertRefused("backward needs a forward before it", classifier::backward);
    assertRefused("backward needs a forward before it", () -> classifier.backwardFrom(targets));
    assertEquals(1, classifier.step());
  }

  @Test
  void callsThatComeTooEarlyAreRefused() {
    FloatArray y = FloatArray.allocate(arena, 2 * OUT);
    FloatArray x = random(2 * IN, 1);
    assertRefused("outputs needs a forward before it", () -> classifier.outputs(y));
    assertRefused("backward needs a forward before it", () -> classifier.backwardFrom(y));
    classifier.forward(x);
    String message = "backward needs a forward with a loss before it, or a gradient of the outputs";
    assertRefused(message, classifier::backward);
    assertRefused(message, () -> classifier.backward(FloatArray.allocate(arena, 2 * IN)));
    classifier.backwardFrom(y);
    assertRefused("backward needs a forward before it", () -> classifier.backwardFrom(y));
    classifier.outputs(y);
    assertThrows(IllegalArgumentException.class, () -> classifier.forward(x.slice(0, 3)));
    assertRefused("outputs needs a forward before it", () -> classifier.outputs(y));
  }

  @Test
  void arraysThatDoNotFitAreRefusedAndChangeNothing() {
    FloatArray x = random(2 * IN, 1);
    classifier.forward(x, labels(2));
    FloatArray y = FloatArray.allocate(arena, 2 * OUT + 1).fill(7);
    String size = " has 7 elements, 2 rows of 3 are needed";
    assertEquals(
        "y" + size,
        assertThrows(IllegalArgumentException.class, () -> classifier.outputs(y)).getMessage());
    assertEquals(
        "gy" + size,
        assertThrows(IllegalArgumentException.class, () -> classifier.backwardFrom(y))
            .getMessage());
    assertEquals(
        "targets" + size,
        assertThrows(IllegalArgumentException.class, () -> regression.evaluate(x, y)).getMessage());
    assertEquals(
        "labels has 3 elements, features has 2 rows",
        assertThrows(IllegalArgumentException.class, () -> classifier.evaluate(x, labels(3)))
            .getMessage());
    for (Executable call :
        List.<Executable>of(
            () -> classifier.outputs(null),
            () -> classifier.backwardFrom(null),
            () -> classifier.forward(null),
            () -> classifier.evaluate(null, labels(2)),
            () -> classifier.evaluate(x, (int[]) null),
            () -> regression.evaluate(x, (FloatArray) null))) {
      classifier.forward(x, labels(2));
      String message = assertThrows(NullPointerException.class, call).getMessage();
      assertEquals("is null", message.substring(message.indexOf(' ') + 1), message);
    }
    for (float[] gradient : takeGradients()) {
      assertArrayEquals(new float[gradient.length], gradient);
    }
    for (float value : y.toArray()) {
      assertEquals(7, value);
    }
  }

  @Test
  void aGradientThatDoesNotFitCanBeCorrected() {
    FloatArray x = random(40 * IN, 1);
    classifier.forward(x, labels(40));
    classifier.backward();
    List<float[]> expected = takeGradients();
    classifier.forward(x, labels(40));
    FloatArray wrong = FloatArray.allocate(arena, 5);
    assertThrows(IllegalArgumentException.class, () -> classifier.backwardFrom(wrong));
    FloatArray closed;
    try (Arena closing = Arena.ofConfined()) {
      closed = FloatArray.allocate(closing, 40 * OUT);
    }
    assertThrows(IllegalStateException.class, () -> classifier.backwardFrom(closed));
    classifier.backward();
    assertSame(expected, takeGradients());
  }

  private static void assertRefused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalStateException.class, call).getMessage());
  }

  private static void assertSame(List<float[]> expected, List<float[]> actual) {
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), "parameter " + i);
    }
  }

  /// Returns the gradients of all parameters, and sets them to zero.
  private List<float[]> takeGradients() {
    List<float[]> gradients = new ArrayList<>();
    for (Parameter parameter : model.parameters()) {
      gradients.add(parameter.gradient().toArray());
      parameter.gradient().fill(0);
    }
    return gradients;
  }

  private static int[] labels(int rows) {
    return new SplittableRandom(rows).ints(rows, 0, OUT).toArray();
  }

  private FloatArray random(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    FloatArray values = FloatArray.allocate(arena, n);
    for (int i = 0; i < n; i++) {
      values.set(i, (float) random.nextGaussian());
    }
    return values;
  }
}
