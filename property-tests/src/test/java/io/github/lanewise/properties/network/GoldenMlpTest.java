package io.github.lanewise.properties.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.nn.io.SafeTensors;
import io.github.lanewise.properties.support.GoldenFile;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A network that PyTorch ran: its outputs, loss and gradients are PyTorch's.
///
/// Nothing here knows the network: sizes and activations come from the manifest and the files.
class GoldenMlpTest {
  private static final GoldenFile GOLDEN = GoldenFile.read("mlp.safetensors");

  private final Arena arena = Arena.ofConfined();
  private Model model;
  private FloatArray x;
  private int rows;
  private int inputs;
  private int outputs;

  @BeforeEach
  void loadThePyTorchModel() throws Exception {
    GoldenMlp description = GoldenMlp.read();
    assertEquals("cross_entropy mean", description.loss());
    model = description.network().initialize(arena, 1);
    model
        .stateDict()
        .copyFrom(SafeTensors.read(arena, GoldenFile.path("mlp_state_dict.safetensors")));
    int[] shape = GOLDEN.shape("x");
    x = array("x");
    rows = shape[0];
    inputs = shape[1];
    outputs = model.network().outputs();
  }

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void theStateDictionaryHoldsTheParametersOfTheRun() {
    for (Parameter parameter : model.parameters()) {
      String name = "param." + parameter.name();
      long[] sizes = Arrays.stream(GOLDEN.shape(name)).asLongStream().toArray();
      assertEquals(Shape.of(sizes), parameter.shape(), name);
      assertArrayEquals(GOLDEN.floats(name), parameter.value().toArray(), name);
    }
  }

  @Test
  void logitsAreThoseOfPyTorch() {
    FloatArray logits = FloatArray.allocate(arena, (long) rows * outputs);
    model.inference(arena, rows).forward(x, logits);
    assertClose("logits", array("logits"), logits, 1);
  }

  @Test
  void aRowAloneHasTheBitsOfTheRowInTheBatch() {
    FloatArray batch = FloatArray.allocate(arena, (long) rows * outputs);
    FloatArray alone = FloatArray.allocate(arena, outputs);
    InferenceSession session = model.inference(arena, rows);
    session.forward(x, batch);
    for (long row = 0; row < rows; row++) {
      session.forward(x.slice(row * inputs, inputs), alone);
      float[] expected = batch.slice(row * outputs, outputs).toArray();
      assertArrayEquals(expected, alone.toArray(), "row " + row);
    }
  }

  @Test
  void lossAndGradientsAreThoseOfPyTorch() {
    TrainingSession training = model.training(arena, rows, Loss.crossEntropy());
    FloatArray gx = FloatArray.allocate(arena, x.length());
    float loss = training.forward(x, classes());
    training.backward(gx);
    assertClose("loss", array("loss"), FloatArray.of(arena, loss), 1);
    assertClose("grad.x", array("grad.x"), gx, 1);
    for (Parameter parameter : model.parameters()) {
      FloatArray expected = array("grad." + parameter.name());
      assertClose(parameter.name(), expected, parameter.gradient(), 1);
    }
  }

  @Test
  void gradientsAddUpUntilTheyAreZeroed() {
    TrainingSession training = model.training(arena, rows + 11, Loss.crossEntropy());
    for (int pass = 0; pass < 2; pass++) {
      training.forward(x, classes());
      training.backward();
    }
    for (Parameter parameter : model.parameters()) {
      FloatArray once = array("grad." + parameter.name());
      assertClose(parameter.name(), once, parameter.gradient(), 2);
    }
  }

  private FloatArray array(String name) {
    return FloatArray.of(arena, GOLDEN.floats(name));
  }

  private int[] classes() {
    return GOLDEN.classes("class");
  }

  /// Requires `times` the expected values. PyTorch adds the products in another order: each float
  /// sum of n terms is off by at most n roundings of 2^-24, of terms that may be larger than what
  /// is left of them when they have cancelled. Twice for the two sides, twice for what cancels.
  private void assertClose(String what, FloatArray expected, FloatArray actual, int times) {
    assertEquals(expected.length(), actual.length(), what);
    int terms = Math.max(rows, Collections.max(widths()));
    double largest = 0;
    for (float value : expected.toArray()) {
      largest = Math.max(largest, Math.abs(value));
    }
    double tolerance = 4 * terms * 0x1p-24 * times * largest;
    for (long i = 0; i < expected.length(); i++) {
      assertEquals(times * expected.get(i), actual.get(i), tolerance, what + "[" + i + "]");
    }
  }

  private List<Integer> widths() {
    return model.network().layers().stream()
        .filter(Linear.class::isInstance)
        .map(Linear.class::cast)
        .map(linear -> Math.max(linear.in(), linear.out()))
        .toList();
  }
}
