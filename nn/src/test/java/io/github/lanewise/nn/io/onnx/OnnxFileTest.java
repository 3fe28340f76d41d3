package io.github.lanewise.nn.io.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.PRelu;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.io.FeatureScaling;
import io.github.lanewise.nn.io.FileException;
import io.github.lanewise.nn.io.ModelFile;
import io.github.lanewise.nn.io.SafeTensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Files by PyTorch's exporters, by hand and by us, with the answers of ONNX Runtime: see
/// `make.py` beside them.
final class OnnxFileTest {
  static final Path FILES = Path.of("src/test/resources/onnx");

  /// What the issue of the files asks for, relative to values above 1.
  private static final double TOLERANCE = 1e-5;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "relu_script13|Linear(5, 7), relu, Linear(7, 3)",
        "relu_dynamo23|Linear(5, 7), relu, Linear(7, 3)",
        "gelu_script13|Linear(6, 8), gelu, Linear(8, 8), gelu_tanh, Linear(8, 8), silu,"
            + " Linear(8, 8), mish, Linear(8, 4), softmax",
        "gelu_dynamo18|Linear(6, 8), gelu, Linear(8, 8), gelu_tanh, Linear(8, 8), silu,"
            + " Linear(8, 8), mish, Linear(8, 4), softmax",
        "gelu_dynamo20|Linear(6, 8), gelu, Linear(8, 8), gelu_tanh, Linear(8, 8), silu,"
            + " Linear(8, 8), mish, Linear(8, 4), softmax",
        "norm_script13|LayerNorm(6), Linear(6, 8), LayerNorm(8, 0.001), tanh, Linear(8, 4),"
            + " log_softmax",
        "norm_dynamo20|LayerNorm(6), Linear(6, 8), LayerNorm(8, 0.001), tanh, Linear(8, 4),"
            + " log_softmax",
        "hard_script17|Linear(4, 8), hardswish, Linear(8, 8), hardsigmoid, Linear(8, 8),"
            + " hardtanh(-2.0, 3.0), Linear(8, 8), relu6, Linear(8, 8), hardshrink, Linear(8, 8),"
            + " softshrink, Linear(8, 8)",
        "hard_dynamo18|Linear(4, 8), hardswish, Linear(8, 8), hardsigmoid, Linear(8, 8),"
            + " hardtanh(-2.0, 3.0), Linear(8, 8), relu6, Linear(8, 8), hardshrink, Linear(8, 8),"
            + " softshrink, Linear(8, 8)",
        "soft_script17|Linear(4, 8), sigmoid, Linear(8, 8), logsigmoid, Linear(8, 8), softplus,"
            + " Linear(8, 8), softsign, Linear(8, 8), tanhshrink, Linear(8, 8)",
        "soft_dynamo18|Linear(4, 8), sigmoid, Linear(8, 8), logsigmoid, Linear(8, 8), softplus,"
            + " Linear(8, 8), softsign, Linear(8, 8), tanhshrink, Linear(8, 8)",
        "elus_dynamo20|Linear(4, 8), leaky_relu(0.2), Linear(8, 8), elu(1.5), Linear(8, 8),"
            + " celu(2.0), Linear(8, 8), selu, Linear(8, 8), PRelu(8), Linear(8, 8),"
            + " threshold(0.1, 0.5)",
        "rows_script17|Linear(4, 6), PRelu(1), Linear(6, 1)",
        "sklearn|Linear(5, 8), relu, Linear(8, 8), tanh, Linear(8, 3), softmax",
        "decomposed|Linear(6, 8), gelu, Linear(8, 8), quick_gelu, Linear(8, 8), mish,"
            + " Linear(8, 8), hardswish, Linear(8, 8), silu, Linear(8, 8), logsigmoid,"
            + " Linear(8, 8), relu, Linear(8, 8), leaky_relu(0.3), Linear(8, 8), gelu_tanh,"
            + " Linear(8, 4)",
        "rowwise|LayerNorm(6), Linear(6, 8), LayerNorm(8, 0.001), Linear(8, 8), softmax,"
            + " Linear(8, 4), log_softmax",
        "nothing|Linear(4, 8), relu, Linear(8, 3)",
        "ours|LayerNorm(6), Linear(6, 8), PRelu(8), Linear(8, 8), gelu, LayerNorm(8, 0.001),"
            + " Linear(8, 8), silu, Linear(8, 8), logsigmoid, PRelu(1), Linear(8, 4), softmax",
      })
  void answersAsOnnxRuntimeDoes(String name, String layers) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      OnnxFile.Contents contents = OnnxFile.read(arena, FILES.resolve(name + ".onnx"));
      assertEquals("Sequential[" + layers + "]", contents.network().toString());
      requireAnswers(arena, contents, name);
    }
  }

  private static void requireAnswers(Arena arena, OnnxFile.Contents contents, String name)
      throws IOException {
    StateDict golden = SafeTensors.read(arena, FILES.resolve(name + ".safetensors"));
    float[] expected = golden.get("y").values().toArray();
    float[] answers = answers(arena, contents, golden.get("x").values().toArray());
    assertEquals(expected.length, answers.length);
    for (int i = 0; i < expected.length; i++) {
      double tolerance = TOLERANCE * Math.max(1, Math.abs(expected[i]));
      assertEquals(expected[i], answers[i], tolerance, name + " output " + i);
    }
  }

  private static float[] answers(Arena arena, OnnxFile.Contents contents, float[] x) {
    Sequential network = contents.network();
    int rows = x.length / network.inputs();
    InferenceSession session = network.serve(arena, contents.parameters()).session(arena, rows);
    float[] y = new float[rows * network.outputs()];
    session.forward(x, y, rows);
    return y;
  }

  @Test
  void readsOneOfSeveralOutputs() throws IOException {
    Path file = FILES.resolve("heads.onnx");
    try (Arena arena = Arena.ofConfined()) {
      var e = assertThrows(FileException.class, () -> OnnxFile.read(arena, file));
      assertEquals(file + ": has 2 outputs, name one of [v4, v7]", e.getMessage());
      OnnxFile.Contents first = OnnxFile.read(arena, file, "v4");
      assertEquals("Sequential[Linear(3, 4), relu, Linear(4, 2)]", first.network().toString());
      requireAnswers(arena, first, "heads");
      assertEquals(
          "Sequential[Linear(3, 4), relu, Linear(4, 1), sigmoid]",
          OnnxFile.read(arena, file, "v7").network().toString());
      e = assertThrows(FileException.class, () -> OnnxFile.read(arena, file, "y"));
      assertEquals(file + ": has no output 'y', only [v4, v7]", e.getMessage());
    }
  }

  @Test
  void writesTheBytesThatOnnxRuntimeHasRead() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      OnnxFile.Contents ours = OnnxFile.read(arena, FILES.resolve("ours.onnx"));
      Path file = directory.resolve("again.onnx");
      OnnxFile.write(file, ours.network(), ours.parameters());
      assertArrayEquals(Files.readAllBytes(FILES.resolve("ours.onnx")), Files.readAllBytes(file));
    }
  }

  static Stream<Activation> activations() {
    List<Activation> all = new ArrayList<>(Activation.defaults());
    all.add(Activation.leakyRelu(0.3));
    all.add(Activation.elu(2));
    all.add(Activation.celu(0.5));
    all.add(Activation.softplus(2, 20));
    all.add(Activation.hardtanh(-0.5, 2));
    all.add(Activation.hardshrink(0.25));
    all.add(Activation.softshrink(0.25));
    all.add(Activation.threshold(0.25, -0.5));
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("activations")
  void everyActivationComesBackAsItWasWritten(Activation activation) throws IOException {
    Layer[] layers = {PRelu.of(), Linear.of(4, 6), PRelu.of(), activation, Linear.of(6, 2)};
    Sequential network = Sequential.of(layers);
    try (Arena arena = Arena.ofConfined()) {
      Model model = network.initialize(arena, 3);
      Path file = directory.resolve("model.onnx");
      OnnxFile.write(file, network, model.stateDict());
      OnnxFile.Contents back = OnnxFile.read(arena, file);
      if (activation != Activation.RRELU && activation != Activation.LOG1P) {
        assertEquals(network.toString(), back.network().toString());
      }
      float[] x =
          new SplittableRandom(4)
              .doubles(20)
              .collect(() -> new FloatList(20), FloatList::add, (a, b) -> {})
              .values;
      float[] expected = answers(arena, new OnnxFile.Contents(network, model.stateDict()), x);
      assertArrayEquals(expected, answers(arena, back, x), 1e-6f);
    }
  }

  private static final class FloatList {
    private final float[] values;
    private int n;

    FloatList(int size) {
      values = new float[size];
    }

    void add(double value) {
      values[n++] = (float) (8 * value - 4);
    }
  }

  @Test
  void theScalingOfFeaturesIsWrittenAndFoldedIntoTheFirstLayer() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Model model = Sequential.of(Linear.of(2, 3)).initialize(arena, 3);
      FeatureScaling scaling = FeatureScaling.parse("1,-5;2,10", 2);
      ModelFile saved = ModelFile.of(model).withFeatures(List.of(), scaling).withScalingAsLayer();
      Path file = directory.resolve("model.onnx");
      OnnxFile.write(file, saved.network(), saved.parameters());
      OnnxFile.Contents back = OnnxFile.read(arena, file);
      assertEquals("Sequential[Linear(2, 3)]", back.network().toString());
      float[] x = {4, -3, 0, 20};
      OnnxFile.Contents whole = new OnnxFile.Contents(saved.network(), saved.parameters());
      assertArrayEquals(answers(arena, whole, x), answers(arena, back, x), 1e-6f);
    }
  }

  @Test
  void refusesToWriteWhatOnnxDoesNotHave() throws IOException {
    Path file = directory.resolve("model.onnx");
    try (Arena arena = Arena.ofConfined()) {
      Sequential glu = Sequential.of(Linear.of(2, 4), Glu.LAYER);
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> OnnxFile.write(file, glu, glu.initialize(arena, 1).stateDict()));
      assertEquals("ONNX has no counterpart of the layer glu", e.getMessage());
      Sequential near = Sequential.of(Linear.of(2, 4), Activation.softplus(1, 3));
      e =
          assertThrows(
              IllegalArgumentException.class,
              () -> OnnxFile.write(file, near, near.initialize(arena, 1).stateDict()));
      assertEquals("ONNX has no counterpart of the activation softplus(1.0, 3.0)", e.getMessage());
      Sequential other = Sequential.of(Linear.of(2, 5), LogSoftmax.LAYER);
      e =
          assertThrows(
              IllegalArgumentException.class,
              () -> OnnxFile.write(file, other, glu.initialize(arena, 1).stateDict()));
      assertEquals("0.weight has shape [4, 2], but [5, 2] is needed", e.getMessage());
    }
    assertTrue(Files.notExists(file));
  }
}
