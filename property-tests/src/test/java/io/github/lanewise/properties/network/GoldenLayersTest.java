package io.github.lanewise.properties.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.ParameterSpec;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.Dropout;
import io.github.lanewise.nn.LayerNorm;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.PRelu;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.nn.io.SafeTensors;
import io.github.lanewise.properties.support.GoldenFile;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Layers, and a network of them, that PyTorch ran in double precision.
class GoldenLayersTest {
  private static final GoldenFile GOLDEN = GoldenFile.read("layers.safetensors");

  /// Sums of up to 37 terms of values around 1: tens of roundings of 6e-8, of the largest value.
  private static final double ERROR = 3e-6;

  private static final Sequential NETWORK =
      Sequential.of(
          Linear.of(6, 10),
          LayerNorm.of(10),
          Activation.GELU,
          new Dropout(0.25, 1),
          Linear.of(10, 8),
          PRelu.of(8),
          Glu.LAYER,
          PRelu.of(),
          Linear.of(4, 5),
          LogSoftmax.LAYER);

  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void layerNormIsThatOfPyTorch() {
    assertLayer("LayerNorm", LayerNorm.of(GOLDEN.shape("LayerNorm.x")[1]));
  }

  @Test
  void softmaxIsThatOfPyTorch() {
    assertLayer("Softmax", Softmax.LAYER);
  }

  @Test
  void logSoftmaxIsThatOfPyTorch() {
    assertLayer("LogSoftmax", LogSoftmax.LAYER);
  }

  private void assertLayer(String name, Layer layer) {
    List<FloatArray> parameters = new ArrayList<>();
    List<FloatArray> gradients = new ArrayList<>();
    for (ParameterSpec spec : layer.parameters()) {
      parameters.add(FloatArray.of(arena, GOLDEN.floats(name + "." + spec.name())));
      gradients.add(FloatArray.allocate(arena, spec.shape().elements()));
    }
    Batch x = batch(name + ".x");
    Batch gy = batch(name + ".gy");
    Batch y = Batch.allocate(arena, x.rows(), x.features());
    Batch gx = Batch.allocate(arena, x.rows(), x.features());
    layer.forward(x, parameters, y);
    assertClose(name + ".y", rows(y));
    layer.backward(x, y, gy, parameters, gradients, gx);
    assertClose(name + ".gx", rows(gx));
    for (int i = 0; i < gradients.size(); i++) {
      String gradient = name + ".grad." + layer.parameters().get(i).name();
      assertClose(gradient, gradients.get(i).toArray());
    }
  }

  @Test
  void aNetworkLoadsThePyTorchModelAndHasItsValues() throws Exception {
    StateDict state = SafeTensors.read(arena, GoldenFile.path("layers_state_dict.safetensors"));
    Model model = NETWORK.initialize(arena, 1);
    assertEquals(state.names(), model.stateDict().names());
    model.stateDict().copyFrom(state);
    FloatArray x = FloatArray.of(arena, GOLDEN.floats("net.x"));
    int rows = GOLDEN.shape("net.x")[0];
    FloatArray y = FloatArray.allocate(arena, rows * 5L);
    model.inference(arena, rows).forward(x, y);
    assertClose("net.y", y.toArray());
    y.fill(Float.NaN);
    NETWORK.serve(arena, state).session(arena, rows).forward(x, y);
    assertClose("net.y", y.toArray());
    TrainingSession training = model.training(arena, rows, Loss.negativeLogLikelihood());
    float loss = training.evaluate(x, GOLDEN.classes("net.class"));
    assertClose("net.loss", new float[] {loss});
  }

  @Test
  void theGradientsOfTheNetworkAreThoseOfPyTorch() throws Exception {
    // Without dropout, which evaluation leaves out.
    List<Layer> layers = new ArrayList<>(NETWORK.layers());
    layers.set(3, new Dropout(0, 1));
    Model model = Sequential.of(layers.toArray(Layer[]::new)).initialize(arena, 1);
    model
        .stateDict()
        .copyFrom(SafeTensors.read(arena, GoldenFile.path("layers_state_dict.safetensors")));
    FloatArray x = FloatArray.of(arena, GOLDEN.floats("net.x"));
    FloatArray gx = FloatArray.allocate(arena, x.length());
    int rows = GOLDEN.shape("net.x")[0];
    TrainingSession training = model.training(arena, rows, Loss.negativeLogLikelihood());
    float loss = training.forward(x, GOLDEN.classes("net.class"));
    training.backward(gx);
    assertClose("net.loss", new float[] {loss});
    assertClose("net.gx", gx.toArray());
    for (Parameter parameter : model.parameters()) {
      assertClose("net.grad." + parameter.name(), parameter.gradient().toArray());
    }
  }

  private Batch batch(String name) {
    int[] shape = GOLDEN.shape(name);
    Batch batch = Batch.allocate(arena, shape[0], shape[1]);
    batch.load(FloatArray.of(arena, GOLDEN.floats(name)), 0);
    return batch;
  }

  private float[] rows(Batch batch) {
    FloatArray rows = FloatArray.allocate(arena, (long) batch.rows() * batch.features());
    batch.store(rows, 0);
    return rows.toArray();
  }

  private static void assertClose(String name, float[] actual) {
    double[] exact = GOLDEN.doubles(name);
    assertEquals(exact.length, actual.length, name);
    double largest = 0;
    for (double value : exact) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < exact.length; i++) {
      assertEquals(exact[i], actual[i], ERROR * largest, name + "[" + i + "]");
    }
  }
}
