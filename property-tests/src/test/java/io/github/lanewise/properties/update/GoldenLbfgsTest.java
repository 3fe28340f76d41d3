package io.github.lanewise.properties.update;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.optim.lbfgs.Lbfgs;
import io.github.lanewise.optim.lbfgs.LbfgsConfig;
import io.github.lanewise.properties.support.GoldenFile;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every step of PyTorch's L-BFGS. Starting points, hyper-parameters and numbers of steps are those
/// of the files.
///
/// The parameters are judged by PyTorch's run in float64, and may miss it by eight times what its
/// own run in float32 does. Both runs made as many iterations and evaluations, and so must we.
class GoldenLbfgsTest {
  private static final GoldenFile GOLDEN = GoldenFile.read("lbfgs.safetensors");

  static Stream<Map<String, Object>> runs() {
    return ((List<?>) GoldenFile.manifest("lbfgs.json").get("runs"))
        .stream().map(GoldenFile::object);
  }

  @ParameterizedTest
  @MethodSource("runs")
  void everyStepIsThatOfPyTorch(Map<String, Object> run) {
    String name = (String) run.get("name");
    float[] start = GOLDEN.floats(name + ".start");
    double[] expected = GOLDEN.doubles(name + ".p");
    float[] rounded = GOLDEN.floats(name + ".p_float");
    double[] losses = GOLDEN.doubles(name + ".loss");
    int[] counts = GOLDEN.classes(name + ".counts");
    int n = start.length;
    assertTrue(losses.length > 0);
    assertEquals(losses.length * n, expected.length);
    try (Arena arena = Arena.ofConfined()) {
      Objective objective = Objective.of((String) run.get("function"), arena, start);
      Lbfgs optimizer = Lbfgs.of(arena, objective.parameters(), config(run));
      double error = 2 * Math.ulp(1f);
      for (int step = 0; step < losses.length; step++) {
        double loss = optimizer.step(objective);
        // At a point with an error e, the loss differs by e times its slope: some hundreds here.
        assertEquals(losses[step], loss, 1e3 * error * Math.max(1, Math.abs(losses[step])), name);
        double largest = 0;
        for (int i = step * n; i < (step + 1) * n; i++) {
          largest = Math.max(largest, Math.abs(rounded[i] - expected[i]));
        }
        error = Math.max(error, 8 * largest);
        assertClose(
            Arrays.copyOfRange(expected, step * n, (step + 1) * n),
            objective.values(),
            error,
            "after step " + (step + 1));
        assertEquals(counts[2 * step], optimizer.functionEvaluations(), "evaluations");
        assertEquals(counts[2 * step + 1], optimizer.iterations(), "iterations");
      }
    }
  }

  private static LbfgsConfig config(Map<String, Object> run) {
    Map<String, Object> given = new LinkedHashMap<>(GoldenFile.object(run.get("params")));
    LbfgsConfig c = LbfgsConfig.DEFAULT;
    c = c.withMaxIter((int) number(given, "max_iter", c.maxIter()));
    c = c.withMaxEval((int) number(given, "max_eval", c.maxEval()));
    c = c.withLearningRate(number(given, "lr", c.lr()));
    c =
        c.withTolerances(
            number(given, "tolerance_grad", c.toleranceGrad()),
            number(given, "tolerance_change", c.toleranceChange()));
    c = c.withHistorySize((int) number(given, "history_size", c.historySize()));
    if ("strong_wolfe".equals(given.remove("line_search_fn"))) {
      c = c.withLineSearch(LbfgsConfig.LineSearch.STRONG_WOLFE);
    }
    assertEquals(Map.of(), given, "arguments without a meaning");
    return c;
  }

  private static double number(Map<String, Object> given, String key, double otherwise) {
    Object value = given.remove(key);
    return value == null ? otherwise : ((Number) value).doubleValue();
  }

  private static void assertClose(double[] expected, float[] actual, double error, String where) {
    for (int i = 0; i < expected.length; i++) {
      double tolerance = error * Math.max(1, Math.abs(expected[i]));
      assertEquals(expected[i], actual[i], tolerance, where + ", element " + i);
    }
  }
}
