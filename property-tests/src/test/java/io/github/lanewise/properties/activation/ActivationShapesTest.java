package io.github.lanewise.properties.activation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.bench.accuracy.Survey;
import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.properties.support.Guarded;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every activation in every shape: each element of the result depends on its own input alone.
class ActivationShapesTest {
  /// Two blocks of four vectors of the widest species, a vector and a tail.
  private static final int LONGEST = 2 * 64 + 21;

  private static final int OFFSETS = 16;

  static List<Op> ops() {
    return Ops.all();
  }

  @ParameterizedTest
  @MethodSource("ops")
  void forwardWritesItsOwnElementsWhateverTheLengthAndOffset(Op op) {
    checkForward(op.name(), op.activation()::forward, op.activation()::forward);
  }

  /// Requires a function to have, in every shape, the values of `reference` on arrays of one.
  static void checkForward(String name, Survey.Function reference, Survey.Function function) {
    float[] x = sample(1);
    float[] y = oneByOne(reference, x);
    for (int n = 0; n <= LONGEST; n++) {
      for (int offset = 0; offset < OFFSETS; offset++) {
        try (Arena arena = Arena.ofConfined()) {
          Guarded input = Guarded.of(arena, offset, Arrays.copyOf(x, n));
          Guarded output = Guarded.blank(arena, (offset * 7 + 3) % OFFSETS, n);
          String what = name + " forward, n = " + n + ", offset " + offset;
          function.run(input.array(), output.array());
          assertResult(what, Arrays.copyOf(y, n), output);
          assertResult(what + ", x", Arrays.copyOf(x, n), input);
          function.run(input.array(), input.array());
          assertResult(what + ", in place", Arrays.copyOf(y, n), input);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void backwardWritesItsOwnElementsWhateverTheLengthAndOffset(Op op) {
    Activation activation = op.activation();
    float[] x = sample(2);
    float[] saved = activation.savesOutput() ? oneByOne(activation::forward, x) : x;
    float[] gy = sample(3);
    float[] gx = oneByOne(op, saved, gy);
    for (int n = 0; n <= LONGEST; n++) {
      for (int offset = 0; offset < OFFSETS; offset++) {
        try (Arena arena = Arena.ofConfined()) {
          Guarded savedInput = Guarded.of(arena, offset, Arrays.copyOf(saved, n));
          Guarded gradient = Guarded.of(arena, (offset * 5 + 1) % OFFSETS, Arrays.copyOf(gy, n));
          Guarded output = Guarded.blank(arena, (offset * 7 + 3) % OFFSETS, n);
          float[] expected = Arrays.copyOf(gx, n);
          String what = op + " backward, n = " + n + ", offset " + offset;
          activation.backward(savedInput.array(), gradient.array(), output.array());
          assertResult(what, expected, output);
          assertResult(what + ", saved", Arrays.copyOf(saved, n), savedInput);
          assertResult(what + ", gy", Arrays.copyOf(gy, n), gradient);
          activation.backward(savedInput.array(), gradient.array(), gradient.array());
          assertResult(what + ", in place of gy", expected, gradient);
          gradient.array().copyFrom(Arrays.copyOf(gy, n));
          activation.backward(savedInput.array(), gradient.array(), savedInput.array());
          assertResult(what + ", in place of saved", expected, savedInput);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void overlapInPartIsRefused(Op op) {
    int n = LONGEST;
    try (Arena arena = Arena.ofConfined()) {
      FloatArray memory = FloatArray.allocate(arena, 2L * n);
      FloatArray other = FloatArray.allocate(arena, n);
      for (int shift = 1; shift < n; shift++) {
        FloatArray x = memory.slice(0, n);
        FloatArray y = memory.slice(shift, n);
        assertRefused("y overlaps x", () -> op.activation().forward(x, y));
        assertRefused("y overlaps x", () -> op.activation().forward(y, x));
        assertRefused("gx overlaps saved", () -> op.activation().backward(x, other, y));
        assertRefused("gx overlaps gy", () -> op.activation().backward(other, y, x));
      }
      op.activation().forward(memory.slice(0, n), memory.slice(n, n));
    }
  }

  private static void assertRefused(String what, Runnable call) {
    IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, call::run);
    assertEquals(
        what + " in part; it may be the same array or a separate one", refusal.getMessage());
  }

  private static void assertResult(String what, float[] expected, Guarded actual) {
    Verdict.sameBits(what, expected, actual.values());
    actual.assertSentinelsIntact(what);
  }

  /// The result of an array of one for each element.
  private static float[] oneByOne(Survey.Function forward, float[] x) {
    float[] y = new float[x.length];
    try (Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < x.length; i++) {
        FloatArray one = FloatArray.of(arena, x[i]);
        forward.run(one, one);
        y[i] = one.get(0);
      }
    }
    return y;
  }

  private static float[] oneByOne(Op op, float[] saved, float[] gy) {
    float[] gx = new float[gy.length];
    try (Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < gy.length; i++) {
        FloatArray one = FloatArray.allocate(arena, 1);
        op.activation().backward(FloatArray.of(arena, saved[i]), FloatArray.of(arena, gy[i]), one);
        gx[i] = one.get(0);
      }
    }
    return gx;
  }

  /// Special values, then ordinary ones, so that each lane sees both.
  private static float[] sample(long seed) {
    float[] special = {
      Float.NaN,
      -0f,
      Float.POSITIVE_INFINITY,
      Float.MIN_VALUE,
      -Float.MAX_VALUE,
      Float.NEGATIVE_INFINITY,
      -Float.MIN_NORMAL,
      -104.5f,
      0.5f
    };
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[LONGEST];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          random.nextInt(3) == 0
              ? special[random.nextInt(special.length)]
              : (float) (8 * random.nextDouble() - 4);
    }
    return values;
  }
}
