package io.github.lanewise.bench.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.io.NpyFile;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/// Every option of every command, through the jar: each does what it says. The commands run before
/// the tests, two at a time, and each tries many options. They get the flag that the program would
/// otherwise start a second JVM for, which `JarIT` tests.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OptionsIT {
  private static final String JAR = System.getProperty("lanewise.jar");
  private static final Path CLASSES = Path.of("target", "test-classes").toAbsolutePath();
  private static final String MAIN = "io.github.lanewise.bench.Main";

  /// Every other option is given, too, in one of the commands below.
  private static final Set<String> ON_EVERY_COMMAND = Set.of("--help", "--version");

  private static final String TRAIN =
      "train --train @rows.csv --test @rows.csv --task classification --validation 0.25"
          + " --patience 2 --scaling standard --hidden 8,6 --activation tanh --dropout 0.1"
          + " --loss cross_entropy --optimizer sgd --lr 0.05 --momentum 0.9 --weight-decay 0.01"
          + " --schedule cosine --clip 1 --clip-value 0.5 --batch 16 --epochs 3 --seed 7";

  @TempDir static Path directory;

  private record Outcome(int exitCode, String out, String err) {}

  private final Map<String, Outcome> outcomes = new LinkedHashMap<>();
  private final List<String> commands = new ArrayList<>();

  private Outcome run(String command) throws Exception {
    if (command.contains("--rule")) {
      // A rule of one's own stands on the class path, not in the jar.
      return run(List.of("-cp", JAR + File.pathSeparator + CLASSES, MAIN), command);
    }
    return run(List.of("-jar", JAR), command);
  }

  private Outcome run(List<String> options, String command) throws Exception {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    words.addAll(options);
    words.addAll(Arrays.asList(command.replace("@", directory + "/").split(" ", -1)));
    Path err = Files.createTempFile(directory, "err", "");
    Process java = new ProcessBuilder(words).redirectError(err.toFile()).start();
    java.getOutputStream().close();
    String out = new String(java.getInputStream().readAllBytes(), UTF_8);
    String warning = "WARNING: Using incubator modules: jdk.incubator.vector\n";
    return new Outcome(java.waitFor(), out, Files.readString(err).replace(warning, ""));
  }

  /// Runs commands, two at a time, which must all succeed.
  private void runAll(Map<String, String> named) throws Exception {
    commands.addAll(named.values());
    try (ExecutorService two = Executors.newFixedThreadPool(2)) {
      Map<String, Future<Outcome>> results = new LinkedHashMap<>();
      named.forEach(
          (name, command) -> results.put(name, two.submit((Callable<Outcome>) () -> run(command))));
      for (Map.Entry<String, Future<Outcome>> result : results.entrySet()) {
        Outcome outcome = result.getValue().get();
        assertEquals("", outcome.err, result.getKey());
        assertEquals(0, outcome.exitCode, result.getKey());
        outcomes.put(result.getKey(), outcome);
      }
    }
  }

  @BeforeAll
  void runCommands() throws Exception {
    StringBuilder rows = new StringBuilder("size,weight,kind\n");
    StringBuilder values = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      rows.append(i).append(',').append(i % 7).append(i < 200 ? ",small\n" : ",large\n");
      values.append(i).append(',').append(-i).append(',').append(i % 3).append('\n');
    }
    Files.writeString(directory.resolve("rows.csv"), rows);
    Files.writeString(directory.resolve("values.csv"), values);
    Files.writeString(directory.resolve("three.csv"), "1,2,3\n");
    Files.writeString(directory.resolve("new.csv"), "1,2\n300,2\n");
    Files.writeString(directory.resolve("jmh"), FiguresTest.JMH);
    Files.writeString(directory.resolve("torch"), FiguresTest.TORCH);
    Files.writeString(directory.resolve("errors"), FiguresTest.ERRORS);
    Files.writeString(directory.resolve("readme"), FiguresTest.README);
    Path heads = Path.of("../nn/src/test/resources/onnx/heads.onnx");
    Files.copy(heads, directory.resolve("heads.onnx"));
    runAll(
        Map.of(
            "train", TRAIN + " --save @m --json @m.json --report @page --checkpoint @c",
            "regression",
                "train --task regression --targets 2 --train @values.csv --test @values.csv"
                    + " --epochs 2 --loss huber --json @v.json",
            "accuracy",
                "accuracy --functions relu,tanh --sample 20000 --json @a.json --plots @plots",
            "compare",
                "compare --jmh @jmh --torch @torch --accuracy @errors --machine CPU"
                    + " --readme @readme",
            "optimizers",
                "optimizers --problem digits --optimizers sgd,adam --steps 20 --seeds 2 --sweep"
                    + " --no-times --out @lab --json @lab.json --data @rows.csv",
            "latency",
                "latency --layers 4,8,2 --threads 1,2 --load 0.4 --seconds 0.2 --json @l.json"));
    runAll(
        Map.of(
            "resumed", TRAIN + " --save @again --resume @c",
            "bare", "convert --from @m --to @bare --bare",
            "head", "convert --from @heads.onnx --onnx-output v4 --to @head",
            "onnx", "convert --from @m --to @m.onnx",
            "predict",
                "predict --model @m --data @rows.csv --output @p.npy --latency --json @p.json"
                    + " --task classification",
            "info", "info @m --json @i.json",
            "headInfo", "info @heads.onnx --onnx-output v7",
            "headPredict", "predict --model @heads.onnx --onnx-output v4 --data @three.csv --raw"));
    runAll(
        Map.of(
            "layers", "convert --from @bare --layers 2,8,6,2 --activation tanh --to @described",
            "layersInfo", "info @bare --layers 2,8,6,2 --activation tanh",
            "own",
                "optimizers --optimizers sgd --rule io.github.lanewise.bench.cli.OwnRule"
                    + " --steps 10",
            "starts", "latency --layers 4,2 --starts 1 --json @s.json",
            "layersPredict",
                "predict --model @bare --layers 2,8,6,2 --activation tanh --data @new.csv"));
  }

  private Json json(String file) throws IOException {
    return Json.read(directory.resolve(file));
  }

  private byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(directory.resolve(file));
  }

  /// A new option makes this fail until a command above gives it.
  @Test
  void everyOptionIsGivenToSomeCommand() {
    Set<String> missing = new TreeSet<>();
    CommandLine all = Lanewise.commandLine(System.out, System.err, false);
    all.getSubcommands()
        .forEach(
            (name, command) -> {
              for (OptionSpec option : command.getCommandSpec().options()) {
                String longest = option.longestName();
                boolean isGiven =
                    commands.stream()
                        .map(each -> List.of(each.split(" ", -1)))
                        .anyMatch(words -> words.contains(name) && words.contains(longest));
                if (!isGiven && !ON_EVERY_COMMAND.contains(longest)) {
                  missing.add(name + " " + longest);
                }
              }
            });
    // All 2^32 floats take half a minute even for the simplest function.
    assertEquals(Set.of("accuracy --exhaustive"), missing);
  }

  @Test
  void trainDoesWhatEachOptionSays() throws IOException {
    Json settings = json("m.json").get("settings");
    String[] words = TRAIN.split(" ", -1);
    for (int i = 1; i < words.length; i += 2) {
      String given = words[i + 1].replace("@", directory + "/");
      String value = settings.get(TrainingPage.key(words[i])).text();
      assertTrue(value.equals(given) || value.equals(given + ".0"), words[i] + " is " + value);
    }
    assertEquals(
        "Sequential[Linear(2, 8), tanh, Dropout(0.1), Linear(8, 6), tanh, Dropout(0.1),"
            + " Linear(6, 2)]",
        json("m.json").get("network").text());
    Json optimizer = json("m.json").get("optimizerSettings");
    assertEquals(0.05, optimizer.get("lr").number());
    assertEquals(0.9, optimizer.get("momentum").number());
    assertEquals(0.01, optimizer.get("weightDecay").number());
    String out = outcomes.get("train").out;
    assertTrue(out.contains("training: 300 rows of 2 features, 2 classes"), out);
    assertTrue(out.contains("epoch 3/3: loss "), out);
    assertTrue(Files.readString(directory.resolve("page/index.html")).contains("<svg"));
    assertEquals("regression", json("v.json").get("settings").get("task").text());
    assertEquals("huber", json("v.json").get("settings").get("loss").text());
    assertEquals(2, json("v.json").get("predictions").items().size());
    out = outcomes.get("resumed").out;
    assertTrue(out.contains("resumed from " + directory.resolve("c") + ", after 3 epochs"), out);
    assertArrayEquals(bytes("m"), bytes("again"));
  }

  @Test
  void predictDoesWhatEachOptionSays() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      StateDict.Entry written = NpyFile.read(arena, directory.resolve("p.npy"));
      assertEquals("[400, 2]", written.shape().toString());
      float[] all = written.values().toArray();
      assertEquals(1, all[0] + all[1], 1e-6, "probabilities");
    }
    String out = outcomes.get("predict").out;
    assertTrue(out.contains("time to predict one row: median "), out);
    assertTrue(json("p.json").get("p99Micros").number() > 0);
    assertTrue(json("p.json").get("accuracy").number() > 0);
    String[] raw = outcomes.get("headPredict").out.strip().split(", ", -1);
    assertEquals(2, raw.length);
    assertEquals(2, outcomes.get("layersPredict").out.lines().count());
  }

  @Test
  void convertAndInfoDoWhatEachOptionSays() throws IOException {
    assertTrue(new String(bytes("bare"), UTF_8).contains("0.weight"));
    assertEquals(-1, new String(bytes("bare"), UTF_8).indexOf("lanewise.layers"));
    assertTrue(new String(bytes("described"), UTF_8).contains("lanewise.layers"));
    assertTrue(outcomes.get("head").out.startsWith("Sequential[Linear(3, 4), relu, Linear(4, 2)]"));
    assertTrue(bytes("m.onnx").length > 200);
    assertEquals("standard", json("m.json").get("settings").get("scaling").text());
    assertEquals("2", json("i.json").get("inputs").text());
    assertTrue(outcomes.get("info").out.contains("outputs: 2 (large, small)"));
    assertTrue(outcomes.get("headInfo").out.contains("sigmoid"));
    assertTrue(outcomes.get("layersInfo").out.contains("tanh"));
  }

  @Test
  void theOtherCommandsDoWhatEachOptionSays() throws IOException {
    assertEquals(2, json("a.json").items().size());
    assertTrue(Files.exists(directory.resolve("plots/tanh.png")));
    assertTrue(outcomes.get("compare").out.contains(", CPU, JDK 24.0.1+9, PyTorch 2.9."));
    assertTrue(Files.readString(directory.resolve("readme")).contains("| exp | 100 |"));
    String out = outcomes.get("optimizers").out;
    assertTrue(
        out.contains("1 problems, 2 rules, 36 learning rates, 2 seeds, 20 steps in a run"), out);
    String lab = Files.readString(directory.resolve("lab/index.html"));
    assertTrue(lab.contains("No times were taken.") && lab.contains("--data rows.csv"), lab);
    assertEquals(2, json("lab.json").get("problems").items().getFirst().get("runs").items().size());
    assertTrue(outcomes.get("own").out.contains("1 problems, 2 rules"), outcomes.get("own").out);
    out = outcomes.get("latency").out;
    assertEquals(2, out.lines().filter(line -> line.matches("\\| [12] \\|.*")).count(), out);
    assertEquals(0.4, json("l.json").get("load").number());
    out = outcomes.get("starts").out;
    assertTrue(out.lines().anyMatch(line -> line.startsWith("| 1 | ")), out);
    assertEquals(1, json("s.json").get("firstNanos").items().size());
  }

  @Test
  void helpHasAnExampleAndTheVersionIsThatOfTheJar() throws Exception {
    for (String command : List.of("train", "predict", "convert", "info")) {
      Outcome help = run(command + " --help");
      assertEquals("", help.err);
      assertTrue(help.out.contains("Example"), help.out);
      assertTrue(help.out.contains("  lanewise " + command + " "), help.out);
    }
    assertTrue(run("info --version").out.startsWith("lanewise "));
    Outcome both = run("accuracy --exhaustive --sample 5");
    assertEquals(2, both.exitCode);
    assertEquals(1, both.err.lines().count(), both.err);
  }

  @Test
  void tooLittleMemoryIsBadInput() throws Exception {
    Outcome many =
        run(
            List.of("-Xmx64m", "-jar", JAR),
            "optimizers --optimizers sgd --steps 1 --seeds 1000000000 --no-times --json @many.json");
    assertEquals(2, many.exitCode);
    assertTrue(many.err.startsWith("there is not enough memory for this "), many.err);
    assertEquals(1, many.err.lines().count(), many.err);
    assertFalse(Files.exists(directory.resolve("many.json")));
  }
}
