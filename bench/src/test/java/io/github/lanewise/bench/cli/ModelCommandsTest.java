package io.github.lanewise.bench.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.io.Checkpoint;
import io.github.lanewise.nn.io.FeatureScaling;
import io.github.lanewise.nn.io.ModelFile;
import io.github.lanewise.nn.io.NpyFile;
import io.github.lanewise.nn.io.SafeTensors;
import io.github.lanewise.nn.io.Task;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The commands that read models: predict, convert and info.
final class ModelCommandsTest {
  private final Arena arena = Arena.ofConfined();
  @TempDir Path directory;

  /// What a command printed and returned.
  private record Outcome(int exitCode, String out, String err) {}

  @AfterEach
  void close() {
    arena.close();
  }

  /// Runs a command with the directory for `@`.
  private Outcome run(String command) {
    return run(command, false);
  }

  private Outcome run(String command, boolean terminal) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int exitCode =
        Lanewise.run(
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            terminal,
            command.replace("@", directory + "/").split(" ", -1));
    return new Outcome(exitCode, out.toString(UTF_8), err.toString(UTF_8));
  }

  private String succeed(String command) {
    Outcome outcome = run(command);
    assertEquals("", outcome.err);
    assertEquals(0, outcome.exitCode);
    return outcome.out;
  }

  private String text(String file) throws IOException {
    return Files.readString(directory.resolve(file));
  }

  /// A network whose outputs are x, -x and 0 of its only input x, which is halved first.
  @BeforeEach
  void writeModel() throws IOException {
    Sequential network = Sequential.of(Linear.of(1, 3));
    StateDict parameters =
        new StateDict()
            .put("0.weight", Shape.of(3, 1), FloatArray.of(arena, 1, -1, 0))
            .put("0.bias", Shape.of(3), FloatArray.of(arena, 0, 0, 0));
    ModelFile model =
        ModelFile.of(network, parameters)
            .withTask(Task.CLASSIFICATION, List.of("up", "down", "no, \"flat\""))
            .withFeatures(List.of("x"), FeatureScaling.parse("0;2", 1))
            .withWriter("test 1");
    model.write(directory.resolve("classes"));
    model.withTask(Task.REGRESSION, List.of("a", "b", "c")).write(directory.resolve("values"));
    model.withTask(Task.MULTILABEL, List.of("a", "b", "c")).write(directory.resolve("labels"));
    SafeTensors.write(directory.resolve("bare"), parameters);
    Files.writeString(directory.resolve("x.csv"), "x\n2\n-2\n");
    Files.writeString(directory.resolve("xy.csv"), "x,y\n2,up\n-2,up\n0,up\n");
    Files.writeString(directory.resolve("xv.csv"), "2,1,-1,0\n-2,-1,1,3\n");
    Files.writeString(directory.resolve("xl.csv"), "2,1,0,1\n-2,0,0,1\n");
  }

  @Test
  void printsOneRowALine() {
    assertEquals("up 0.6652\ndown 0.6652\n", succeed("predict --model @classes --data @x.csv"));
    assertEquals(
        "1.0, -1.0, 0.0\n-1.0, 1.0, 0.0\n", succeed("predict --model @values --data @x.csv"));
    assertEquals("a 0.7311\nb 0.7311\n", succeed("predict --model @labels --data @x.csv"));
    assertEquals(
        "1.0, -1.0, 0.0\n-1.0, 1.0, 0.0\n",
        succeed("predict --model @classes --data @x.csv --raw"));
    assertEquals(
        "1.0, -1.0, 0.0\n-1.0, 1.0, 0.0\n",
        succeed("predict --model @classes --data @x.csv --task regression"));
  }

  @Test
  void aTerminalShowsHowFarReadingIsAndAPipeDoesNot() {
    String command = "predict --model @classes --data @x.csv";
    String shown = run(command, true).out;
    assertTrue(shown.startsWith("reading " + directory.resolve("x.csv")), shown);
    assertTrue(shown.contains("\rreading"), shown);
    assertTrue(shown.endsWith("\rup 0.6652\ndown 0.6652\n"), shown);
    assertEquals("up 0.6652\ndown 0.6652\n", succeed(command));
  }

  @Test
  void saysHowGoodThePredictionsAre() throws IOException {
    String out = succeed("predict --model @classes --data @xy.csv --json @j");
    assertTrue(out.startsWith("up 0.6652\ndown 0.6652\nup 0.3333\nrows of each class"), out);
    assertTrue(out.endsWith("accuracy 0.6667\n"), out);
    assertTrue(text("j").contains("\"accuracy\" : 0.666"), text("j"));
    out = succeed("predict --model @values --data @xv.csv --json @j");
    assertTrue(out.endsWith("root of the mean squared error 1.2247\n"), out);
    assertTrue(text("j").contains("\"rmse\" : 1.224"), text("j"));
    out = succeed("predict --model @labels --data @xl.csv --json @j");
    assertTrue(out.endsWith("share of right labels 0.5000\n"), out);
    assertTrue(text("j").contains("\"labelAccuracy\" : 0.5"), text("j"));
  }

  @Test
  void writesPredictionsByTheEndingOfTheFile() throws IOException {
    Files.writeString(directory.resolve("flat.csv"), "2\n");
    assertEquals("", succeed("predict --model @classes --data @x.csv --output @p.csv"));
    assertEquals("class,probability\nup,0.66524094\ndown,0.66524094\n", text("p.csv"));
    succeed("predict --model @classes --data @x.csv --output @p.json");
    assertEquals(
        "[{\"class\":\"up\",\"probability\":0.66524094},"
            + "{\"class\":\"down\",\"probability\":0.66524094}]\n",
        text("p.json"));
    succeed("predict --model @classes --data @x.csv --raw --output @p.npy");
    StateDict.Entry raw = NpyFile.read(arena, directory.resolve("p.npy"));
    assertEquals(Shape.of(2, 3), raw.shape());
    assertArrayEquals(new float[] {1, -1, 0, -1, 1, 0}, raw.values().toArray());
    succeed("predict --model @classes --data @flat.csv --output @p.npy");
    float[] probabilities = NpyFile.read(arena, directory.resolve("p.npy")).values().toArray();
    assertArrayEquals(new float[] {0.6652f, 0.0900f, 0.2447f}, probabilities, 1e-4f);
    succeed("predict --model @classes --data @flat.csv --raw --output @p.csv");
    assertEquals("up,down,\"no, \"\"flat\"\"\"\n1.0,-1.0,0.0\n", text("p.csv"));
    succeed("predict --model @values --data @x.csv --output @p.json");
    assertEquals(
        "[{\"a\":1.0,\"b\":-1.0,\"c\":0.0},{\"a\":-1.0,\"b\":1.0,\"c\":0.0}]\n", text("p.json"));
  }

  @Test
  void infoTellsWhatAModelIs() throws IOException {
    String out = succeed("info @classes --json @j");
    assertTrue(out.contains("task: classification\n"), out);
    assertTrue(out.contains("inputs: 1 (x)\n"), out);
    assertTrue(out.contains("outputs: 3 (up, down, no, \"flat\")\n"), out);
    assertTrue(out.contains("scaling: 0.0;2.0\n"), out);
    assertTrue(out.contains("  Linear(1, 3)                        6 parameters\n"), out);
    long bytes = Files.size(directory.resolve("classes"));
    assertTrue(out.contains("parameters: 6 in a file of " + bytes + " bytes\n"), out);
    assertTrue(out.contains("made by: test 1\n"), out);
    assertTrue(text("j").contains("\"layers\" : [ \"Linear(1, 3)\" ]"), text("j"));
    assertTrue(text("j").contains("\"parameters\" : 6"), text("j"));
    assertTrue(succeed("info @bare --layers 1,3").contains("made by: unknown\n"));
  }

  @Test
  void convertsBetweenAllFormats() throws IOException {
    succeed("convert --from @classes --to @m.onnx");
    assertEquals("0 0.6652\n1 0.6652\n", succeed("predict --model @m.onnx --data @x.csv"));
    succeed("convert --from @m.onnx --to @m.safetensors");
    assertEquals("0 0.6652\n1 0.6652\n", succeed("predict --model @m.safetensors --data @x.csv"));
    succeed("convert --from @classes --to @again");
    assertArrayEquals(
        Files.readAllBytes(directory.resolve("classes")),
        Files.readAllBytes(directory.resolve("again")));
    succeed("convert --from @classes --bare --to @naked");
    assertArrayEquals(
        Files.readAllBytes(directory.resolve("bare")),
        Files.readAllBytes(directory.resolve("naked")));
    succeed("convert --from @bare --layers 1,3 --to @described");
    assertEquals(
        "2.0, -2.0, 0.0\n-2.0, 2.0, 0.0\n",
        succeed("predict --model @described --data @x.csv --raw"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "info|Missing required parameter: 'FILE'",
        "info @no|@no: no such file",
        "info @|@: is a directory",
        "info @x.csv|@x.csv: has 7 bytes, fewer than the 8",
        "info @bare|@bare: holds parameters without a description of their layers",
        "info @bare --layers 1|--layers is [1], at least the inputs and the outputs are needed",
        "info @bare --layers 1,0|Linear(1, 0) is not possible: sizes are at least 1",
        "info @bare --layers 1,x|Invalid value for option '--layers' (N): 'x' is not an int",
        "info @bare --layers 1,3 --activation step|--activation is 'step', must be one of [relu,",
        "info @bare --layers 1,4|@bare: 0.weight has shape [3, 1], but [4, 1] is needed",
        "info @bare --layers 1,3,3|@bare: has the 2 parameters [0.weight, 0.bias], but the network",
        "info @classes --json @no/j|@no/j: no such directory",
        "info @text.onnx|@text.onnx: is no ONNX file",
        "info @classes --onnx-output|Missing required parameter for option '--onnx-output'",
        "info @classes --onnx-output y|--onnx-output is only for files named *.onnx, not @classes",
        "info @text.onnx --layers 1,3|--layers is not for ONNX files, which have their layers: @text",
        "info @damaged|@damaged: is damaged: its content has SHA-256",
        "info @short|@short: ",
        "info @empty.csv|@empty.csv: has 0 bytes, fewer than the 8",
        "info @classes @bare|info has no option '@bare': info --help lists them",
        "info @classes --wings|info has no option '--wings': info --help lists them",
        "info @classes --json @|@: is not a regular file, and is left alone",
        "info @future|@future: ",
        "info @checkpoint|@checkpoint: holds parameters without a description of their layers",
        "convert --from @classes|Missing required option: '--to=FILE'",
        "convert --to @m|Missing required option: '--from=FILE'",
        "convert --from @ --to @m|@: is a directory",
        "convert --from @x.csv --to @m|@x.csv: has 7 bytes, fewer than the 8",
        "convert --from @empty.csv --to @m|@empty.csv: has 0 bytes, fewer than the 8",
        "convert --from @bare --to @m|@bare: holds parameters without a description of their layers",
        "convert --from @bare --layers 1 --to @m|--layers is [1], at least the inputs and the outputs",
        "convert --from @bare --layers 1,0 --to @m|Linear(1, 0) is not possible: sizes are at least",
        "convert --from @bare --layers 1,x --to @m|Invalid value for option '--layers' (N): 'x' is not",
        "convert --from @bare --layers 1,3 --activation step --to @m|--activation is 'step', must be",
        "convert --from @bare --layers 1,4 --to @m|@bare: 0.weight has shape [3, 1], but [4, 1] is",
        "convert --from @bare --layers 1,3,3 --to @m|@bare: has the 2 parameters [0.weight, 0.bias],",
        "convert --from @text.onnx --to @m|@text.onnx: is no ONNX file",
        "convert --from @future --to @m|@future: ",
        "convert --from @classes --to @m --wings|convert has no option '--wings': convert --help",
        "convert --from @no --to @m|@no: no such file",
        "convert --from @classes --to @no/m|@no/m: no such directory",
        "convert --from @classes --to @|@: is not a regular file, and is left alone",
        "convert --from @classes --to @m.onnx --bare|--bare goes with safetensors, not ONNX",
        "convert --from @glu --to @m.onnx"
            + "|@glu: cannot become ONNX: ONNX has no counterpart of the layer glu",
        "convert --from @damaged --to @m|@damaged: is damaged: its content has SHA-256",
        "convert --from @short --to @m|@short: ",
        "predict --model @classes|Missing required option: '--data=FILE'",
        "predict --model @classes --data @no|@no: no such file",
        "predict --model @no --data @x.csv|@no: no such file",
        "predict --model @bare --data @x.csv|@bare: holds parameters without a description",
        "predict --model @classes --data @xv.csv"
            + "|@xv.csv: line 1: has 4 columns, the network takes 1 features and perhaps the class",
        "predict --model @classes --data @other.csv"
            + "|@other.csv: line 2: class 'left' is not one of the 3 that are known: up, down, no",
        "predict --model @values --data @text.csv"
            + "|@text.csv: line 1: column 1 has 'one', not a finite number",
        "predict --model @values --data @xy.csv"
            + "|@xy.csv: line 1: has 2 columns, the network takes 1 features and perhaps 3 targets",
        "predict --model @labels --data @xv.csv"
            + "|@xv.csv: line 1: column 3 has '-1', a label is 0 or 1",
        "predict --model @classes --data @x.csv --task guess|--task: unknown task 'guess': it must",
        "predict --model @classes --data @x.csv --output @no/p|@no/p: no such directory",
        "predict --model @classes --data @x.csv --output @|@: is not a regular file",
        "predict --model @classes --data @x.csv --json @no/p|@no/p: no such directory",
        "predict --model @damaged --data @x.csv --output @p|@damaged: is damaged",
        "predict --model @text.onnx --data @x.csv --output @p|@text.onnx: is no ONNX file",
        "predict --model @classes --data @empty.csv --output @p|@empty.csv: is empty",
        "predict --model @classes --data @cut.npy --output @p|@cut.npy: does not begin as a",
        "predict --model @classes --data @x.csv --wings|predict has no option '--wings'",
      })
  void refusesBadInputInOneLineAndWritesNothing(String command, String problem) throws IOException {
    Sequential glu = Sequential.of(Linear.of(1, 4), Glu.LAYER);
    ModelFile.of(glu.initialize(arena, 1)).write(directory.resolve("glu"));
    new Checkpoint().put("model", new StateDict()).write(directory.resolve("checkpoint"));
    SafeTensors.write(
        directory.resolve("future"), new StateDict(), Map.of("lanewise.version", "9"));
    byte[] model = Files.readAllBytes(directory.resolve("classes"));
    Files.write(directory.resolve("short"), Arrays.copyOf(model, model.length - 3));
    model[model.length - 1] ^= 1;
    Files.write(directory.resolve("damaged"), model);
    Files.writeString(directory.resolve("text.onnx"), "hello");
    Files.writeString(directory.resolve("other.csv"), "1,up\n2,left\n");
    Files.writeString(directory.resolve("text.csv"), "one,1,2,3\n");
    Files.writeString(directory.resolve("empty.csv"), "");
    Files.write(directory.resolve("cut.npy"), new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1});
    List<String> before = files();
    Outcome outcome = run(command);
    assertEquals(2, outcome.exitCode, outcome.err);
    assertEquals(1, outcome.err.lines().count(), outcome.err);
    assertEquals("", outcome.out);
    assertTrue(
        outcome.err.startsWith(problem.replace("@", directory + "/").replace("//", "/"))
            || outcome.err.startsWith(problem.replace("@", directory.toString())),
        outcome.err);
    assertEquals(before, files());
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aModelThatTrainSavedKeepsItsClassNames() throws IOException {
    StringBuilder rows = new StringBuilder("size,kind\n");
    for (int i = 0; i < 60; i++) {
      rows.append(i).append(i < 30 ? ",small\n" : ",large\n");
    }
    Files.writeString(directory.resolve("sizes.csv"), rows);
    succeed("train --train @sizes.csv --test @sizes.csv --epochs 30 --lr 0.05 --save @m");
    String info = succeed("info @m");
    assertTrue(info.contains("outputs: 2 (large, small)"), info);
    assertTrue(info.contains("inputs: 1 (size)"), info);
    assertTrue(info.contains("made by: lanewise 0."), info);
    Files.writeString(directory.resolve("new.csv"), "0\n59\n");
    List<String> lines = succeed("predict --model @m --data @new.csv").lines().toList();
    assertTrue(lines.get(0).startsWith("small "), lines.get(0));
    assertTrue(lines.get(1).startsWith("large "), lines.get(1));
  }
}
