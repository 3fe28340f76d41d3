package io.github.lanewise.properties.update;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.properties.support.GoldenFile;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every step of PyTorch's optimizers on the CPU, in float32. Sizes and hyper-parameters are those
/// of the files.
///
/// Each step starts from the parameters that PyTorch had before it, so that a difference in one
/// step is not fed back into the next ones by weight decay. All states and the parameters of rules
/// without a root then agree in every bit. PyTorch's root is not exact, but off by up to one ulp,
/// in 0.7 % of the cases on some CPUs and in 20 % on others.
class GoldenOptimizersTest {
  /// What Adafactor's sums in another order may add up to, as a part of a state.
  private static final double OF_SUMS = 5e-7;

  /// What PyTorch's bfloat16 may do to an element of Muon's orthogonal matrix.
  private static final double OF_BFLOAT16 = 0.1;

  /// Rules without a root. RAdam has none in its first steps.
  private static final Set<String> EXACT = Set.of("SGD", "Adamax", "ASGD", "Rprop");

  /// Rules with more operations between the root and the parameter, or with sums.
  private static final Set<String> LONG_CHAINS = Set.of("RAdam", "Adafactor");

  /// What a root that is off by one ulp, the quotient and the product after it may add up to.
  private static final int ULPS_OF_A_ROOT = 4;

  static Stream<GoldenOptimizer> configurations() {
    return GoldenOptimizer.all().stream();
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void everyStepIsThatOfPyTorch(GoldenOptimizer configuration) {
    GoldenFile golden = configuration.file();
    float[] start = golden.floats(configuration.inputs() + "p0");
    float[] gradients = golden.floats(configuration.inputs() + "grads");
    float[] expected = golden.floats(configuration.prefix() + ".p");
    int n = start.length;
    int steps = gradients.length / n;
    assertTrue(steps > 0);
    assertEquals(steps * n, gradients.length);
    assertEquals(steps * n, expected.length);
    try (Arena arena = Arena.ofConfined()) {
      FloatArray value = FloatArray.of(arena, start);
      Parameter parameter =
          new Parameter(
              "w",
              shape(golden.shape(configuration.inputs() + "p0")),
              value,
              FloatArray.allocate(arena, n));
      Optimizer optimizer = configuration.optimizer(arena, parameter);
      RootError error = new RootError(configuration, n);
      float[] before = start;
      for (int step = 0; step < steps; step++) {
        float[] after = Arrays.copyOfRange(expected, step * n, (step + 1) * n);
        parameter.value().copyFrom(before);
        parameter.gradient().copyFrom(Arrays.copyOfRange(gradients, step * n, (step + 1) * n));
        optimizer.step();
        error.add(optimizer.stateDict(arena));
        for (int i = 0; i < n; i++) {
          requireClose(
              after[i],
              parameter.value().get(i),
              error.ofParameter(before[i], after[i], i),
              "p, step " + (step + 1) + ", element " + i);
        }
        before = after;
      }
      requireStates(configuration, optimizer.stateDict(arena), error, steps);
    }
  }

  private static Shape shape(int[] sizes) {
    return Shape.of(Arrays.stream(sizes).asLongStream().toArray());
  }

  private static void requireStates(
      GoldenOptimizer configuration, StateDict states, RootError error, int steps) {
    GoldenFile golden = configuration.file();
    String prefix = configuration.prefix() + ".state.";
    int checked = 0;
    for (String name : golden.names()) {
      if (name.startsWith(prefix)) {
        String key = name.substring(prefix.length());
        FloatArray actual = states.get("w." + key).values();
        float[] expected = golden.floats(name);
        assertEquals(actual.length(), expected.length);
        for (int i = 0; i < expected.length; i++) {
          requireClose(
              expected[i],
              actual.get(i),
              error.ofState(key, expected[i], i),
              key + ", element " + i);
        }
        checked++;
      }
    }
    boolean counted = states.names().contains("w.step");
    long scalars =
        states.names().stream().filter(name -> states.get(name).shape().rank() == 0).count();
    assertEquals(states.names().size(), checked + scalars, "states without a check");
    if (counted) {
      assertEquals(Shape.of(), states.get("w.step").shape());
      assertEquals(steps, states.get("w.step").values().get(0));
    }
  }

  /// How far PyTorch's root may have moved the parameters and the one state that a root goes into:
  /// RMSprop's momentum buffer, which is mu times itself plus g over a root, and Adadelta's
  /// acc_delta, the running mean of the squares of such quotients.
  private static final class RootError {
    private final GoldenOptimizer configuration;
    private final String rooted;
    private final float[] last;
    private final double[] error;

    RootError(GoldenOptimizer configuration, int n) {
      this.configuration = configuration;
      rooted =
          switch (configuration.name()) {
            case "RMSprop" -> "momentum_buffer";
            case "Adadelta" -> "acc_delta";
            default -> "none";
          };
      last = new float[n];
      error = new double[n];
    }

    /// Follows the state through one more step. It keeps its old error times the factor that it
    /// keeps its old value by, and takes in the error of the quotient that enters.
    void add(StateDict states) {
      if (!states.names().contains("w." + rooted)) {
        return;
      }
      FloatArray now = states.get("w." + rooted).values();
      boolean mean = rooted.equals("acc_delta");
      double kept = configuration.number(mean ? "rho" : "momentum");
      for (int i = 0; i < last.length; i++) {
        double entered = Math.abs(now.get(i) - kept * last[i]);
        // A quotient's square errs by twice its ulps, and the root of the old mean adds half of
        // that mean's relative error to the quotient.
        double relative = mean && last[i] > 0 ? error[i] / last[i] : 0;
        double ulps = (mean ? 2 : 1) * ULPS_OF_A_ROOT * Math.ulp((float) entered);
        error[i] = kept * error[i] + ulps + entered * relative + Math.ulp(now.get(i));
        last[i] = now.get(i);
      }
    }

    double ofState(String key, float expected, int i) {
      if (configuration.name().equals("Adafactor")) {
        return OF_SUMS * Math.max(1, Math.abs(expected));
      }
      return key.equals(rooted) ? error[i] : 0;
    }

    double ofParameter(float before, float after, int i) {
      if (EXACT.contains(configuration.name())) {
        return 0;
      }
      double step = Math.abs((double) before) + Math.abs((double) after);
      if (configuration.name().equals("Muon")) {
        return OF_BFLOAT16 * configuration.number("lr") * configuration.ratio();
      }
      int count = LONG_CHAINS.contains(configuration.name()) ? 2 * ULPS_OF_A_ROOT : ULPS_OF_A_ROOT;
      double ulps = count * Math.ulp((float) step);
      return switch (rooted) {
        case "momentum_buffer" -> ulps + configuration.number("lr") * error[i];
        case "acc_delta" -> last[i] > 0 ? ulps + step * error[i] / last[i] : ulps;
        default -> ulps;
      };
    }
  }

  private static void requireClose(float expected, float actual, double tolerance, String where) {
    boolean close =
        Float.floatToIntBits(expected) == Float.floatToIntBits(actual)
            || Math.abs((double) expected - actual) <= tolerance;
    assertTrue(close, () -> where + ": PyTorch has " + expected + ", we have " + actual);
  }
}
