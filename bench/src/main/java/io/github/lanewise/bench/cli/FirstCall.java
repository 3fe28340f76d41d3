package io.github.lanewise.bench.cli;

import io.github.lanewise.core.Activation;
import io.github.lanewise.nn.ModelPool;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.WarmUp;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/// A service that starts, warms up, answers its first requests, and ends: the program of a JVM that
/// [Starts] starts. It prints the numbers of a [Starts.Start].
final class FirstCall {
  private static final int REQUESTS = 10_001;
  private static final Logger LOG = Logger.getLogger("io.github.lanewise");

  private FirstCall() {}

  /// Measures, prints one line, and ends.
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
