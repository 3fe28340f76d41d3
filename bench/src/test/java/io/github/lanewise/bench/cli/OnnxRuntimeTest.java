package io.github.lanewise.bench.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.LayerNorm;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.PRelu;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.io.NpyFile;
import io.github.lanewise.nn.io.onnx.OnnxFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// ONNX Runtime itself on the files of others and on ours, which the profile `peers` asks for. It
/// needs Python with the package onnxruntime: the property `lanewise.python` names the program.
@Tag("peers")
final class OnnxRuntimeTest {
  private static final String PYTHON = System.getProperty("lanewise.python", "python3");
  private static final double TOLERANCE = 1e-5;
  private static final int ROWS = 50;

  @TempDir Path directory;

  private final Map<Path, float[]> ours = new LinkedHashMap<>();
  private final List<String> arguments = new ArrayList<>();

  /// Has a model answer to random rows, and keeps the rows for ONNX Runtime.
  private void answer(Arena arena, Path file, OnnxFile.Contents model) throws IOException {
    int inputs = model.network().inputs();
    SplittableRandom random = new SplittableRandom(ours.size());
    float[] x = new float[ROWS * inputs];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (random.nextDouble() * 8 - 4);
    }
    float[] y = new float[ROWS * model.network().outputs()];
    InferenceSession session =
        model.network().serve(arena, model.parameters()).session(arena, ROWS);
    session.forward(x, y, ROWS);
    Path rows = directory.resolve(ours.size() + ".npy");
    NpyFile.write(rows, Shape.of(ROWS, inputs), FloatArray.of(arena, x));
    ours.put(file, y);
    arguments.add(file.toString());
    arguments.add(rows.toString());
  }

  private void requireSameAnswers(Arena arena) throws Exception {
    List<String> command = new ArrayList<>(List.of(PYTHON, "src/test/resources/peers.py"));
    command.addAll(arguments);
    String problem = problem(command);
    assertEquals(
        "",
        problem,
        "the profile peers needs Python with onnxruntime, which -Dlanewise.python names");
    for (Map.Entry<Path, float[]> each : ours.entrySet()) {
      float[] y = each.getValue();
      float[] expected = NpyFile.read(arena, Path.of(each.getKey() + ".npy")).values().toArray();
      assertEquals(expected.length, y.length, each.getKey().toString());
      for (int i = 0; i < y.length; i++) {
        double tolerance = TOLERANCE * Math.max(1, Math.abs(expected[i]));
        assertEquals(expected[i], y[i], tolerance, each.getKey() + " output " + i);
      }
    }
  }

  /// Runs Python, and returns its last line if that fails; empty if it does not.
  private static String problem(List<String> command) throws InterruptedException {
    try {
      Process python = new ProcessBuilder(command).redirectErrorStream(true).start();
      String printed = new String(python.getInputStream().readAllBytes(), UTF_8).strip();
      return python.waitFor() == 0 ? "" : printed.lines().reduce("no word", (a, b) -> b);
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  @Test
  void filesOfOthersAnswerAsOnnxRuntimeDoes() throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      for (String folder : List.of("../nn/src/test/resources/onnx", "src/test/resources/makers")) {
        try (Stream<Path> all = Files.list(Path.of(folder))) {
          for (Path file :
              all.filter(each -> each.toString().endsWith(".onnx")).sorted().toList()) {
            Path copy = directory.resolve(file.getFileName());
            Files.copy(file, copy);
            boolean hasTwoOutputs = file.endsWith("heads.onnx");
            answer(
                arena,
                copy,
                hasTwoOutputs ? OnnxFile.read(arena, copy, "v4") : OnnxFile.read(arena, copy));
          }
        }
      }
      assertTrue(ours.size() > 20, () -> "only " + ours.keySet());
      requireSameAnswers(arena);
    }
  }

  @Test
  void onnxRuntimeAnswersAsWeDoToOurFiles() throws Exception {
    List<Layer> functions = new ArrayList<>(Activation.defaults());
    functions.addAll(List.of(Softmax.LAYER, LogSoftmax.LAYER, PRelu.of(), PRelu.of(8)));
    functions.addAll(List.of(LayerNorm.of(8), Activation.hardtanh(-0.5, 2), Activation.celu(0.5)));
    try (Arena arena = Arena.ofConfined()) {
      for (Layer function : functions) {
        Sequential network = Sequential.of(Linear.of(5, 8), function, Linear.of(8, 3));
        Model model = network.initialize(arena, 3);
        if (function == Activation.LOG || function == Activation.LOG1P) {
          model.stateDict().get("0.weight").values().fill(0);
          model.stateDict().get("0.bias").values().fill(2); // what has a logarithm
        }
        Path file = directory.resolve("ours" + ours.size() + ".onnx");
        OnnxFile.write(file, network, model.stateDict());
        answer(arena, file, new OnnxFile.Contents(network, model.stateDict()));
      }
      requireSameAnswers(arena);
    }
  }
}
