package io.github.lanewise.properties.support;

import io.github.lanewise.bench.accuracy.Survey;
import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Arrays of every length and offset: a function of one float sees its own elements and no other.
public final class ShapeCheck {
  /// Two blocks of four vectors of the widest species, a vector and a tail.
  public static final int LONGEST = 2 * 64 + 21;

  public static final int OFFSETS = 16;

  private ShapeCheck() {}

  /// Requires a function to have, in every shape, the values of `reference` on arrays of one.
  public static void requireForward(
      String name, Survey.Function reference, Survey.Function function) {
    float[] x = sample(1);
    float[] y = oneByOne(reference, x);
    for (int n = 0; n <= LONGEST; n++) {
      for (int offset = 0; offset < OFFSETS; offset++) {
        try (Arena arena = Arena.ofConfined()) {
          Guarded input = Guarded.of(arena, offset, Arrays.copyOf(x, n));
          Guarded output = Guarded.blank(arena, (offset * 7 + 3) % OFFSETS, n);
          String what = name + " forward, n = " + n + ", offset " + offset;
          function.run(input.array(), output.array());
          requireResult(what, Arrays.copyOf(y, n), output);
          requireResult(what + ", x", Arrays.copyOf(x, n), input);
          function.run(input.array(), input.array());
          requireResult(what + ", in place", Arrays.copyOf(y, n), input);
        }
      }
    }
  }

  public static void requireResult(String what, float[] expected, Guarded actual) {
    Verdict.sameBits(what, expected, actual.values());
    actual.assertSentinelsIntact(what);
  }

  /// The result of an array of one for each element.
  public static float[] oneByOne(Survey.Function forward, float[] x) {
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

  /// Special values, then ordinary ones, so that each lane sees both.
  public static float[] sample(long seed) {
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
