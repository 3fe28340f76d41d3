package io.github.lanewise.bench.jmh.attempts;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.bench.accuracy.Ops;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/// An attempt that computes something else has no figure worth keeping.
final class AttemptsTest {
  private static final int N = 4096;
  private static final double TOLERANCE = 1e-3;

  @Test
  void attemptsComputeWhatTheyClaim() throws ReflectiveOperationException {
    List<String> wrong = new ArrayList<>();
    int attempts = 0;
    for (Class<?> type : attempts()) {
      Object instance = type.getConstructor().newInstance();
      for (Method method : type.getMethods()) {
        if (method.isAnnotationPresent(Benchmark.class)) {
          attempts++;
          double error = largestError(instance, method, oracle(type, method.getName()));
          if (!(error < TOLERANCE)) {
            wrong.add(type.getSimpleName() + "." + method.getName() + " errs by " + error);
          }
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(attempts >= 43, "only " + attempts + " attempts were found");
  }

  /// The classes of attempts, by JMH's own list of benchmarks.
  private static Set<Class<?>> attempts() throws ClassNotFoundException {
    OutputFormat silent = OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
    Set<Class<?>> classes = new LinkedHashSet<>();
    for (BenchmarkListEntry benchmark :
        BenchmarkList.defaultList().find(silent, List.of("\\.attempts\\."), List.of())) {
      classes.add(Class.forName(benchmark.getUserClassQName()));
    }
    return classes;
  }

  /// Relative to the result, or absolute where that is below 1.
  private static double largestError(Object attempts, Method method, DoubleUnaryOperator oracle)
      throws ReflectiveOperationException {
    Arrays arrays = new Arrays();
    arrays.n = N;
    arrays.setUp();
    try {
      method.invoke(attempts, arrays);
      double largest = 0;
      for (int i = 0; i < N; i++) {
        double expected = oracle.applyAsDouble(arrays.x.getAtIndex(JAVA_FLOAT, i));
        double error = Math.abs(arrays.y.getAtIndex(JAVA_FLOAT, i) - expected);
        largest = Math.max(largest, error / Math.max(1, Math.abs(expected)));
      }
      return largest;
    } finally {
      arrays.close();
    }
  }

  /// The function is named in the name of the class, but for [LogisticAttempts], which has three:
  /// there the methods name it.
  private static DoubleUnaryOperator oracle(Class<?> type, String method) {
    if (method.contains("Copy")) {
      return x -> x;
    }
    if (type == LogisticAttempts.class) {
      return Ops.named(method.replaceAll("(Shipped|Lost).*", "").replace("Tanh", "_tanh"))
          .forward();
    }
    return Ops.named(type.getSimpleName().replace("Attempts", "").toLowerCase(Locale.ROOT))
        .forward();
  }
}
