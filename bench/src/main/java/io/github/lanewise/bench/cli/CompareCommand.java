package io.github.lanewise.bench.cli;

import io.github.lanewise.nn.io.AtomicFile;
import io.github.lanewise.nn.io.FileException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Sets our figures beside PyTorch's, in the table of the README.
@Command(
    name = "compare",
    description = {
      "Prints a table of JMH's results beside PyTorch's figures.",
      "Lanewise's figure is that of the fastest iteration, as PyTorch's is that of its fastest"
          + " repetition. The slowest fork shows whether every JVM gets there. Errors are those that"
          + " accuracy --json found. Take all figures within minutes: a shared machine changes its"
          + " speed."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    versionProvider = Lanewise.Version.class)
final class CompareCommand implements Callable<Integer> {
  private static final String BEGIN = "<!-- figures: lanewise compare -->\n";
  private static final String END = "<!-- end of figures -->\n";

  private final PrintStream out;

  @Option(
      names = "--jmh",
      paramLabel = "FILE",
      required = true,
      description = "JMH's results of ActivationBench and SoftmaxBench, in JSON")
  Path jmhFile;

  @Option(
      names = "--torch",
      paramLabel = "FILE",
      required = true,
      description =
          "PyTorch's figures, in JSON: an object with its version in 'torch', 1 in 'threads', and"
              + " 'rows' with 'what', 'n' and 'value' in ns per element")
  Path torchFile;

  @Option(
      names = "--accuracy",
      paramLabel = "FILE",
      required = true,
      description = "what accuracy --json wrote")
  Path accuracyFile;

  @Option(
      names = "--machine",
      paramLabel = "TEXT",
      required = true,
      description = "the CPU that was measured, as it shall stand below the table")
  String machine;

  @Option(
      names = "--readme",
      paramLabel = "FILE",
      description = "a file with a table of this command, which is replaced")
  Path readme;

  CompareCommand(PrintStream out) {
    this.out = out;
  }

  private record Key(String function, long elements) {}

  /// The figures of one function at one size, in ns per element; NaN where there is none.
  private static final class Row {
    private double clean = Double.NaN;
    private double slowestFork = Double.NaN;
    private double polluted = Double.NaN;
    private double torch = Double.NaN;
    private double maxUlp = Double.NaN;
  }

  @Override
  public Integer call() throws FileException {
    Map<Key, Row> rows = new LinkedHashMap<>();
    String jdk = addJmh(rows);
    String torch = addTorch(rows);
    addErrors(rows);
    String table =
        table(rows)
            + "\nNanoseconds per element, one thread, %s, JDK %s, PyTorch %s.\n"
                .formatted(machine, jdk, torch);
    if (readme != null) {
      replace(table);
    }
    out.print(table);
    return 0;
  }

  /// Adds our figures, and returns the JDK that they were measured on.
  private String addJmh(Map<Key, Row> rows) throws FileException {
    String jdk = null;
    for (Json item : Json.read(jmhFile).items()) {
      JmhResult result = JmhResult.of(item);
      if (result == null) {
        continue;
      }
      if (jdk != null && !jdk.equals(result.jdk())) {
        throw item.get("vmVersion").wrong("and others have '" + jdk + "': measure with one JDK");
      }
      jdk = result.jdk();
      Key key = new Key(result.function(), result.elements());
      Row row = rows.computeIfAbsent(key, absent -> new Row());
      if (result.polluted()) {
        row.polluted = result.fastest();
      } else {
        row.clean = result.fastest();
        row.slowestFork = result.slowestFork();
      }
    }
    if (jdk == null) {
      throw new FileException(jmhFile, "has no result of ActivationBench or SoftmaxBench");
    }
    return jdk;
  }

  /// Adds PyTorch's figures, and returns its version.
  private String addTorch(Map<Key, Row> rows) throws FileException {
    Json torch = Json.read(torchFile);
    torch.get("threads").require("1");
    for (Json figure : torch.get("rows").items()) {
      Key key = new Key(figure.get("what").text(), figure.get("n").count());
      Row row = rows.get(key);
      if (row != null) {
        row.torch = figure.get("value").number();
      }
    }
    return torch.get("torch").text();
  }

  private void addErrors(Map<Key, Row> rows) throws FileException {
    for (Json errors : Json.read(accuracyFile).items()) {
      String function = errors.get("function").text();
      double maxUlp = errors.get("maxUlp").number();
      rows.forEach(
          (key, row) -> {
            if (key.function.equals(function)) {
              row.maxUlp = maxUlp;
            }
          });
    }
  }

  private static String table(Map<Key, Row> rows) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        | function | n | Lanewise | slowest fork | polluted | PyTorch | PyTorch / Lanewise | max ulp |
        |---|--:|--:|--:|--:|--:|--:|--:|
        """);
    rows.forEach(
        (key, row) ->
            text.append(
                "| %s | %s | %s | %s | %s | %s | %s | %s |\n"
                    .formatted(
                        key.function,
                        key.elements,
                        figure(row.clean, 3),
                        figure(row.slowestFork, 3),
                        figure(row.polluted, 3),
                        figure(row.torch, 3),
                        figure(row.torch / row.clean, 1),
                        figure(row.maxUlp, 2))));
    return text.toString();
  }

  private static String figure(double value, int digits) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  private void replace(String table) throws FileException {
    String text;
    try {
      text = Files.readString(readme);
    } catch (IOException e) {
      throw new FileException(readme, "cannot be read", e);
    }
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new FileException(
          readme, "has no lines " + BEGIN.strip() + " and " + END.strip() + " around a table");
    }
    String changed = text.substring(0, begin + BEGIN.length()) + "\n" + table + "\n";
    AtomicFile.write(
        readme, to -> to.write((changed + text.substring(end)).getBytes(StandardCharsets.UTF_8)));
  }
}
