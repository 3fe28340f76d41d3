package io.github.lanewise.bench.cli;

import io.github.lanewise.nn.io.AtomicFile;
import io.github.lanewise.nn.io.FileException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Sets our figures beside PyTorch's, as a table of the README.
@Command(
    name = "compare",
    description = {
      "Prints a table of JMH's results (-rf json) beside PyTorch's figures of the same minutes,",
      "with the largest errors that `accuracy --json` found. As PyTorch's figure is that of its",
      "fastest repetition, ours is that of the fastest iteration; the slowest fork shows whether",
      "every JVM gets there."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Lanewise.Version.class)
final class CompareCommand implements Callable<Integer> {
  private static final String BEGIN = "<!-- figures: lanewise compare -->\n";
  private static final String END = "<!-- end of figures -->\n";

  private final PrintStream out;

  @Spec CommandSpec spec;

  @Option(names = "--jmh", paramLabel = "FILE", required = true, description = "JMH's results")
  Path jmhFile;

  @Option(
      names = "--torch",
      paramLabel = "FILE",
      required = true,
      description = "PyTorch's: rows of what, n and value in ns per element")
  Path torchFile;

  @Option(
      names = "--accuracy",
      paramLabel = "FILE",
      required = true,
      description = "what `accuracy --json` wrote")
  Path accuracyFile;

  @Option(names = "--machine", paramLabel = "TEXT", required = true, description = "its CPU")
  String machine;

  @Option(names = "--readme", paramLabel = "FILE", description = "where the table is replaced")
  Path readme;

  CompareCommand(PrintStream out) {
    this.out = out;
  }

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
    Map<String, Row> rows = new LinkedHashMap<>();
    for (Object result : list(jmhFile, Json.read(jmhFile))) {
      addJmh(rows, result);
    }
    for (Object row : list(torchFile, Json.get(Json.read(torchFile), "rows"))) {
      Row known = rows.get(Json.get(row, "what") + " " + Json.get(row, "n"));
      if (known != null) {
        known.torch = number(Json.get(row, "value"));
      }
    }
    for (Object row : list(accuracyFile, Json.read(accuracyFile))) {
      rows.forEach(
          (name, known) -> {
            if (name.startsWith(Json.get(row, "function") + " ")) {
              known.maxUlp = number(Json.get(row, "maxUlp"));
            }
          });
    }
    String table = table(rows);
    out.print(table);
    if (readme != null) {
      replace(table);
    }
    return 0;
  }

  private static void addJmh(Map<String, Row> rows, Object result) {
    String benchmark = String.valueOf(Json.get(result, "benchmark"));
    Object parameters = Json.get(result, "params");
    String n = Json.get(parameters, "n") + "";
    String name;
    if (benchmark.endsWith("ActivationBench.forward")) {
      name = Json.get(parameters, "op") + " " + n;
    } else if (benchmark.endsWith("ActivationBench.backward")) {
      name = Json.get(parameters, "op") + "_backward " + n;
    } else if (benchmark.endsWith("SoftmaxBench.softmaxForward")) {
      name = "softmax rows of " + Json.get(parameters, "cols") + " 65536";
    } else if (benchmark.endsWith("SoftmaxBench.logSoftmaxForward")) {
      name = "log_softmax rows of " + Json.get(parameters, "cols") + " 65536";
    } else {
      return;
    }
    double elements = number(name.substring(name.lastIndexOf(' ') + 1));
    double fastest = Double.POSITIVE_INFINITY;
    double slowestFork = 0;
    for (Object fork : (List<?>) Json.get(Json.get(result, "primaryMetric"), "rawData")) {
      double best = Double.POSITIVE_INFINITY;
      for (Object nanos : (List<?>) fork) {
        best = Math.min(best, number(nanos));
      }
      fastest = Math.min(fastest, best);
      slowestFork = Math.max(slowestFork, best);
    }
    Row row = rows.computeIfAbsent(name, key -> new Row());
    if ("true".equals(Json.get(parameters, "polluted"))) {
      row.polluted = fastest / elements;
    } else {
      row.clean = fastest / elements;
      row.slowestFork = slowestFork / elements;
    }
  }

  private String table(Map<String, Row> rows) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        | function | n | Lanewise | slowest fork | polluted | PyTorch | PyTorch / Lanewise | max ulp |
        |---|--:|--:|--:|--:|--:|--:|--:|
        """);
    rows.forEach(
        (name, row) -> {
          int at = name.lastIndexOf(' ');
          text.append(
              "| %s | %s | %s | %s | %s | %s | %s | %s |%n"
                  .formatted(
                      name.substring(0, at),
                      name.substring(at + 1),
                      figure(row.clean, 3),
                      figure(row.slowestFork, 3),
                      figure(row.polluted, 3),
                      figure(row.torch, 3),
                      figure(row.torch / row.clean, 1),
                      figure(row.maxUlp, 2)));
        });
    return text.append(
            "%nNanoseconds per element, one thread, %s, JDK %s, %s.%n"
                .formatted(machine, Runtime.version(), LocalDate.now(java.time.ZoneOffset.UTC)))
        .toString();
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
      throw new ParameterException(
          spec.commandLine(), readme + " has no lines " + BEGIN.strip() + " and " + END.strip());
    }
    String changed = text.substring(0, begin + BEGIN.length()) + "\n" + table + "\n";
    AtomicFile.write(
        readme, to -> to.write((changed + text.substring(end)).getBytes(StandardCharsets.UTF_8)));
  }

  private static List<?> list(Path file, Object value) throws FileException {
    if (value instanceof List<?> list) {
      return list;
    }
    throw new FileException(file, "has no list of results");
  }

  private static double number(Object value) {
    return value == null ? Double.NaN : Double.parseDouble(value.toString());
  }

  private static String figure(double value, int digits) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
