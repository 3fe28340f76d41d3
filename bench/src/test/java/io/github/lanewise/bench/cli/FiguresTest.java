package io.github.lanewise.bench.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The commands that measure, in this JVM: `accuracy` and `compare`.
final class FiguresTest {
  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String command) {
    return Lanewise.run(
        new PrintStream(out, true, UTF_8),
        new PrintStream(err, true, UTF_8),
        false,
        command.replace("@", directory + "/").split(" ", -1));
  }

  @Test
  void accuracyReportsEveryFunctionAskedForAndDrawsItsErrors() throws IOException {
    assertEquals(
        0, run("accuracy --functions relu,tanh --sample 20000 --json @a.json --plots @plots"));
    List<Json> rows = Json.read(directory.resolve("a.json")).items();
    assertEquals(2, rows.size());
    assertEquals("relu", rows.getFirst().get("function").text());
    assertEquals(0, rows.getFirst().get("maxUlp").number());
    assertEquals(0, rows.getFirst().get("incorrectlyRounded").number());
    double tanh = rows.getLast().get("maxUlp").number();
    assertTrue(tanh > 0.5 && tanh <= 1, "tanh errs by " + tanh);
    double jdk = rows.getLast().get("jdkMaxUlp").number();
    assertTrue(jdk > 0 && jdk < 10, "the JDK's tanh errs by " + jdk);
    assertEquals(1, rows.getLast().get("pytorchBoundUlp").number());
    byte[] plot = Files.readAllBytes(directory.resolve("plots/tanh.png"));
    assertEquals("PNG", new String(plot, 1, 3, UTF_8));
  }

  @Test
  void accuracyWritesNoFileUnasked() throws IOException {
    Path plots = Path.of("accuracy-plots");
    assertFalse(Files.exists(plots), "left by another run");
    assertEquals(0, run("accuracy --functions relu --sample 20000"));
    assertFalse(Files.exists(plots));
    assertFalse(out.toString(UTF_8).contains("plots"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          accuracy --functions relu,sinh | --functions has 'sinh', must be of [relu,
          accuracy --sample 0            | --sample is 0, must be from 1 to 4294967296
          accuracy --sample x            | Invalid value for option '--sample'
          compare --jmh @no --torch @no --accuracy @no --machine a | no: no such file
          """)
  void badInputIsOneLineAndExitCode2(String command, String problem) throws IOException {
    assertEquals(2, run(command));
    String line = err.toString(UTF_8);
    assertTrue(line.contains(problem), line);
    assertEquals(1, line.lines().count(), line);
    try (var files = Files.list(directory)) {
      assertEquals(0, files.count());
    }
  }

  static final String JMH =
      """
      [{"benchmark": "x.ActivationBench.forward", "mode": "avgt", "threads": 1,
        "vmVersion": "24.0.1+9", "params": {"op": "exp", "n": "100", "polluted": "false"},
        "primaryMetric": {"scoreUnit": "ns/op", "rawData": [[24.0, 20.0], [22.0, 23.0]]}},
       {"benchmark": "x.ActivationBench.forward", "mode": "avgt", "threads": 1,
        "vmVersion": "24.0.1+9", "params": {"op": "exp", "n": "100", "polluted": "true"},
        "primaryMetric": {"scoreUnit": "ns/op", "rawData": [[25.0]]}},
       {"benchmark": "x.ActivationBench.backward", "mode": "avgt", "threads": 1,
        "vmVersion": "24.0.1+9", "params": {"op": "exp", "n": "100", "polluted": "false"},
        "primaryMetric": {"scoreUnit": "ns/op", "rawData": [[10.0]]}},
       {"benchmark": "x.SoftmaxBench.softmaxForward", "mode": "avgt", "threads": 1,
        "vmVersion": "24.0.1+9", "params": {"rows": "0", "cols": "1000", "polluted": "false"},
        "primaryMetric": {"scoreUnit": "ns/op", "rawData": [[130000.0]]}},
       {"benchmark": "x.SoftmaxBench.logSoftmaxForward", "mode": "avgt", "threads": 1,
        "vmVersion": "24.0.1+9", "params": {"rows": "5", "cols": "16", "polluted": "false"},
        "primaryMetric": {"scoreUnit": "ns/op", "rawData": [[40.0]]}},
       {"benchmark": "x.CeilingBench.copy"}]
      """;

  static final String TORCH =
      """
      {"torch": "2.9", "threads": 1, "rows": [
        {"what": "exp", "n": 100, "value": 0.5},
        {"what": "softmax rows of 1000", "n": 65000, "value": 3},
        {"what": "gemm", "n": 7, "value": "fast"}]}
      """;

  static final String ERRORS = "[{\"function\": \"exp\", \"maxUlp\": 0.875}]";

  static final String README =
      "a\n<!-- figures: lanewise compare -->\nold\n<!-- end of figures -->\nz\n";

  private int compare(String jmh, String torch, String errors) throws IOException {
    Files.writeString(directory.resolve("jmh"), jmh);
    Files.writeString(directory.resolve("torch"), torch);
    Files.writeString(directory.resolve("errors"), errors);
    Files.writeString(directory.resolve("readme"), README);
    return run(
        "compare --jmh @jmh --torch @torch --accuracy @errors --machine CPU --readme @readme");
  }

  @Test
  void compareSetsTheFiguresBesideEachOtherAndIntoTheReadme() throws IOException {
    assertEquals(0, compare(JMH, TORCH, ERRORS), err.toString(UTF_8));
    List<String> rows =
        List.of(
            "| exp | 100 | 0.200 | 0.220 | 0.250 | 0.500 | 2.5 | 0.88 |",
            "| exp_backward | 100 | 0.100 | 0.100 |  |  |  |  |",
            "| softmax rows of 1000 | 65000 | 2.000 | 2.000 |  | 3.000 | 1.5 |  |",
            "| log_softmax rows of 16 | 80 | 0.500 | 0.500 |  |  |  |  |",
            "",
            "Nanoseconds per element, one thread, CPU, JDK 24.0.1+9, PyTorch 2.9.");
    assertEquals(rows, out.toString(UTF_8).lines().skip(2).toList());
    String changed = Files.readString(directory.resolve("readme"));
    assertEquals(README.replace("old\n", "\n" + out.toString(UTF_8) + "\n"), changed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          [                            |                       | jmh: line 2: is not JSON: Unexpected end
          (?s).*                       |                       | jmh: is empty
          (?s).*                       | {}                    | jmh: the top level is an object, must be an array
          (?s).*                       | []                    | jmh: the top level is an empty array, must have
          (?s).*                       | 7 8                   | jmh: line 1: has more than one JSON value
          (?s).*                       | [7]                   | jmh: .[0] is '7', must be an object
          (?s).*                       | [{}]                  | jmh: .[0].benchmark is missing
          (?s).*                       | [{"benchmark": "x"}]  | jmh: has no result of ActivationBench or
          "primaryMetric": .*?]]},?    | "x": 1                | jmh: .[0].primaryMetric is missing
          "primaryMetric": .*?]]}      | "primaryMetric": 1    | jmh: .[0].primaryMetric is '1', must be an object
          .24.0, 20.0.                 | []                    | jmh: .[0].primaryMetric.rawData[0] is an empty
          24.0, 20.0                   | "NaN"                 | .rawData[0][0] is 'NaN', must be a number of at
          24.0, 20.0                   | null                  | .rawData[0][0] is 'null', must be a number
          "n": "100"                   | "m": "100"            | jmh: .[0].params.n is missing
          "n": "100"                   | "n": []               | jmh: .[0].params.n is an empty array, must be a s
          "n": "100"                   | "n": "0"              | jmh: .[0].params.n is '0', must be at least 1
          "n": "100"                   | "n": "1e2"            | jmh: .[0].params.n is '1e2', must be a whole number
          "op": "exp"                  | "po": "exp"           | jmh: .[0].params.op is missing
          "polluted": "false"          | "polluted": "no"      | .[0].params.polluted is 'no', must be true or false
          ns/op                        | us/op                 | .scoreUnit is 'us/op', must be 'ns/op'
          avgt                         | thrpt                 | .[0].mode is 'thrpt', must be 'avgt'
          "threads": 1                 | "threads": 2          | .[0].threads is '2', must be '1'
          24.0.1                       | 25                    | .[1].vmVersion is '24.0.1+9', and others have '25+9'
          """)
  void compareNamesWhatIsWrongInTheResultsOfJmh(String part, String instead, String problem)
      throws IOException {
    String without = instead == null ? "" : instead;
    String broken = part.equals("[") ? "[\n" : JMH.replaceFirst(part, without);
    assertRefused(compare(broken, TORCH, ERRORS), problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          {"torch": "2", "threads": 2, "rows": [{"what": "exp", "n": 100}]} | torch: .threads is '2', must be '1'
          {"torch": "2", "threads": 1}                                    | torch: .rows is missing
          {"torch": "2", "threads": 1, "rows": 1}                         | torch: .rows is '1', must be an array
          {"torch": "2", "threads": 1, "rows": [1]}                       | torch: .rows[0] is '1', must be an object
          {"torch": "2", "threads": 1, "rows": [{"n": 1}]}                | torch: .rows[0].what is missing
          {"torch": "2", "threads": 1, "rows": [{"what": "exp"}]}         | torch: .rows[0].n is missing
          {"torch": 2, "threads": 1, "rows": [{"what": "exp", "n": 100}]} | torch: .rows[0].value is missing
          {"threads": 1, "rows": [{"what": "x", "n": 100}]}               | torch: .torch is missing
          """)
  void compareNamesWhatIsWrongInTheFiguresOfPyTorch(String torch, String problem)
      throws IOException {
    assertRefused(compare(JMH, torch, ERRORS), problem);
  }

  @Test
  void compareNamesWhatIsWrongInTheErrors() throws IOException {
    assertRefused(compare(JMH, TORCH, "[{}]"), "errors: .[0].function is missing");
  }

  private void assertRefused(int exitCode, String problem) throws IOException {
    String line = err.toString(UTF_8);
    assertEquals(2, exitCode, line);
    assertEquals(1, line.lines().count(), line);
    assertTrue(line.contains(problem), line);
    assertEquals("", out.toString(UTF_8));
    assertEquals(README, Files.readString(directory.resolve("readme")));
  }
}
