package io.github.lanewise.bench.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.lanewise.core.Activation;
import io.github.lanewise.optim.rule.Rules;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The commands, in this JVM.
final class LanewiseTest {
  @TempDir Path directory;

  /// What a command printed and returned.
  private record Outcome(int exitCode, String out, String err) {}

  private Outcome run(boolean terminal, String... args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int exitCode =
        Lanewise.run(
            new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), terminal, args);
    return new Outcome(exitCode, out.toString(UTF_8), err.toString(UTF_8));
  }

  /// Splits a command at spaces and puts the directory for `@`.
  private Outcome run(String command) {
    return run(false, command.replace("@", directory + "/").split(" ", -1));
  }

  private Outcome succeed(String command) {
    Outcome outcome = run(command);
    assertEquals("", outcome.err);
    assertEquals(0, outcome.exitCode);
    return outcome;
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static Map<String, Double> json(Path file) throws IOException {
    Map<String, Double> figures = new LinkedHashMap<>();
    try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
      assertEquals(JsonToken.START_OBJECT, json.nextToken());
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        JsonToken value = json.nextToken();
        if (value.isNumeric()) {
          figures.put(key, json.getDoubleValue());
        }
        json.skipChildren();
      }
    }
    return figures;
  }

  /// Three classes of points around three corners, which even few epochs tell apart.
  @BeforeEach
  void writeData() throws IOException {
    var random = new SplittableRandom(3);
    for (String name : List.of("train.csv", "test.csv")) {
      StringBuilder text = new StringBuilder("x,y,class\n");
      for (int row = 0; row < 200; row++) {
        int label = row % 3;
        double x = (label == 1 ? 5 : 0) + random.nextDouble();
        double y = (label == 2 ? 500 : 0) + 100 * random.nextDouble();
        text.append(x).append(',').append(y).append(',').append(label).append('\n');
      }
      Files.writeString(directory.resolve(name), text);
    }
  }

  @Test
  void trainsSavesReportsAndPredicts() throws IOException {
    String data = "--train @train.csv --test @test.csv ";
    Outcome trained =
        succeed("train " + data + "--hidden 8,6 --epochs 20 --lr 0.02 --save @m --json @r.json");
    assertTrue(trained.out.contains("training: 200 rows of 2 features, 3 classes"), trained.out);
    assertTrue(trained.out.contains("epoch 20/20: loss "), trained.out);
    assertTrue(trained.out.contains("model saved to " + directory.resolve("m")), trained.out);
    Map<String, Double> report = json(directory.resolve("r.json"));
    assertEquals(
        List.of(
            "testAccuracy",
            "bestEpoch",
            "bestLoss",
            "parameters",
            "secondsPerEpoch",
            "microsecondsPerStep",
            "predictP50Micros",
            "predictP99Micros"),
        List.copyOf(report.keySet()));
    assertEquals(1, report.get("testAccuracy"));
    assertEquals(3 * 8 + 9 * 6 + 7 * 3, report.get("parameters"));
    assertTrue(report.values().stream().allMatch(figure -> figure > 0), report::toString);

    Outcome predicted = succeed("predict --model @m --data @test.csv --json @p.json");
    assertTrue(predicted.out.contains("accuracy 1.0000"), predicted.out);
    assertEquals(Map.of("accuracy", 1.0), json(directory.resolve("p.json")));
    succeed("predict --model @m --data @test.csv --latency --json @p.json");
    Map<String, Double> figures = json(directory.resolve("p.json"));
    assertEquals(
        List.of("accuracy", "p50Micros", "p99Micros", "p999Micros"), List.copyOf(figures.keySet()));
    assertTrue(figures.get("p50Micros") <= figures.get("p99Micros"));
    assertTrue(figures.get("p99Micros") <= figures.get("p999Micros"));

    Files.writeString(directory.resolve("bare.csv"), "0.5,50\n5.5,50\n0.5,550\n");
    Outcome bare = succeed("predict --model @m --data @bare.csv");
    assertTrue(bare.out.matches("0 [01]\\.\\d{4}\n1 [01]\\.\\d{4}\n2 [01]\\.\\d{4}\n"), bare.out);
  }

  @Test
  void theSameSeedGivesTheSameFileAndAnotherSeedAnother() throws IOException {
    String command = "train --train @train.csv --test @test.csv --epochs 3 --batch 7 ";
    succeed(command + "--seed 5 --save @one --json @one.json");
    succeed(command + "--seed 5 --save @two --json @two.json");
    succeed(command + "--seed 6 --save @three");
    byte[] one = Files.readAllBytes(directory.resolve("one"));
    assertArrayEquals(one, Files.readAllBytes(directory.resolve("two")));
    assertFalse(Arrays.equals(one, Files.readAllBytes(directory.resolve("three"))));
    assertEquals(
        json(directory.resolve("one.json")).get("testAccuracy"),
        json(directory.resolve("two.json")).get("testAccuracy"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|no command: name one of [train, predict, convert, info, accuracy, compare, optimizers, latency, bench, generate-completion]",
        "fly|'fly' is no command: name one of [train, predict, convert, info, accuracy, compare, optimizers, latency, bench, generate-completion]",
        "train --wings 2|train has no option '--wings': train --help lists them",
        "accuracy fly|accuracy has no option 'fly': accuracy --help lists them",
        "train --train @train.csv|--train and --test go together",
        "train --lr -1|--lr is -1.0, must be positive and finite",
        "train --lr NaN|--lr is NaN, must be positive and finite",
        "train --lr fast|Invalid value for option '--lr': 'fast' is not a double",
        "train --batch 0|--batch is 0, must be positive",
        "train --epochs -3|--epochs is -3, must be positive",
        "train --hidden 8,0|--hidden has 0, must be positive",
        "train --train @train.csv --test @test.csv --hidden 2000000000,2000000000|a network of the widths [2, 2000000000, 2000000000, 3] has more than 2^40 parameters",
        "predict --modle @m --data @train.csv|predict has no option '--modle': predict --help lists them",
        "train --seed 1.5|Invalid value for option '--seed': '1.5' is not a long",
        "train --optimizer newton|--optimizer is 'newton', must be one of [sgd, adam,",
        "train --activation step|--activation is 'step', must be one of [relu,",
        "train --activation log --lr 1e-9|--activation is 'log', must be one of [relu,",
        "train --activation exp|--activation is 'exp', must be one of [relu,",
        "bench --wings|JMH: wings is not a recognized option",
        "bench Fly|no benchmark matches [Fly]: bench -l lists them",
        "bench -l Fly|no benchmark matches [-l, Fly]: bench -l lists them",
        "train --task guess|unknown task 'guess': it must be one of classification, regression,",
        "train --task regression|--task regression needs --train and --test",
        "train --targets 2|--targets goes with the tasks regression and multilabel",
        "train --targets 0|--targets is 0, must be positive",
        "train --dropout 1|--dropout is 1.0, must be at least 0 and below 1",
        "train --loss mse|--loss is 'mse', must be one of [cross_entropy] for a classification",
        "train --momentum 1|--momentum is 1.0, must be at least 0 and below 1",
        "train --momentum 0.9|--momentum goes with sgd and rmsprop, not with adam",
        "train --weight-decay -1|--weight-decay is -1.0, must be at least 0 and finite",
        "train --clip 0|--clip is 0.0, must be positive and finite",
        "train --clip-value NaN|--clip-value is NaN, must be positive and finite",
        "train --checkpoint @no/c|@no/c: no such directory",
        "train --train @train.csv --test @test.csv --resume @no --save @m|@no: no such file",
        "train --train @train.csv --test @test.csv --resume @train.csv --save @m|@train.csv: announces",
        "train --schedule sunny|--schedule is 'sunny', must be one of [constant, linear, cosine,",
        "train --validation 1|--validation is 1.0, must be at least 0 and below 1",
        "train --patience 3|--patience needs --validation",
        "train --patience -1|--patience is -1, must be at least 0",
        "train --scaling up|--scaling is 'up', must be one of [auto, standard, none]",
        "train --train @train.csv --test @test.csv --validation 0.001 --save @m"
            + "|--validation 0.001 of 200 rows is 0 rows, which leaves none for one of the two",
        "train --train @train.csv --test @test.csv --task multilabel --save @m"
            + "|@train.csv: line 4: column 3 has '2', a label is 0 or 1",
        "train --train @train.csv --test @bare.csv --task regression --save @m"
            + "|@bare.csv: has no targets to test with",
        "train --save @|@: is not a regular file, and is left alone",
        "train --json @no/r.json|@no/r.json: no such directory",
        "train --report @train.csv|@train.csv: is no directory",
        "train --report @train.csv/deep|@train.csv: is no directory",
        "train --train @no.csv --test @test.csv --save @m --json @j|@no.csv: no such file",
        "train --train @train.csv --test @no.csv --save @m --json @j|@no.csv: no such file",
        "train --train @empty.csv --test @test.csv --save @m --json @j|@empty.csv: is empty",
        "train --train @ragged.csv --test @test.csv --save @m --json @j"
            + "|@ragged.csv: line 3: has 2 columns, the lines above have 3",
        "train --train @text.csv --test @test.csv --save @m --json @j"
            + "|@text.csv: line 2: column 1 has 'one', not a finite number",
        "train --train @train.csv --test @beyond.csv --save @m --json @j"
            + "|@beyond.csv: line 2: class '3' is not one of the 3 that are known: 0, 1, 2",
        "train --train @train.csv --test @bare.csv --save @m --json @j"
            + "|@bare.csv: has no classes to test with",
        "train --train @train.csv --test @wide.csv --save @m --json @j"
            + "|@wide.csv: line 1: has 4 columns, the network takes 2 features",
        "train --train @cut.csv.gz --test @test.csv --save @m --json @j"
            + "|@cut.csv.gz: the gzip data ends early",
        "train --train @train.csv --test @test.csv --optimizer sgd --lr 1e30 --save @m --json @j"
            + "|--lr 1.0E30 is too large: the loss is NaN in epoch 1",
        "predict --model @model|Missing required option: '--data=FILE'",
        "predict --model @no --data @test.csv --json @j|@no: no such file",
        "predict --model @test.csv --data @test.csv --json @j|@test.csv: announces a header of",
        "predict --model @cut --data @test.csv --json @j|@cut: has ",
        "predict --model @header --data @test.csv --json @j|@header: the header is not JSON",
        "predict --model @model --data @wide.csv --json @j"
            + "|@wide.csv: line 1: has 4 columns, the network takes 2 features",
        "predict --model @foreign --data @test.csv --json @j"
            + "|@foreign: holds parameters without a description of their layers",
      })
  void refusesBadInputInOneLine(String command, String problem) throws IOException {
    if (command.startsWith("predict")) {
      writeModels();
    }
    Files.writeString(directory.resolve("empty.csv"), "");
    Files.writeString(directory.resolve("ragged.csv"), "x,y,c\n1,2,0\n1,2\n");
    Files.writeString(directory.resolve("text.csv"), "1,2,0\none,2,0\n");
    Files.writeString(directory.resolve("beyond.csv"), "1,2,0\n1,2,3\n");
    Files.writeString(directory.resolve("bare.csv"), "1,2\n");
    Files.writeString(directory.resolve("wide.csv"), "1,2,3,0\n");
    Files.write(directory.resolve("cut.csv.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 0});
    List<String> before = files();

    Outcome outcome = command.isEmpty() ? run(false) : run(command);
    assertEquals(2, outcome.exitCode, outcome.err);
    assertEquals(1, outcome.err.lines().count(), outcome.err);
    assertTrue(
        outcome.err.startsWith(problem.replace("@", directory + "/").replace("//", "/"))
            || outcome.err.startsWith(problem.replace("@", directory.toString())),
        outcome.err);
    assertEquals(before, files());
  }

  private void writeModels() throws IOException {
    succeed("train --train @train.csv --test @test.csv --epochs 1 --save @model");
    byte[] model = Files.readAllBytes(directory.resolve("model"));
    Files.write(directory.resolve("cut"), Arrays.copyOf(model, model.length - 1));
    Files.write(directory.resolve("foreign"), "\10\0\0\0\0\0\0\0{}      ".getBytes(UTF_8));
    model[9] = '{';
    Files.write(directory.resolve("header"), model);
  }

  @Test
  void aLogHoldsPlainLinesAndATerminalABar() {
    String command = "train --train @train.csv --test @test.csv --epochs 300 --hidden 4";
    String log = succeed(command).out;
    assertTrue(log.chars().allMatch(c -> c == '\n' || c >= ' '), log);
    assertEquals(300, log.lines().filter(line -> line.startsWith("epoch ")).count(), log);
    Outcome shown = run(true, command.replace("@", directory + "/").split(" ", -1));
    assertEquals(0, shown.exitCode);
    assertTrue(shown.out.contains("\repoch 300/300"), shown.out);
    assertTrue(shown.out.contains("200/200 rows"), shown.out);
    assertTrue(shown.out.contains("\repoch 300/300: loss "), shown.out);
  }

  @Test
  void helpListsEveryActivationAndOptimizer() {
    String help = succeed("train --help").out.replaceAll("\\s+", " ");
    String activations =
        Activation.defaults().stream()
            .map(Activation::toString)
            .filter(name -> !Set.of("exp", "expm1", "log", "log1p", "erf").contains(name))
            .collect(Collectors.joining(", "));
    assertTrue(help.contains(" one of: " + activations + " "), help);
    assertTrue(help.contains(" one of: " + String.join(", ", Rules.NAMES) + " "), help);
  }

  @Test
  void completionKnowsEveryCommand() {
    String script = succeed("generate-completion").out;
    for (String command :
        List.of("train", "predict", "convert", "info", "accuracy", "compare", "bench")) {
      assertTrue(script.contains("picocli_lanewise_" + command), command);
    }
    assertTrue(script.contains("--activation"), script);
  }

  /// The script keeps the values of an option under the label of its parameter: two options with
  /// one label would get the same values.
  @Test
  void completionProposesTheValuesOfEachOption() throws Exception {
    Path script = directory.resolve("completion");
    Files.writeString(script, succeed("generate-completion").out);
    assertEquals("sgd", firstProposal(script, "train --optimizer"));
    assertEquals("relu", firstProposal(script, "train --activation"));
    assertEquals("constant", firstProposal(script, "train --schedule"));
    assertEquals("rosenbrock", firstProposal(script, "optimizers --problem"));
    assertEquals("sgd", firstProposal(script, "optimizers --optimizers"));
    assertEquals("relu", firstProposal(script, "predict --activation"));
  }

  private static String firstProposal(Path script, String words) throws Exception {
    String bash =
        "source %s; COMP_WORDS=(lanewise %s ''); COMP_CWORD=3; _complete_lanewise; echo $COMPREPLY"
            .formatted(script, words);
    Process process = new ProcessBuilder("bash", "-c", bash).start();
    return new String(process.getInputStream().readAllBytes(), UTF_8).strip();
  }

  @Test
  void helpAndVersionAreNoErrors() {
    assertTrue(succeed("--help").out.contains("predict"));
    assertTrue(succeed("train --help").out.contains("--hidden"));
    String version = succeed("--version").out;
    assertTrue(version.matches("(?s)lanewise \\d+\\.\\d+\\.\\d+.*"), version);
  }

  @Test
  void learnsNumbersAndLabels() throws IOException {
    StringBuilder values = new StringBuilder("a,b,sum,difference\n");
    StringBuilder labels = new StringBuilder("a,b,left,high\n");
    var random = new SplittableRandom(5);
    for (int row = 0; row < 300; row++) {
      double a = random.nextDouble();
      double b = random.nextDouble();
      values.append("%s,%s,%s,%s\n".formatted(a, b, a + b, a - b));
      labels.append("%s,%s,%d,%d\n".formatted(a, b, a < 0.5 ? 1 : 0, b > 0.5 ? 1 : 0));
    }
    Files.writeString(directory.resolve("values.csv"), values);
    Files.writeString(directory.resolve("labels.csv"), labels);
    succeed(
        "train --task regression --targets 2 --train @values.csv --test @values.csv --lr 0.01"
            + " --hidden 16 --save @v --json @v.json");
    assertTrue(json(directory.resolve("v.json")).get("testRmse") < 0.1);
    assertTrue(succeed("info @v").out.contains("outputs: 2 (sum, difference)"));
    succeed(
        "train --task multilabel --targets 2 --train @labels.csv --test @labels.csv --lr 0.01"
            + " --hidden 16 --scaling standard --save @l --json @l.json");
    assertTrue(json(directory.resolve("l.json")).get("testLabelAccuracy") > 0.9);
    Files.writeString(directory.resolve("unnamed.csv"), "1,2,0\n3,4,1\n5,6,1\n");
    String unnamed = "train --train @unnamed.csv --test @unnamed.csv --epochs 1 --task ";
    succeed(unnamed + "regression --report @page");
    assertTrue(Files.readString(directory.resolve("page/index.html")).contains("<td>0</td>"));
    succeed(unnamed + "multilabel --report @page");
  }

  @Test
  void everyOptimizerLearnsAtItsOwnRateWithEverySchedule() {
    for (String optimizer : List.of("sgd --momentum 0.9", "adamw --weight-decay 0.1", "lion")) {
      for (String schedule :
          List.of("constant", "linear", "cosine", "warmup_cosine", "one_cycle")) {
        String out =
            succeed(
                    "train --train @train.csv --test @test.csv --epochs 3 --optimizer "
                        + optimizer
                        + " --schedule "
                        + schedule)
                .out;
        double rate = optimizer.equals("lion") ? 1e-4 : 1e-3;
        assertTrue(out.contains("learning rate " + rate + ","), out);
      }
    }
  }

  @Test
  void savesTheBestEpochAndStopsWhenPatienceEnds() throws IOException {
    String command =
        "train --train @train.csv --test @test.csv --hidden 4 --lr 0.5 --epochs 200"
            + " --validation 0.2 --patience 5 --dropout 0.3 --json @r.json --save @m";
    String out = succeed(command).out;
    double best = json(directory.resolve("r.json")).get("bestEpoch");
    long epochs = out.lines().filter(line -> line.startsWith("epoch ")).count();
    assertEquals((long) best + 5, epochs, out);
    assertTrue(out.contains("best epoch: " + (int) best), out);
    assertTrue(out.contains("training: 160 rows"), out);
    assertTrue(out.lines().anyMatch(line -> line.contains(", validation loss ")), out);
    assertTrue(succeed("info @m").out.contains("Dropout(0.3)"), out);
  }

  @Test
  void goesOnFromACheckpointAsIfItHadNeverStopped() throws IOException {
    String command =
        "train --train @train.csv --test @test.csv --hidden 8 --dropout 0.2 --clip 0.5"
            + " --clip-value 0.1 --validation 0.2 ";
    succeed(command + "--epochs 6 --save @whole");
    succeed(command + "--epochs 4 --checkpoint @c");
    String out = succeed(command + "--epochs 6 --resume @c --save @resumed --json @r.json").out;
    assertTrue(
        out.contains("resumed from " + directory.resolve("c") + ", after 4 epochs and 0 steps"),
        out);
    assertTrue(out.contains("epoch 5/6: loss ") && !out.contains("epoch 4/6"), out);
    assertArrayEquals(
        Files.readAllBytes(directory.resolve("whole")),
        Files.readAllBytes(directory.resolve("resumed")));
    succeed(command + "--epochs 4 --save @four");
    out = succeed(command + "--epochs 4 --resume @c --save @again --json @r.json").out;
    assertFalse(out.contains("us per step"), out);
    assertFalse(json(directory.resolve("r.json")).containsKey("microsecondsPerStep"));
    assertArrayEquals(
        Files.readAllBytes(directory.resolve("four")),
        Files.readAllBytes(directory.resolve("again")));
  }

  @Test
  void clippingChangesWhatIsLearned() throws IOException {
    String command = "train --train @train.csv --test @test.csv --epochs 2 --optimizer sgd ";
    succeed(command + "--save @free");
    succeed(command + "--clip 0.01 --save @norm");
    succeed(command + "--clip-value 0.01 --save @value");
    byte[] free = Files.readAllBytes(directory.resolve("free"));
    byte[] norm = Files.readAllBytes(directory.resolve("norm"));
    byte[] value = Files.readAllBytes(directory.resolve("value"));
    assertFalse(Arrays.equals(free, norm));
    assertFalse(Arrays.equals(free, value));
    assertFalse(Arrays.equals(norm, value));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--seed 1|--seed is 1, but was 42 in",
        "--hidden 9|the network is ",
        "--dropout 0.1|the network is ",
        "--batch 8|--batch is 8, but was 32 in",
        "--optimizer sgd|--optimizer is sgd, but was adam in",
        "--lr 0.1|--lr is 0.1, but was the default in",
        "--clip 1|--clip is 1.0, but was the default in",
        "--schedule cosine|--schedule is cosine, but was constant in",
        "--validation 0.5|--validation is 0.5, but was 0.0 in",
        "--scaling none|the training data is 200 rows of 2 features, 3 classes with the checksum",
      })
  void refusesACheckpointOfAnotherTraining(String options, String problem) throws IOException {
    String command = "train --train @train.csv --test @test.csv --epochs 2 ";
    succeed(command + "--checkpoint @c");
    List<String> before = files();
    Outcome outcome = run(command + "--resume @c --save @m --checkpoint @d " + options);
    assertEquals(2, outcome.exitCode);
    assertEquals(1, outcome.err.lines().count(), outcome.err);
    String begin = directory.resolve("c") + ": cannot be resumed: " + problem;
    assertTrue(outcome.err.startsWith(begin), outcome.err);
    assertEquals(before, files());
  }
}
