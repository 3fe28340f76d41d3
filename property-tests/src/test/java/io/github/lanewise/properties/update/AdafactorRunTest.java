package io.github.lanewise.properties.update;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.core.AdafactorRun;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateRule.State;
import io.github.lanewise.core.UpdateScalars;
import io.github.lanewise.core.UpdateState;
import io.github.lanewise.properties.support.Samples;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// Adafactor's steps without an optimizer: against double precision, and what they refuse.
class AdafactorRunTest {
  private static final int ROWS = 40;
  private static final int COLS = 300;

  private static UpdateState state(Arena arena, int elements) {
    List<State> one = List.of(State.nonNegative("v"));
    return UpdateState.allocate(arena, StatePrecision.FLOAT32, one, elements);
  }

  /// A gradient of half its size with an L2 penalty, whose first step makes the moments its
  /// squares.
  @Test
  void oneStepIsThatOfDouble() {
    float[] p = Samples.normal(1, ROWS * COLS, 1);
    float[] g = Samples.normal(2, ROWS * COLS, 1);
    double[] row = new double[ROWS];
    double[] col = new double[COLS];
    double[] seen = new double[p.length];
    double mean = 0;
    for (int i = 0; i < p.length; i++) {
      seen[i] = 0.5 * g[i] + 0.25 * p[i];
      row[i / COLS] += seen[i] * seen[i] / COLS;
      col[i % COLS] += seen[i] * seen[i] / ROWS;
      mean += seen[i] * seen[i] / p.length;
    }
    try (Arena arena = Arena.ofConfined()) {
      FloatArray value = FloatArray.of(arena, p);
      UpdateState rowVar = state(arena, ROWS);
      UpdateState colVar = state(arena, COLS);
      FloatArray gradient = FloatArray.of(arena, g);
      AdafactorRun run =
          AdafactorRun.ofMatrices(arena, value, gradient, rowVar, colVar, ROWS, COLS);
      UpdateScalars scalars =
          new UpdateScalars(4).gradient(0.5, Double.POSITIVE_INFINITY, false, 0.25).shrink(0.5);
      scalars.values()[0] = 1;
      scalars.values()[2] = Float.POSITIVE_INFINITY;
      scalars.values()[3] = -0.125f;
      double sum = run.sumOfSquares(scalars);
      run.move(scalars);
      double expected = 0;
      for (int i = 0; i < p.length; i++) {
        double u = seen[i] / Math.sqrt(row[i / COLS] * col[i % COLS] / mean);
        expected += u * u;
        assertEquals(0.5 * p[i] - 0.125 * u, value.get(i), 1e-6, "element " + i);
      }
      assertEquals(expected, sum, 1e-6 * expected);
    }
  }

  @Test
  void arraysThatDoNotFitAreRefused() {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray p = FloatArray.allocate(arena, 12);
      FloatArray g = FloatArray.allocate(arena, 12);
      UpdateState three = state(arena, 3);
      UpdateState four = state(arena, 4);
      List<State> two = List.of(State.of("m"), State.of("v"));
      UpdateState both = UpdateState.allocate(arena, StatePrecision.FLOAT32, two, 12);
      refused(
          "p has 12 elements, not those of matrices with 3 rows and 5 columns",
          () -> AdafactorRun.ofMatrices(arena, p, g, three, four, 3, 5));
      refused(
          "p has 12 elements, not those of matrices with -3 rows and -4 columns",
          () -> AdafactorRun.ofMatrices(arena, p, g, three, four, -3, -4));
      refused(
          "1 states of 3 elements are given, 1 of 4 is needed",
          () -> AdafactorRun.ofMatrices(arena, p, g, three, three, 3, 4));
      refused(
          "2 states of 12 elements are given, 1 of 12 is needed",
          () -> AdafactorRun.ofVector(p, g, both));
      refused("g has 11 elements, p has 12", () -> AdafactorRun.ofVector(p, g.slice(0, 11), both));
      refused("g overlaps p", () -> AdafactorRun.ofVector(p, p, both));
    }
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
