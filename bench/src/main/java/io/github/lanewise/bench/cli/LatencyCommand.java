package io.github.lanewise.bench.cli;

import io.github.lanewise.core.Activation;
import io.github.lanewise.nn.ModelPool;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.io.AtomicFile;
import io.github.lanewise.nn.io.FileException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Measures how long a request waits for its answer.
@Command(
    name = "latency",
    description = {
      "Measures the latency of single rows through a pool, at a fixed share of the most calls a"
          + " second that the machine can do.",
      "Each call counts from the time at which it was meant to start, so that a pause counts for"
          + " all calls that it delays. An idle thread shows what the machine adds by itself.",
      "With --starts it starts new JVMs instead, and compares the first request after the warm-up"
          + " with those that follow it."
    },
    footer = {
      "",
      "Examples:",
      "  lanewise latency --layers 64,128,10 --threads 1,4,64",
      "  lanewise latency --layers 64,128,10 --starts 20"
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    versionProvider = Lanewise.Version.class)
final class LatencyCommand implements Callable<Integer> {
  private static final double[] PERCENTILES = {50, 99, 99.9, 99.99};

  /// Linux allows a program about three times as many by default.
  private static final int MOST_THREADS = 10_000;

  private final PrintStream out;

  @Spec CommandSpec spec;

  @Option(
      names = "--layers",
      split = ",",
      paramLabel = "N",
      defaultValue = "64,128,10",
      description = "the widths of the network, with ReLU between the layers")
  List<Integer> layers;

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,4,64",
      description = "the numbers of threads to measure with")
  List<Integer> threads;

  @Option(
      names = "--load",
      paramLabel = "X",
      defaultValue = "0.5",
      description = "the share of the most calls a second")
  double load;

  @Option(
      names = "--seconds",
      paramLabel = "X",
      defaultValue = "10",
      description = "how long to measure each number of threads")
  double seconds;

  @Option(
      names = "--starts",
      paramLabel = "N",
      description = "the number of new JVMs whose first request to measure, and nothing else")
  Integer starts;

  @Option(names = "--json", paramLabel = "FILE", description = "a file for the same, for programs")
  Path reportFile;

  LatencyCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws FileException {
    String platform = Lanewise.platform(spec);
    requireOptions();
    Sequential network = network();
    if (reportFile != null) {
      AtomicFile.requireTarget(reportFile);
    }
    Report report = new Report().put("platform", platform).put("layers", layers);
    if (starts == null) {
      measureCalls(report, network);
    } else {
      measureStarts(report);
    }
    out.println((starts == null ? "Microseconds from the intended start, " : "") + platform);
    if (reportFile != null) {
      report.write(reportFile);
    }
    return 0;
  }

  private void measureStarts(Report report) {
    List<Starts.Start> all = Starts.run(starts, layers, out);
    report.put("startMillis", all.stream().map(Starts.Start::startMillis).toList());
    report.put("warmUpMillis", all.stream().map(Starts.Start::warmUpMillis).toList());
    report.put("firstNanos", all.stream().map(Starts.Start::firstNanos).toList());
    report.put("medianNanos", all.stream().map(Starts.Start::medianNanos).toList());
  }

  private void measureCalls(Report report, Sequential network) {
    int sessions = 2 * Runtime.getRuntime().availableProcessors();
    report.put("load", load);
    List<String> rows = new ArrayList<>();
    try (ModelPool pool =
        ModelPool.of(sessions, 1, arena -> network.initialize(arena, 1).serve(arena))) {
      out.println(pool.warmUp(1));
      Supplier<Runnable> call =
          () -> {
            float[] x = new float[network.inputs()];
            float[] y = new float[network.outputs()];
            return () -> pool.forward(x, y);
          };
      for (int count : threads) {
        double perSecond = load * OpenLoop.saturation(count, Math.max(1, seconds / 10), call);
        OpenLoop.Times times = OpenLoop.run(count, perSecond, seconds, call);
        report.put("threads" + count + ".callsPerSecond", perSecond);
        put(report, "threads" + count, times.calls());
        put(report, "threads" + count + ".idle", times.idle());
        rows.add(row(count, perSecond, times));
      }
      report.put("waits", pool.waits());
    }
    out.println("| threads | calls a second | p50 | p99 | p99.9 | p99.99 | idle p99.9 | p99.99 |");
    out.println("|--:|--:|--:|--:|--:|--:|--:|--:|");
    rows.forEach(out::println);
  }

  private void requireOptions() {
    if (layers.size() < 2 || layers.stream().anyMatch(width -> width < 1)) {
      throw refused("--layers is %s, must be two or more widths of at least 1".formatted(layers));
    }
    if (threads.stream().anyMatch(count -> count < 1 || count > MOST_THREADS)) {
      throw refused(
          "--threads is %s, must be numbers from 1 to %d".formatted(threads, MOST_THREADS));
    }
    if (!(load > 0 && load < 1)) {
      throw refused("--load is %s, must be between 0 and 1".formatted(load));
    }
    if (starts != null && starts < 1) {
      throw refused("--starts is %d, must be at least 1".formatted(starts));
    }
    if (!(seconds > 0 && seconds <= 3600)) {
      throw refused("--seconds is %s, must be above 0 and at most 3600".formatted(seconds));
    }
  }

  private Sequential network() {
    try {
      return Networks.of(layers, Activation.RELU);
    } catch (IllegalArgumentException e) {
      throw refused(e.getMessage());
    }
  }

  private ParameterException refused(String problem) {
    return new ParameterException(spec.commandLine(), problem);
  }

  private static void put(Report report, String name, Histogram times) {
    for (double percentile : PERCENTILES) {
      report.put(name + ".p" + percentile, times.getValueAtPercentile(percentile));
    }
  }

  private static String row(int threads, double perSecond, OpenLoop.Times times) {
    StringBuilder row =
        new StringBuilder(String.format(Locale.ROOT, "| %d | %.0f |", threads, perSecond));
    for (double percentile : PERCENTILES) {
      row.append(micros(times.calls(), percentile));
    }
    return row.append(micros(times.idle(), 99.9)).append(micros(times.idle(), 99.99)).toString();
  }

  private static String micros(Histogram times, double percentile) {
    return String.format(Locale.ROOT, " %.1f |", times.getValueAtPercentile(percentile) / 1000.0);
  }
}
