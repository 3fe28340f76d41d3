package io.github.lanewise.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.Layer;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SequentialTest {
  private static final Layer RELU = Activation.RELU;

  static List<Arguments> networks() {
    return List.of(
        Arguments.of(8, 2, List.of(Glu.LAYER, Linear.of(4, 2))),
        Arguments.of(16, 2, List.of(Glu.LAYER, Glu.LAYER, Linear.of(4, 2))),
        Arguments.of(8, 2, List.of(RELU, Glu.LAYER, PRelu.of(), Linear.of(4, 2))),
        Arguments.of(8, 2, List.of(PRelu.of(8), Linear.of(8, 2))),
        Arguments.of(8, 2, List.of(PRelu.of(8), Glu.LAYER, Linear.of(4, 2))),
        Arguments.of(8, 2, List.of(Glu.LAYER, PRelu.of(4), Linear.of(4, 2))),
        Arguments.of(8, 4, List.of(PRelu.of(8), Glu.LAYER)),
        Arguments.of(16, 8, List.of(Glu.LAYER, RELU, PRelu.of(8))),
        Arguments.of(3, 2, List.of(Linear.of(3, 4), Glu.LAYER)));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void theFirstLayerThatFixesAWidthDecidesWhatGoesIn(int inputs, int outputs, List<Layer> layers) {
    Sequential network = network(layers);
    assertEquals(inputs, network.inputs());
    assertEquals(outputs, network.outputs());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void sessionsRunAndTrainTheNetwork(int inputs, int outputs, List<Layer> layers) {
    try (Arena arena = Arena.ofConfined()) {
      Model model = network(layers).initialize(arena, 5);
      FloatArray x = FloatArray.allocate(arena, 3L * inputs);
      for (int i = 0; i < x.length(); i++) {
        x.set(i, (i * 37 % 23 - 11) / 8f);
      }
      FloatArray y = FloatArray.allocate(arena, 3L * outputs);
      FloatArray targets = FloatArray.allocate(arena, y.length());
      model.inference(arena, 3).forward(x, y);
      TrainingSession training = model.training(arena, 3, Loss.meanSquaredError());
      double mean = 0;
      for (float value : y.toArray()) {
        mean += (double) value * value / y.length();
      }
      assertEquals(mean, training.forward(x, targets), 1e-6);

      FloatArray gx = FloatArray.allocate(arena, x.length());
      training.backward(gx);
      float step = 1 / 64f;
      for (int i = 0; i < x.length(); i++) {
        float value = x.get(i);
        x.set(i, value + step);
        float above = training.forward(x, targets);
        x.set(i, value - step);
        float below = training.forward(x, targets);
        x.set(i, value);
        // The third derivative times step^2, and a kink of a ReLU that lies within the step of x.
        assertEquals((above - below) / (2 * step), gx.get(i), 0.01, "gx[" + i + "]");
      }
    }
  }

  @Test
  void aNetworkThatTakesAnyWidthIsRefused() {
    refused(
        "a network needs a Linear layer, or another that fixes how many features it takes, but has"
            + " []");
    refused(
        "a network needs a Linear layer, or another that fixes how many features it takes, but has"
            + " [relu, glu, PRelu(1)]",
        RELU,
        Glu.LAYER,
        PRelu.of());
  }

  @Test
  void layersThatContradictEachOtherAreRefused() {
    refused(
        "layer 1 does not fit: Linear(4, 2) takes 4 features, but gets 6",
        PRelu.of(6),
        Linear.of(4, 2));
    refused(
        "layer 2 does not fit: Linear(4, 2) takes 4 features, but gets 3",
        PRelu.of(6),
        Glu.LAYER,
        Linear.of(4, 2));
    refused("layer 1 does not fit: glu halves its features, but gets 3", PRelu.of(3), Glu.LAYER);
    refused(
        "layer 0 does not fit: glu cannot give 1073741824 features: twice as many are too many",
        Glu.LAYER,
        Linear.of(1 << 30, 1));
  }

  private static void refused(String message, Layer... layers) {
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> Sequential.of(layers)).getMessage());
  }

  private static Sequential network(List<Layer> layers) {
    return Sequential.of(layers.toArray(Layer[]::new));
  }
}
