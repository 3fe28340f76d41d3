package io.github.lanewise.bench.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.LayerNorm;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.ServedModel;
import io.github.lanewise.nn.io.ModelFile;
import io.github.lanewise.nn.io.NpyFile;
import io.github.lanewise.nn.io.SafeTensors;
import io.github.lanewise.nn.io.onnx.OnnxFile;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Models of four makers answer as their makers say, in the way that README shows: by PyTorch as
/// safetensors, by PyTorch's two exporters as ONNX, by scikit-learn, and by `train`. `make.py`
/// beside the files made them.
final class FourMakersTest {
  private static final Path FILES = Path.of("src/test/resources/makers");

  /// What the issue of the files asks for, relative to values above 1.
  private static final double TOLERANCE = 1e-5;

  @TempDir Path directory;

  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void close() {
    arena.close();
  }

  private StateDict answers() throws IOException {
    return SafeTensors.read(arena, FILES.resolve("answers.safetensors"));
  }

  private void requireAnswers(ServedModel model, String maker) throws IOException {
    float[] expected = answers().get(maker).values().toArray();
    requireAnswers(model, answers().get("x").values().toArray(), expected);
  }

  private void requireAnswers(ServedModel model, float[] x, float[] expected) {
    int rows = x.length / model.network().inputs();
    float[] y = new float[rows * model.network().outputs()];
    InferenceSession session = model.session(arena, rows);
    session.forward(x, y, rows);
    assertEquals(expected.length, y.length);
    for (int i = 0; i < y.length; i++) {
      assertEquals(
          expected[i], y[i], TOLERANCE * Math.max(1, Math.abs(expected[i])), "output " + i);
    }
  }

  @Test
  void theWeightsOfPyTorchAnswerAsPyTorchDoes() throws IOException {
    Sequential network =
        Sequential.of(Linear.of(6, 16), Activation.GELU, LayerNorm.of(16), Linear.of(16, 3));
    ModelFile model = ModelFile.read(arena, FILES.resolve("torch.safetensors"), network);
    requireAnswers(model.serve(arena), "torch");
  }

  @Test
  void theExportsOfPyTorchAnswerAsOnnxRuntimeDoes() throws IOException {
    for (String exporter : new String[] {"script", "dynamo"}) {
      Path file = FILES.resolve("torch_" + exporter + ".onnx");
      OnnxFile.Contents model = OnnxFile.read(arena, file);
      requireAnswers(model.network().serve(arena, model.parameters()), exporter);
    }
  }

  @Test
  void theWeightsOfScikitLearnAnswerAsScikitLearnDoes() throws IOException {
    Sequential network =
        Sequential.of(
            Linear.of(6, 16),
            Activation.TANH,
            Linear.of(16, 8),
            Activation.TANH,
            Linear.of(8, 3),
            Softmax.LAYER);
    ModelFile model = ModelFile.read(arena, FILES.resolve("sklearn.safetensors"), network);
    requireAnswers(model.serve(arena), "sklearn");
  }

  /// What `predict` says, and a computation in double that reads nothing but the file.
  @Test
  void aTrainedModelAnswersAsPredictDoes() throws IOException {
    StringBuilder rows = new StringBuilder();
    float[] x = answers().get("x").values().toArray();
    for (int i = 0; i < x.length; i += 6) {
      for (int j = 0; j < 6; j++) {
        rows.append(x[i + j]).append(',');
      }
      rows.append(x[i] > 0 ? "yes\n" : "no\n");
    }
    Files.writeString(directory.resolve("rows.csv"), rows);
    run(
        "train --train @rows.csv --test @rows.csv --hidden 8 --lr 0.02 --scaling standard --save @m");
    run("predict --model @m --data @rows.csv --raw --output @y.npy");
    ModelFile model = ModelFile.read(arena, directory.resolve("m"));
    float[] predicted = NpyFile.read(arena, directory.resolve("y.npy")).values().toArray();
    requireAnswers(model.serve(arena), x, predicted);
    requireAnswers(model.serve(arena), x, inDouble(model, x));
  }

  private static float[] inDouble(ModelFile model, float[] x) {
    String[] scaling = model.scaling().toString().split(";", -1);
    String[] minimum = scaling[0].split(",", -1);
    String[] range = scaling[1].split(",", -1);
    double[] scaled = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      scaled[i] = (x[i] - Double.parseDouble(minimum[i % 6])) / Double.parseDouble(range[i % 6]);
    }
    double[] hidden = linear(model.parameters(), "0", scaled);
    for (int i = 0; i < hidden.length; i++) {
      hidden[i] = Math.max(0, hidden[i]);
    }
    double[] y = linear(model.parameters(), "2", hidden);
    float[] rounded = new float[y.length];
    for (int i = 0; i < y.length; i++) {
      rounded[i] = (float) y[i];
    }
    return rounded;
  }

  private static double[] linear(StateDict parameters, String layer, double[] x) {
    StateDict.Entry weight = parameters.get(layer + ".weight");
    float[] w = weight.values().toArray();
    float[] b = parameters.get(layer + ".bias").values().toArray();
    int in = (int) weight.shape().size(1);
    double[] y = new double[x.length / in * b.length];
    for (int i = 0; i < y.length; i++) {
      int row = i / b.length;
      int out = i % b.length;
      y[i] = b[out];
      for (int k = 0; k < in; k++) {
        y[i] += x[row * in + k] * w[out * in + k];
      }
    }
    return y;
  }

  private void run(String command) {
    PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream(), true, UTF_8);
    String[] words = command.replace("@", directory + "/").split(" ", -1);
    assertEquals(0, Lanewise.run(nowhere, System.err, false, words));
  }
}
