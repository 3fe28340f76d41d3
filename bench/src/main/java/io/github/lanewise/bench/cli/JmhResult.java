package io.github.lanewise.bench.cli;

import io.github.lanewise.bench.jmh.SoftmaxBench;
import io.github.lanewise.nn.io.FileException;

/// A result of JMH that `compare` has a row for: an activation, softmax or log-softmax.
///
/// @param function as PyTorch's figures name it
/// @param elements of a call
/// @param polluted whether other kernels had run before, in the same JVM
/// @param fastest iteration, in ns per element
/// @param slowestFork the fastest iteration of the slowest fork, in ns per element
/// @param jdk the JDK that was measured
record JmhResult(
    String function,
    long elements,
    boolean polluted,
    double fastest,
    double slowestFork,
    String jdk) {

  /// Reads an item of the array that JMH writes with `-rf json`.
  ///
  /// @return null if it is the result of a benchmark that has no row
  /// @throws FileException if something is missing, of the wrong kind or of another unit
  static JmhResult of(Json result) throws FileException {
    String name = result.get("benchmark").text();
    String benchmark = name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
    return switch (benchmark) {
      case "ActivationBench.forward" -> ofActivation(result, "");
      case "ActivationBench.backward" -> ofActivation(result, "_backward");
      case "SoftmaxBench.softmaxForward" -> ofRows(result, "softmax");
      case "SoftmaxBench.logSoftmaxForward" -> ofRows(result, "log_softmax");
      default -> null;
    };
  }

  private static JmhResult ofActivation(Json result, String suffix) throws FileException {
    Json parameters = result.get("params");
    return of(result, parameters.get("op").text() + suffix, parameters.get("n").count());
  }

  private static JmhResult ofRows(Json result, String function) throws FileException {
    Json parameters = result.get("params");
    int cols = parameters.get("cols").count();
    Json rows = parameters.get("rows");
    int height = SoftmaxBench.height(rows.text().equals("0") ? 0 : rows.count(), cols);
    return of(result, function + " rows of " + cols, (long) height * cols);
  }

  private static JmhResult of(Json result, String function, long elements) throws FileException {
    result.get("mode").require("avgt");
    result.get("threads").require("1");
    Json metric = result.get("primaryMetric");
    metric.get("scoreUnit").require("ns/op");
    double fastest = Double.POSITIVE_INFINITY;
    double slowestFork = 0;
    for (Json fork : metric.get("rawData").items()) {
      double best = Double.POSITIVE_INFINITY;
      for (Json nanos : fork.items()) {
        best = Math.min(best, nanos.number());
      }
      fastest = Math.min(fastest, best);
      slowestFork = Math.max(slowestFork, best);
    }
    Json polluted = result.get("params").get("polluted");
    if (!polluted.text().equals("true") && !polluted.text().equals("false")) {
      throw polluted.wrong("must be true or false");
    }
    return new JmhResult(
        function,
        elements,
        polluted.text().equals("true"),
        fastest / elements,
        slowestFork / elements,
        result.get("vmVersion").text());
  }
}
