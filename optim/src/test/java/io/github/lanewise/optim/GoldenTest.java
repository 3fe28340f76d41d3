package io.github.lanewise.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Twenty steps of each configuration against PyTorch 2.13 on the CPU, in float32.
class GoldenTest {
  private static final Set<String> OURS =
      Set.of("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta");
  private static final int STEPS = 20;
  private static final int N = 257;

  static Stream<Golden.Configuration> configurations() {
    return Golden.configurations().stream().filter(c -> OURS.contains(c.name()));
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void twentyStepsFollowPyTorch(Golden.Configuration configuration) {
    float[] gradients = Golden.tensor("grads");
    float[] expected = Golden.tensor(configuration.prefix() + ".p");
    boolean exact = configuration.name().equals("SGD");
    try (Arena arena = Arena.ofConfined()) {
      Parameter parameter = Fixtures.parameter(arena, "w", Golden.tensor("p0"));
      Optimizer optimizer = optimizer(configuration, arena, List.of(parameter));
      for (int step = 0; step < STEPS; step++) {
        for (int i = 0; i < N; i++) {
          parameter.gradient().set(i, gradients[step * N + i]);
        }
        optimizer.step();
        for (int i = 0; i < N; i++) {
          float want = expected[step * N + i];
          requireClose(
              want,
              parameter.value().get(i),
              exact ? 0 : rootTolerance(want),
              "p, step " + (step + 1) + ", element " + i);
        }
      }
      requireStates(configuration, optimizer.stateDict());
    }
  }

  private static void requireStates(Golden.Configuration configuration, StateDict states) {
    String prefix = configuration.prefix() + ".state.";
    int checked = 0;
    for (String name : Golden.names()) {
      if (name.startsWith(prefix)) {
        String key = name.substring(prefix.length());
        FloatArray actual = states.get("w." + key).values();
        float[] expected = Golden.tensor(name);
        for (int i = 0; i < N; i++) {
          requireClose(
              expected[i],
              actual.get(i),
              stateTolerance(configuration, key, expected[i]),
              key + ", element " + i);
        }
        checked++;
      }
    }
    boolean counted = states.names().contains("w.step");
    assertEquals(states.names().size(), checked + (counted ? 1 : 0), "states without a check");
    if (counted) {
      assertEquals(Shape.of(), states.get("w.step").shape());
      assertEquals(STEPS, states.get("w.step").values().get(0));
    }
  }

  /// PyTorch's square root is not exact, so what a root fed may differ; next to zero an ulp is
  /// small, hence the absolute part.
  private static double rootTolerance(float expected) {
    return Math.max(8 * Math.ulp(expected), 1e-6);
  }

  /// Bits, but for the two states that a root fed: of Adadelta, where the differences of one step
  /// decay in the next, and of RMSprop, where they add up.
  private static double stateTolerance(Golden.Configuration of, String key, float expected) {
    if (key.equals("acc_delta")) {
      return 4 * Math.ulp(expected);
    }
    boolean rooted = of.name().equals("RMSprop") && key.equals("momentum_buffer");
    return rooted ? rootTolerance(expected) : 0;
  }

  private static void requireClose(float expected, float actual, double tolerance, String where) {
    boolean close =
        tolerance == 0
            ? Float.floatToIntBits(expected) == Float.floatToIntBits(actual)
            : Math.abs((double) expected - actual) <= tolerance;
    assertTrue(close, () -> where + ": PyTorch has " + expected + ", we have " + actual);
  }

  private static Optimizer optimizer(
      Golden.Configuration c, Arena arena, List<Parameter> parameters) {
    double lr = c.number("lr");
    double wd = c.number("weight_decay");
    boolean maximize = c.flag("maximize");
    return switch (c.name()) {
      case "SGD" ->
          Sgd.of(
              arena,
              parameters,
              new SgdConfig(
                  lr,
                  c.number("momentum"),
                  c.number("dampening"),
                  wd,
                  c.flag("nesterov"),
                  maximize));
      case "Adam" ->
          Adam.of(
              arena,
              parameters,
              new AdamConfig(
                  lr, c.beta(0), c.beta(1), c.number("eps"), wd, c.flag("amsgrad"), maximize));
      case "AdamW" ->
          AdamW.of(
              arena,
              parameters,
              new AdamWConfig(
                  lr, c.beta(0), c.beta(1), c.number("eps"), wd, c.flag("amsgrad"), maximize));
      case "RMSprop" ->
          RmsProp.of(
              arena,
              parameters,
              new RmsPropConfig(
                  lr,
                  c.number("alpha"),
                  c.number("eps"),
                  wd,
                  c.number("momentum"),
                  c.flag("centered"),
                  maximize));
      case "Adagrad" ->
          Adagrad.of(
              arena,
              parameters,
              new AdagradConfig(
                  lr,
                  c.number("lr_decay"),
                  wd,
                  c.number("initial_accumulator_value"),
                  c.number("eps"),
                  maximize));
      case "Adadelta" ->
          Adadelta.of(
              arena,
              parameters,
              new AdadeltaConfig(lr, c.number("rho"), c.number("eps"), wd, maximize));
      default -> throw new IllegalArgumentException(c.name());
    };
  }
}
