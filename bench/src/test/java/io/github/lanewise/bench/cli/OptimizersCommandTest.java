package io.github.lanewise.bench.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The optimizer lab, in this JVM and without a browser.
final class OptimizersCommandTest {
  private static final String SMALL =
      "optimizers --problem rosenbrock,himmelblau,logistic --optimizers sgd,adam,rmsprop,"
          + "schedule_free_adamw,lamb --rule io.github.lanewise.bench.cli.OwnRule --steps 130"
          + " --seeds 3";

  /// What `SMALL` wrote: folders and JSON files named `once`, `again` and, with times, `timed`.
  @TempDir static Path small;

  private static String printed;

  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeAll
  static void runTheSmallCommandThrice() {
    for (String name : List.of("once --no-times", "again --no-times", "timed")) {
      String file = name.split(" ", -1)[0];
      var out = new ByteArrayOutputStream();
      var err = new ByteArrayOutputStream();
      String files = " --json @" + file + ".json --out @" + name;
      assertEquals(0, run(SMALL + files, small, out, err), () -> err.toString(UTF_8));
      assertEquals("", err.toString(UTF_8));
      printed = out.toString(UTF_8);
    }
  }

  private static int run(
      String command, Path directory, ByteArrayOutputStream out, ByteArrayOutputStream err) {
    return Lanewise.run(
        new PrintStream(out, true, UTF_8),
        new PrintStream(err, true, UTF_8),
        false,
        command.replace("@", directory + "/").split(" ", -1));
  }

  private int run(String command) {
    return run(command, directory, out, err);
  }

  private void succeed(String command) {
    assertEquals(0, run(command), () -> err.toString(UTF_8));
    assertEquals("", err.toString(UTF_8));
  }

  private static Map<String, String> files(Path root) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(root.relativize(file).toString(), Files.readString(file));
      }
    }
    return files;
  }

  @Test
  void everyFigureOfThePageIsThatOfTheJson() throws Exception {
    PageReader reader = new PageReader(small.resolve("timed.json"));
    Map<String, String> files = files(small.resolve("timed"));
    String page = files.remove("index.html");
    int cells = reader.checkCells(page);
    int marks = reader.checkCharts(page);
    for (int problem = 0; problem < 3; problem++) {
      for (int rule = 0; rule < 6; rule++) {
        String place = ".problems[%d].runs[%d]".formatted(problem, rule);
        for (String part : List.of(".loss.low", ".loss.median", ".loss.high", ".sweep.median")) {
          assertTrue(reader.seen().contains(place + part), "the page lacks " + place + part);
        }
        boolean hasPath = reader.seen().contains(place + ".paths[2].x");
        assertEquals(problem < 2, hasPath, place);
        boolean hasDrift = reader.seen().contains(place + ".precision[0].drift");
        assertTrue(hasDrift, "the page lacks the drift of " + place);
      }
    }
    assertTrue(cells > 200 && marks > 200, cells + " cells, " + marks + " marks");
    int again = 0;
    for (Map.Entry<String, String> file : files.entrySet()) {
      if (file.getKey().endsWith(".svg")) {
        again += reader.checkChart(file.getValue());
      }
    }
    assertEquals(marks, again, "marks in the files of charts");
  }

  @Test
  void thePageNeedsNoOtherFile() throws IOException {
    String page =
        files(small.resolve("once")).get("index.html").replace("http://www.w3.org/2000/svg", "");
    for (String part : List.of("http:", "https:", "//", "@import", "src=", "fetch", "import(")) {
      String rest = part.equals("//") ? page.replaceAll("(?m)^// .*", "") : page;
      assertFalse(rest.contains(part), "the page has " + part);
    }
  }

  @Test
  void theSameCommandGivesTheSameBytesTimesAside() throws IOException {
    Map<String, String> once = files(small.resolve("once"));
    assertEquals(once, files(small.resolve("again")));
    String untimed = Files.readString(small.resolve("once.json"));
    assertEquals(untimed, Files.readString(small.resolve("again.json")));
    assertEquals(
        withoutTimes(untimed), withoutTimes(Files.readString(small.resolve("timed.json"))));
    for (String file : List.of("losses.csv", "charts/rosenbrock-paths.svg")) {
      assertTrue(once.containsKey(file), file);
      assertEquals(once.get(file), files(small.resolve("timed")).get(file));
    }
  }

  private static String withoutTimes(String json) {
    return json.replaceAll("(\"secondsToTarget\" : ).*", "$1")
        .replaceAll("(\"nanosecondsPerParameter\" : )(null|\\[[^]]*])", "$1");
  }

  @Test
  void everyRuleIsItsScalarTwinBitForBit() throws IOException {
    succeed(
        "optimizers --problem himmelblau,digits --steps 30 --seeds 1 --no-times --json @t.json"
            + " --rule io.github.lanewise.bench.cli.OwnRule");
    PageReader reader = new PageReader(directory.resolve("t.json"));
    List<String> without = new ArrayList<>();
    for (int problem = 0; problem < 2; problem++) {
      List<?> runs = (List<?>) reader.at(".problems[%d].runs".formatted(problem));
      for (Object run : runs) {
        Map<?, ?> members = (Map<?, ?>) run;
        if (members.get("ulpsFromTwin") instanceof List<?> ulps) {
          assertEquals(30, ulps.size());
          assertEquals("0", members.get("maxUlpsFromTwin"), () -> members.get("optimizer") + "");
        } else {
          without.add((String) members.get("optimizer"));
        }
      }
    }
    assertEquals(List.of(), without, "rules without a twin");
  }

  @Test
  void aRuleOfOnesOwnGetsEveryPlot() throws IOException {
    assertTrue(printed.contains("own_sign"), printed);
    Map<String, String> files = files(small.resolve("once"));
    for (String chart : List.of("path", "band", "drift")) {
      assertTrue(files.containsKey("charts/himmelblau-" + chart + "-own_sign.svg"), chart);
    }
    assertTrue(files.get("charts/all-profiles.svg").contains("data-series='own_sign'"));
    assertTrue(files.get("charts/himmelblau-sweep.svg").contains("data-series='own_sign'"));
  }

  @Test
  void theSmallRunEndsInTwentySecondsOfTwoCores() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long before = system.getProcessCpuTime();
    succeed("optimizers --out @lab --json @lab.json");
    double seconds = (system.getProcessCpuTime() - before) / 1e9;
    assertTrue(seconds < 40, seconds + " s of processor time"); // whatever else the machine does
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --problem rosenbruck     | --problem has 'rosenbruck', must be of [rosenbrock, beale,
          --optimizers adam,lien   | --optimizers has 'lien', must be of [sgd, adam,
          --steps 0                | --steps is 0, must be positive
          --seeds -1               | --seeds is -1, must be positive
          --steps x                | Invalid value for option '--steps'
          --data @digits.csv       | --data is only for the problem digits
          --problem digits --data @no.csv | no.csv: no such file
          --rule my.Rule           | --rule: there is no class my.Rule on the class path
          --rule java.lang.Object  | --rule: java.lang.Object is no io.github.lanewise.core.UpdateRule
          --rule java.lang.Math    | --rule: java.lang.Math has no public constructor without parameters
          --json @no/lab.json      | no/lab.json
          """)
  void badInputIsOneLineAndExitCode2(String options, String problem) throws IOException {
    assertEquals(2, run("optimizers --out @lab " + options));
    String line = err.toString(UTF_8);
    assertTrue(line.contains(problem), line);
    assertEquals(1, line.lines().count(), line);
    try (var files = Files.list(directory)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void thePictureOfTheReadmeIsThatOfItsCommand() throws IOException {
    Path root = Path.of("").toAbsolutePath().getParent();
    String readme = Files.readString(root.resolve("README.md"));
    Matcher command =
        Pattern.compile("lanewise\\.jar (optimizers [^`\\n]*--out )(\\S+)").matcher(readme);
    assertTrue(command.find(), "README has no command optimizers");
    succeed(command.group(1) + "@" + command.group(2) + " --no-times"); // times change no path
    Matcher picture = Pattern.compile("!\\[[^]]*]\\((bench/[^)]*\\.svg)\\)").matcher(readme);
    assertTrue(picture.find(), "README has no picture");
    String shown = Files.readString(root.resolve(picture.group(1)));
    assertEquals(
        files(directory.resolve(command.group(2))).get("charts/rosenbrock-paths.svg"), shown);
  }

  @Test
  void realDigitsComeFromAFile() throws IOException {
    StringBuilder csv = new StringBuilder("a,b,class\n");
    for (int i = 0; i < 60; i++) {
      csv.append("%d,%d,%s%n".formatted(i % 7, i % 5, i % 7 > 3 ? "many" : "few"));
    }
    Files.writeString(directory.resolve("digits.csv"), csv);
    succeed(
        "optimizers --problem digits --data @digits.csv --optimizers adam --steps 50 --seeds 1"
            + " --no-times --json @d.json");
    PageReader reader = new PageReader(directory.resolve("d.json"));
    String description = (String) reader.at(".problems[0].description");
    assertTrue(description.startsWith("digits from digits.csv: a network of 2, 16 and 2 units"));
    double[] losses = reader.numbers(".problems[0].runs[0].loss.median");
    assertTrue(losses[losses.length - 1] < 0.3 * losses[0], () -> "from " + losses[0]);
  }
}
