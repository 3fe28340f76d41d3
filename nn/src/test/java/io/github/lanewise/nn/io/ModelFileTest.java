package io.github.lanewise.nn.io;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.Dropout;
import io.github.lanewise.nn.LayerNorm;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.PRelu;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.ServedModel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ModelFileTest {
  private static final Sequential NETWORK =
      Sequential.of(
          Linear.of(3, 4), Activation.leakyRelu(0.2), new LayerNorm(4, 0.001), Linear.of(4, 2));

  private final Arena arena = Arena.ofConfined();
  @TempDir Path directory;

  @AfterEach
  void close() {
    arena.close();
  }

  private FeatureScaling scaling() {
    FloatArray values = FloatArray.of(arena, 0, -5, 1000, 4, 5, 3000, 2, 0, 1500);
    return FeatureScaling.fit(DataSet.unlabelled(values, 3));
  }

  private static float[] answers(Arena arena, ServedModel model, float[] x, int rows) {
    float[] y = new float[rows * model.network().outputs()];
    model.session(arena, rows).forward(x, y, rows);
    return y;
  }

  @Test
  void whatWasWrittenComesBackWhole() throws IOException {
    Model model = NETWORK.initialize(arena, 5);
    Path file = directory.resolve("model.safetensors");
    List<String> names = List.of("yes, \"sure\"", "n\u00f6");
    ModelFile.of(model)
        .withTask(Task.MULTILABEL, names)
        .withFeatures(List.of("a", "b", "c"), scaling())
        .withWriter("lanewise 7")
        .write(file);

    ModelFile back = ModelFile.read(arena, file);
    assertEquals(NETWORK.toString(), back.network().toString());
    assertEquals(Task.MULTILABEL, back.task());
    assertEquals(names, back.outputNames());
    assertEquals("n\u00f6", back.outputName(1));
    assertEquals(List.of("a", "b", "c"), back.featureNames());
    assertEquals(scaling().toString(), back.scaling().toString());
    assertEquals("lanewise 7", back.writer());
    assertThrows(IndexOutOfBoundsException.class, () -> back.outputName(2));
    for (String name : model.stateDict().names()) {
      assertArrayEquals(
          model.stateDict().get(name).values().toArray(),
          back.parameters().get(name).values().toArray());
    }
  }

  @Test
  void aServedModelScalesRowsItself() throws IOException {
    Model model = NETWORK.initialize(arena, 5);
    Path file = directory.resolve("model.safetensors");
    ModelFile.of(model).withFeatures(List.of(), scaling()).write(file);
    float[] raw = {1, 2, 1100, 3, -4, 2900, 0, 0, 1000};
    DataSet data = DataSet.unlabelled(FloatArray.of(arena, raw), 3);
    scaling().applyTo(data);
    float[] expected = answers(arena, model.serve(arena), data.features().toArray(), 3);

    ServedModel served = ModelFile.read(arena, file).serve(arena);
    assertArrayEquals(expected, answers(arena, served, raw, 3), 1e-6f);
    float[] one = {1, 2, 1100};
    assertArrayEquals(
        new float[] {expected[0], expected[1]}, answers(arena, served, one, 1), 1e-6f);
  }

  static Stream<Layer> layers() {
    return Stream.concat(
        Activation.defaults().stream(),
        Stream.of(
            Activation.leakyRelu(0.3),
            Activation.elu(2),
            Activation.celu(0.5),
            Activation.softplus(2, 15),
            Activation.hardtanh(-0.5, 2),
            Activation.hardshrink(0.25),
            Activation.softshrink(0.25),
            Activation.threshold(0.25, -0.5),
            LayerNorm.of(6),
            new LayerNorm(6, 1e-3),
            PRelu.of(),
            PRelu.of(6),
            Dropout.of(1),
            new Dropout(0.125, 7),
            Softmax.LAYER,
            LogSoftmax.LAYER,
            Glu.LAYER));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void everyLayerComesBackAsItWas(Layer layer) throws IOException {
    Sequential network = Sequential.of(Linear.of(2, 6), layer);
    Path file = directory.resolve("model.safetensors");
    ModelFile.of(network.initialize(arena, 1)).write(file);
    assertEquals(network.toString(), ModelFile.read(arena, file).network().toString());
  }

  @Test
  void refusesLayersThatNobodyElseKnows() {
    Layer ours =
        new Layer() {
          @Override
          public void forward(Batch x, List<FloatArray> parameters, Batch y) {}

          @Override
          public void backward(
              Batch x,
              Batch y,
              Batch gy,
              List<FloatArray> parameters,
              List<FloatArray> gradients,
              Batch gx) {}

          @Override
          public String toString() {
            return "relu";
          }
        };
    Model model = Sequential.of(Linear.of(2, 2), ours).initialize(arena, 1);
    Path file = directory.resolve("model.safetensors");
    var e = assertThrows(IllegalArgumentException.class, () -> ModelFile.of(model).write(file));
    assertEquals(
        "a model file cannot hold the layer relu, which is not one of Lanewise's own",
        e.getMessage());
    assertTrue(Files.notExists(file));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "lanewise.version|2|is a model file of version '2'; this Lanewise reads version 1",
        "lanewise.colour|red|has the setting 'lanewise.colour', which this Lanewise does not know",
        "lanewise.task|guess|unknown task 'guess': it must be one of classification, regression,"
            + " multilabel",
        "lanewise.layers|relu|lanewise.layers is 'relu', not an array of strings",
        "lanewise.layers|[\"relu\",7]|lanewise.layers is '[\"relu\",7]', not an array of strings",
        "lanewise.layers|[\"relu\"] x|lanewise.layers is '[\"relu\"] x', not an array of strings",
        "lanewise.layers|[\"Conv(3)\"]|unknown layer 'Conv(3)'",
        "lanewise.layers|[\"Linear(3)\"]|unknown layer 'Linear(3)'",
        "lanewise.layers|[\"Linear(3, 4\"]|unknown layer 'Linear(3, 4'",
        "lanewise.layers|[\"Linear(3, four)\"]"
            + "|layer 'Linear(3, four)' has the setting 'four', not a number",
        "lanewise.layers|[\"Linear(3, 2.5)\"]|2.5 is not a number of features",
        "lanewise.layers|[\"elu(NaN)\"]|alpha is NaN, must be finite as a float",
        "lanewise.layers|[\"Dropout(2)\"]|p is 2.0, must be at least 0 and below 1",
        "lanewise.layers|[\"relu\"]|a network needs a Linear layer, or another that fixes how many"
            + " features it takes, but has [relu]",
        "lanewise.layers|[\"Linear(3, 2)\",\"Linear(3, 2)\"]"
            + "|layer 1 does not fit: Linear(3, 2) takes 3 features, but gets 2",
        "lanewise.layers|[\"Linear(3, 5)\"]"
            + "|the parameters are [0.bias, 0.weight, 2.bias, 2.weight, 3.bias, 3.weight], but the"
            + " network has [0.weight, 0.bias]",
        "lanewise.layers|[\"Linear(3, 5)\",\"relu\",\"LayerNorm(5)\",\"Linear(5, 2)\"]"
            + "|0.weight has shape [4, 3], but [5, 3] is needed",
        "lanewise.outputs|[\"a\"]|there are 1 names for the 2 outputs of the network",
        "lanewise.features|[\"a\"]|there are 1 names for the 3 features of the network",
        "lanewise.scaling|1;2|the scaling has 1 minima and 1 ranges for 3 columns",
        "lanewise.scaling|1,2,3;1,0,1|the scaling has range 0.0 for column 2, must be above 0",
      })
  void refusesSettingsThatAreWrong(String key, String value, String message) throws IOException {
    Path file = directory.resolve("model.safetensors");
    ModelFile.of(NETWORK.initialize(arena, 1)).write(file);
    SafeTensors.Contents contents = SafeTensors.readContents(arena, file);
    Map<String, String> metadata = new HashMap<>(contents.metadata());
    metadata.put(key, value);
    SafeTensors.write(file, contents.tensors(), metadata);
    var e = assertThrows(FileException.class, () -> ModelFile.read(arena, file));
    assertEquals(file + ": " + message, e.getMessage());
  }

  @Test
  void refusesWhatWasDamaged() throws IOException {
    Path file = directory.resolve("model.safetensors");
    ModelFile.of(NETWORK.initialize(arena, 1)).write(file);
    String text = Files.readString(file, ISO_8859_1);
    Files.writeString(file, text.replace("leaky_relu(0.2)", "leaky_relu(0.3)"), ISO_8859_1);
    var e = assertThrows(FileException.class, () -> ModelFile.read(arena, file));
    assertTrue(e.getMessage().startsWith(file + ": is damaged: its content has SHA-256"));
    SafeTensors.write(file, new StateDict());
    e = assertThrows(FileException.class, () -> ModelFile.read(arena, file));
    assertEquals(
        file
            + ": holds parameters without a description of their layers, which has to be given: it"
            + " is no model file",
        e.getMessage());
  }

  @Test
  void readsWhatEarlySnapshotsWrote() throws IOException {
    Sequential network = Sequential.of(Linear.of(3, 4), Activation.GELU, Linear.of(4, 2));
    Model model = network.initialize(arena, 5);
    Path file = directory.resolve("model.safetensors");
    String text = scaling().toString();
    SafeTensors.write(file, model.stateDict(), Map.of("activation", "gelu", "scaling", text));
    ModelFile back = ModelFile.read(arena, file);
    assertEquals(network.toString(), back.network().toString());
    assertEquals(text, back.scaling().toString());
    assertEquals(Task.CLASSIFICATION, back.task());
    for (Map<String, String> wrong :
        List.of(
            Map.of("activation", "gelu"),
            Map.of("activation", "glu", "scaling", text),
            Map.of("activation", "ulge", "scaling", text),
            Map.of("activation", "gelu", "scaling", "z" + text))) {
      SafeTensors.write(file, model.stateDict(), wrong);
      assertThrows(FileException.class, () -> ModelFile.read(arena, file));
    }
  }

  @Test
  void readsABareStateDictUnderAnyNames() throws IOException {
    Model model = NETWORK.initialize(arena, 5);
    Path file = directory.resolve("bare.safetensors");
    StateDict own = model.stateDict();
    StateDict renamed = new StateDict();
    String[] names = {"fc2.weight", "fc2.bias", "fc10.weight", "fc10.bias", "out.weight"};
    int next = 0;
    for (String name : own.names()) {
      String other = next < names.length ? names[next] : "out.bias";
      renamed.put(other, own.get(name).shape(), own.get(name).values());
      next++;
    }
    for (StateDict each : List.of(own, renamed)) {
      SafeTensors.write(file, each);
      StateDict found = ModelFile.read(arena, file, NETWORK).parameters();
      assertEquals(own.names(), Set.copyOf(found.names()));
      for (String name : own.names()) {
        assertArrayEquals(
            own.get(name).values().toArray(), found.get(name).values().toArray(), name);
      }
    }
    Sequential shorter = Sequential.of(Linear.of(3, 4));
    var e = assertThrows(FileException.class, () -> ModelFile.read(arena, file, shorter));
    assertEquals(
        file
            + ": has the 6 parameters [fc2.weight, fc2.bias, fc10.weight, fc10.bias, out.weight,"
            + " out.bias], but the network has 2: [0.weight, 0.bias]",
        e.getMessage());
    Sequential wider = Sequential.of(Linear.of(3, 5), LayerNorm.of(5), Linear.of(5, 2));
    e = assertThrows(FileException.class, () -> ModelFile.read(arena, file, wider));
    assertEquals(file + ": fc2.weight has shape [4, 3], but [5, 3] is needed", e.getMessage());
  }

  @Test
  void refusesModelsThatDoNotFitThemselves() {
    Model model = NETWORK.initialize(arena, 1);
    ModelFile file = ModelFile.of(model);
    assertThrows(
        IllegalArgumentException.class, () -> file.withTask(Task.REGRESSION, List.of("a")));
    assertThrows(
        IllegalArgumentException.class, () -> file.withFeatures(List.of(), FeatureScaling.none(2)));
    StateDict other = new StateDict().put("a", Shape.of(1), FloatArray.of(arena, 1));
    assertThrows(IllegalArgumentException.class, () -> ModelFile.of(NETWORK, other));
  }
}
