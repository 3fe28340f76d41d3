package io.github.lanewise.bench.cli;

import io.github.lanewise.core.Activation;
import io.github.lanewise.nn.ModelPool;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.WarmUp;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Starts a service in new JVMs, one after the other, and looks at its first request.
///
/// The JVMs have the options of this one, so that whoever starts this program with other options
/// sees what they change.
final class Starts {
  /// The most that a first request may take, as a multiple of the median of later ones.
  private static final int FACTOR = 3;

  private static final int REQUESTS = 10_001;
  private static final Logger LOG = Logger.getLogger("io.github.lanewise");

  private Starts() {}

  /// What a JVM has measured.
  ///
  /// @param startMillis from the start of the JVM to the end of the warm-up
  /// @param warmUpMillis the part of it that the warm-up took
  /// @param firstNanos the first request
  /// @param medianNanos the median of the requests that followed at once
  /// @param isReady whether the warm-up found the calls steady and without allocations
  record Start(
      long startMillis, long warmUpMillis, long firstNanos, long medianNanos, boolean isReady) {

    boolean isWarm() {
      return firstNanos <= FACTOR * medianNanos;
    }

    /// Reads what [#main] has printed.
    static Start parse(String line) {
      String[] numbers = line.strip().split(" ", -1);
      return new Start(
          Long.parseLong(numbers[0]),
          Long.parseLong(numbers[1]),
          Long.parseLong(numbers[2]),
          Long.parseLong(numbers[3]),
          Boolean.parseBoolean(numbers[4]));
    }
  }

  /// Starts as many JVMs, prints a line for each, and tells how many were warm.
  static List<Start> run(int starts, List<Integer> layers, PrintStream out) {
    out.println("| start | ready after ms | warm-up ms | first request us | p50 us | ratio |");
    out.println("|--:|--:|--:|--:|--:|--:|");
    List<Start> all = new ArrayList<>();
    for (int i = 1; i <= starts; i++) {
      Start start = Start.parse(fork(layers));
      all.add(start);
      out.printf(
          Locale.ROOT,
          "| %d | %d | %d | %.1f | %.1f | %.1f |%n",
          i,
          start.startMillis,
          start.warmUpMillis,
          start.firstNanos / 1000.0,
          start.medianNanos / 1000.0,
          (double) start.firstNanos / start.medianNanos);
    }
    out.printf(
        "The first request took at most %d times the p50 in %d of %d starts; %d warm-ups were"
            + " ready.%n",
        FACTOR,
        all.stream().filter(Start::isWarm).count(),
        starts,
        all.stream().filter(Start::isReady).count());
    return all;
  }

  /// Returns the last line that the program of a new JVM printed.
  private static String fork(List<Integer> layers) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Starts.class.getName());
    layers.forEach(width -> command.add(width.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // Their options are among the input arguments, and would otherwise apply twice.
    builder.environment().keySet().removeAll(List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS"));
    try {
      Process process = builder.start();
      String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exitCode = process.waitFor();
      if (exitCode != 0) {
        throw new IllegalStateException(
            "the new JVM ended with exit code " + exitCode + ": " + printed);
      }
      return printed.lines().toList().getLast();
    } catch (IOException e) {
      throw new IllegalStateException("no new JVM can be started", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the measurement was interrupted", e);
    }
  }

  /// The program of a new JVM: a service that starts, warms up, answers its first requests, and
  /// ends. It prints the numbers of a [Start].
  ///
  /// @param widths those of the network
  public static void main(String[] widths) {
    LOG.setLevel(Level.OFF);
    List<Integer> layers = Arrays.stream(widths).map(Integer::valueOf).toList();
    Sequential network = Networks.of(layers, Activation.RELU);
    long[] times = new long[REQUESTS];
    WarmUp report;
    long ready;
    try (ModelPool pool = ModelPool.of(1, 1, arena -> network.initialize(arena, 1).serve(arena))) {
      float[] features = new float[network.inputs()];
      float[] outputs = new float[network.outputs()];
      report = pool.warmUp(() -> request(pool, features, outputs), 1);
      ready = System.currentTimeMillis();
      for (int i = 0; i < REQUESTS; i++) {
        times[i] = request(pool, features, outputs);
      }
    }
    long begun = ManagementFactory.getRuntimeMXBean().getStartTime();
    long first = times[0];
    long[] later = Arrays.copyOfRange(times, 1, REQUESTS);
    Arrays.sort(later);
    System.out.printf(
        "%d %d %d %d %b%n",
        ready - begun, report.took().toMillis(), first, later[later.length / 2], report.isReady());
  }

  /// Answers a request, and returns how long that took.
  private static long request(ModelPool pool, float[] features, float[] outputs) {
    long begin = System.nanoTime();
    pool.forward(features, outputs);
    return System.nanoTime() - begin;
  }
}
