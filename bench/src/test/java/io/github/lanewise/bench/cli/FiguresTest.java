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
    List<?> rows = (List<?>) Json.read(directory.resolve("a.json"));
    assertEquals(2, rows.size());
    assertEquals("relu", Json.get(rows.getFirst(), "function"));
    assertEquals("0.0", Json.get(rows.getFirst(), "maxUlp"));
    assertEquals("0", Json.get(rows.getFirst(), "incorrectlyRounded"));
    double tanh = Double.parseDouble(String.valueOf(Json.get(rows.getLast(), "maxUlp")));
    assertTrue(tanh > 0.5 && tanh <= 1, "tanh errs by " + tanh);
    byte[] plot = Files.readAllBytes(directory.resolve("plots/tanh.png"));
    assertEquals("PNG", new String(plot, 1, 3, UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          accuracy --functions relu,sinh | --functions has 'sinh', must be of [relu,
          accuracy --sample 0            | --sample is 0, must be from 1 to 4294967296
          accuracy --sample x            | Invalid value for option '--sample'
          compare --jmh @no --torch @no --accuracy @no --machine a | no: cannot be read as JSON
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

  @Test
  void compareSetsTheFiguresBesideEachOtherAndIntoTheReadme() throws IOException {
    Files.writeString(
        directory.resolve("jmh"),
        """
        [{"benchmark": "x.ActivationBench.forward",
          "params": {"op": "exp", "n": "100", "polluted": "false"},
          "primaryMetric": {"rawData": [[24.0, 20.0], [22.0, 23.0]]}},
         {"benchmark": "x.ActivationBench.forward",
          "params": {"op": "exp", "n": "100", "polluted": "true"},
          "primaryMetric": {"rawData": [[25.0]]}},
         {"benchmark": "x.ActivationBench.backward",
          "params": {"op": "exp", "n": "100", "polluted": "false"},
          "primaryMetric": {"rawData": [[10.0]]}}]
        """);
    Files.writeString(
        directory.resolve("torch"),
        "{\"rows\": [{\"what\": \"exp\", \"n\": 100, \"value\": 0.5}]}");
    Files.writeString(
        directory.resolve("accuracy"), "[{\"function\": \"exp\", \"maxUlp\": 0.875}]");
    Path readme = directory.resolve("readme");
    Files.writeString(
        readme, "a\n<!-- figures: lanewise compare -->\nold\n<!-- end of figures -->\nz\n");
    assertEquals(
        0,
        run(
            "compare --jmh @jmh --torch @torch --accuracy @accuracy --machine CPU --readme @readme"),
        err.toString(UTF_8));
    String row = "| exp | 100 | 0.200 | 0.220 | 0.250 | 0.500 | 2.5 | 0.88 |";
    assertTrue(out.toString(UTF_8).contains(row), out.toString(UTF_8));
    assertTrue(out.toString(UTF_8).contains("| exp_backward | 100 | 0.100 | 0.100 |  |  |  |  |"));
    String changed = Files.readString(readme);
    assertTrue(changed.startsWith("a\n") && changed.endsWith("z\n"), changed);
    assertTrue(changed.contains(row), changed);
    assertFalse(changed.contains("old"), changed);
  }
}
