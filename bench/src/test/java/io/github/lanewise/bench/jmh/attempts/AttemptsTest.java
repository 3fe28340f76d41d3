package io.github.lanewise.bench.jmh.attempts;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.bench.accuracy.Ops;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;

/// An attempt that computes something else has no figure worth keeping.
final class AttemptsTest {
  private static final int N = 4096;
  private static final double TOLERANCE = 1e-3;

  @Test
  void attemptsComputeWhatTheyClaim() throws ReflectiveOperationException {
    List<String> wrong = new ArrayList<>();
    int attempts = 0;
    for (Class<?> type :
        List.of(
            ReluAttempts.class,
            ExpAttempts.class,
            TanhAttempts.class,
            LogisticAttempts.class,
            GeluAttempts.class,
            SoftplusAttempts.class,
            MishAttempts.class,
            EluAttempts.class)) {
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
    assertTrue(attempts >= 43, "attempts are missing");
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

  /// Of the op that the class is named after; of those of one class the methods are.
  private static DoubleUnaryOperator oracle(Class<?> type, String method) {
    if (method.contains("Copy")) {
      return x -> x;
    }
    if (type == LogisticAttempts.class) {
      return Ops.forward(method.replaceAll("(Shipped|Lost).*", "").replace("Tanh", "_tanh"));
    }
    return Ops.forward(type.getSimpleName().replace("Attempts", "").toLowerCase(Locale.ROOT));
  }
}
