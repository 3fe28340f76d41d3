package io.github.lanewise.properties.update;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateRun;
import io.github.lanewise.core.UpdateScalars;
import io.github.lanewise.core.UpdateState;
import io.github.lanewise.core.Updates;
import io.github.lanewise.properties.support.Samples;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// Steps of a run, as the parts of a parallel step and as a whole.
class UpdateRunTest {
  private static final int N = (int) (2 * UpdateRun.PART + 5003);

  private static final List<UpdateRule.State> STATES =
      List.of(UpdateRule.State.of("m"), UpdateRule.State.nonNegative("v"));

  /// Adam's scalars in the third step, with all that a gradient may pass through.
  private static UpdateScalars scalars(double clip) {
    UpdateScalars scalars = new UpdateScalars(6).gradient(0.5, clip, true, clip < 9 ? 0.1 : 0);
    float[] c = {0.1f, 0.999f, 0.001f, 0.05f, 1e-8f, -0.01f};
    System.arraycopy(c, 0, scalars.values(), 0, c.length);
    return scalars.shrink(0.99);
  }

  private static float[] steps(long[] cuts, double clip) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray p = FloatArray.of(arena, Samples.normal(1, N, 1));
      FloatArray g = FloatArray.of(arena, Samples.normal(2, N, 1));
      UpdateState states = UpdateState.allocate(arena, StatePrecision.FLOAT32, STATES, N + 7);
      UpdateRun run = UpdateRun.of(Updates.ADAM, p, g, states, 7);
      for (int step = 0; step < 2; step++) {
        for (int i = 1; i < cuts.length; i++) {
          run.step(cuts[i - 1], cuts[i], scalars(clip));
        }
      }
      return p.toArray();
    }
  }

  @Test
  void partsInAnyOrderGiveTheBitsOfTheWhole() {
    for (double clip : new double[] {Double.POSITIVE_INFINITY, 0.7}) {
      float[] whole = steps(new long[] {0, N}, clip);
      assertArrayEquals(whole, steps(new long[] {0, UpdateRun.PART, 2 * UpdateRun.PART, N}, clip));
      assertArrayEquals(whole, steps(new long[] {0, 2 * UpdateRun.PART, N}, clip));
    }
  }

  @Test
  void arraysThatDoNotFitAreRefused() {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray p = FloatArray.allocate(arena, 8);
      FloatArray g = FloatArray.allocate(arena, 8);
      UpdateState states = UpdateState.allocate(arena, StatePrecision.FLOAT32, STATES, 9);
      refused(
          "g has 7 elements, p has 8",
          () -> UpdateRun.of(Updates.ADAM, p, g.slice(0, 7), states, 0));
      refused("g overlaps p", () -> UpdateRun.of(Updates.ADAM, p, p, states, 0));
      refused(
          "the states have 9 elements, 8 from 2 on are needed",
          () -> UpdateRun.of(Updates.ADAM, p, g, states, 2));
    }
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
