package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.io.SafeTensors;
import java.lang.foreign.Arena;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The network that PyTorch trained on, with its outputs and gradients: 9-33-17-4, ReLU then tanh.
class GoldenMlpTest {
  /// A few roundings of sums of up to 33 products in another order than PyTorch's.
  private static final float TOLERANCE = 2e-6f;

  private final Arena arena = Arena.ofConfined();
  private StateDict golden;
  private Model model;

  @BeforeEach
  void loadThePyTorchModel() throws Exception {
    golden = SafeTensors.read(arena, resource("mlp.safetensors"));
    Sequential network =
        Sequential.of(
            Linear.of(9, 33),
            Activation.RELU,
            Linear.of(33, 17),
            Activation.TANH,
            Linear.of(17, 4));
    model = network.initialize(arena, 1);
    model.stateDict().copyFrom(SafeTensors.read(arena, resource("io/mlp_state_dict.safetensors")));
  }

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void logitsAreThoseOfPyTorch() {
    FloatArray logits = FloatArray.allocate(arena, 21 * 4);
    model.inference(arena, 21).forward(array("x"), logits);
    assertClose("logits", array("logits"), logits);
  }

  @Test
  void aRowAloneHasTheBitsOfTheRowInTheBatch() {
    FloatArray batch = FloatArray.allocate(arena, 21 * 4);
    FloatArray alone = FloatArray.allocate(arena, 4);
    InferenceSession session = model.inference(arena, 21);
    session.forward(array("x"), batch);
    for (long row = 0; row < 21; row++) {
      session.forward(array("x").slice(row * 9, 9), alone);
      assertArrayEquals(batch.slice(row * 4, 4).toArray(), alone.toArray(), 0f, "row " + row);
    }
  }

  @Test
  void lossAndGradientsAreThoseOfPyTorch() {
    TrainingSession training = model.training(arena, 21, Loss.crossEntropy());
    FloatArray gx = FloatArray.allocate(arena, 21 * 9);
    float loss = training.forward(array("x"), classes());
    training.backward(gx);
    assertEquals(array("loss").get(0), loss, 4e-7f * loss);
    assertClose("grad.x", array("grad.x"), gx);
    for (Parameter parameter : model.parameters()) {
      assertClose(parameter.name(), array("grad." + parameter.name()), parameter.gradient());
    }
  }

  @Test
  void gradientsAddUpUntilTheyAreZeroed() {
    TrainingSession training = model.training(arena, 32, Loss.crossEntropy());
    for (int pass = 0; pass < 2; pass++) {
      training.forward(array("x"), classes());
      training.backward();
    }
    for (Parameter parameter : model.parameters()) {
      FloatArray once = array("grad." + parameter.name());
      for (long i = 0; i < once.length(); i++) {
        assertEquals(2 * once.get(i), parameter.gradient().get(i), 2 * TOLERANCE);
      }
    }
  }

  private FloatArray array(String name) {
    return golden.get(name).values();
  }

  private int[] classes() {
    int[] classes = new int[21];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = (int) array("class").get(i);
    }
    return classes;
  }

  private static void assertClose(String what, FloatArray expected, FloatArray actual) {
    assertArrayEquals(expected.toArray(), actual.toArray(), TOLERANCE, what);
  }

  private static Path resource(String name) throws URISyntaxException {
    return Path.of(GoldenMlpTest.class.getResource(name).toURI());
  }
}
