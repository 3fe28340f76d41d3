package io.github.lanewise.properties.activation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.bench.accuracy.SpecialValues;
import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.ParametricRelu;
import io.github.lanewise.properties.support.Guarded;
import io.github.lanewise.properties.support.Samples;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/// Parametric ReLU of generated rows: the bits of its formula, and slopes against double precision.
class ParametricReluTest {
  /// A product and an addition a row; the sum over a block is 12 roundings deep.
  private static final double SLOPE_ERROR = 2 * 0x1p-24;

  @Property(tries = 1000)
  void bothPassesHaveTheBitsOfTheFormula(
      @ForAll @IntRange(min = 1, max = 7) int rows,
      @ForAll @IntRange(min = 1, max = 280) int cols,
      @ForAll boolean isShared,
      @ForAll @IntRange(max = 15) int offset,
      @ForAll long seed) {
    float[] x = Samples.normal(seed, rows * cols, 2);
    x[(int) Math.floorMod(seed, (long) x.length)] = seed % 2 == 0 ? 0f : -0f;
    float[] gy = Samples.normal(seed + 1, rows * cols, 3);
    float[] slopes = Samples.normal(seed + 2, isShared ? 1 : cols, 1);
    float[] y = new float[x.length];
    float[] gx = new float[x.length];
    double[] sums = new double[slopes.length];
    double[] sizes = new double[slopes.length];
    for (int i = 0; i < x.length; i++) {
      int j = isShared ? 0 : i % cols;
      boolean passes = x[i] > 0;
      y[i] = passes ? x[i] : slopes[j] * x[i];
      gx[i] = passes ? gy[i] : slopes[j] * gy[i];
      sums[j] += passes ? 0 : (double) x[i] * gy[i];
      sizes[j] += passes ? 0 : Math.abs((double) x[i] * gy[i]);
    }
    try (Arena arena = Arena.ofConfined()) {
      Guarded input = Guarded.of(arena, offset, x);
      Guarded slope = Guarded.of(arena, 3, slopes);
      Guarded output = Guarded.blank(arena, 15 - offset, x.length);
      Guarded gradient = Guarded.of(arena, 9, gy);
      ParametricRelu.forward(input.array(), slope.array(), output.array(), rows, cols);
      Verdict.sameBits("y", y, output.values());
      output.assertSentinelsIntact("forward");
      ParametricRelu.backward(
          input.array(), slope.array(), gradient.array(), output.array(), rows, cols);
      Verdict.sameBits("gx", gx, output.values());
      output.assertSentinelsIntact("backward");

      Guarded gSlope = Guarded.blank(arena, offset, slopes.length);
      gSlope.array().fill(0.5f);
      ParametricRelu.addSlopeGradient(input.array(), gradient.array(), gSlope.array(), rows, cols);
      for (int j = 0; j < slopes.length; j++) {
        double bound = SLOPE_ERROR * (isShared ? 8 : rows) * (sizes[j] + 0.5);
        float actual = gSlope.array().get(j);
        Verdict.within("gradient of slope " + j, x[j], 0.5 + sums[j], actual, bound);
      }
      gSlope.assertSentinelsIntact("gradient of the slope");
      Verdict.sameBits("x", x, input.values());
      Verdict.sameBits("slope", slopes, slope.values());

      ParametricRelu.backward(
          input.array(), slope.array(), gradient.array(), gradient.array(), rows, cols);
      Verdict.sameBits("gx in place", gx, gradient.values());
      ParametricRelu.forward(input.array(), slope.array(), input.array(), rows, cols);
      Verdict.sameBits("y in place", y, input.values());
    }
  }

  @Example
  void slopesOfAllFeaturesAreWhatLeakyReluHas() {
    float[] x = Samples.normal(1, 5 * 33, 1);
    try (Arena arena = Arena.ofConfined()) {
      FloatArray input = FloatArray.of(arena, x);
      FloatArray y = FloatArray.allocate(arena, x.length);
      FloatArray leaky = FloatArray.allocate(arena, x.length);
      Activation.leakyRelu(0.25).forward(input, leaky);
      for (int slopes : new int[] {1, 33}) {
        FloatArray slope = FloatArray.allocate(arena, slopes).fill(0.25f);
        ParametricRelu.forward(input, slope, y, 5, 33);
        Verdict.sameBits(slopes + " slopes", leaky.toArray(), y.toArray());
      }
    }
  }

  /// Rows longer than a piece of scratch memory, over the array of x and over that of gy.
  @Example
  void longRowsHaveTheGradientOfEachElementWhereverItIsWritten() {
    int cols = 9001;
    float[] x = Samples.normal(1, 2 * cols, 1);
    float[] gy = Samples.normal(2, 2 * cols, 1);
    float[] slopes = Samples.normal(3, cols, 1);
    float[] gx = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      gx[i] = x[i] > 0 ? gy[i] : slopes[i % cols] * gy[i];
    }
    try (Arena arena = Arena.ofConfined()) {
      FloatArray slope = FloatArray.of(arena, slopes);
      FloatArray input = FloatArray.of(arena, x);
      FloatArray gradient = FloatArray.of(arena, gy);
      FloatArray other = FloatArray.allocate(arena, x.length);
      ParametricRelu.backward(input, slope, gradient, other, 2, cols);
      Verdict.sameBits("gx", gx, other.toArray());
      other.copyFrom(gradient);
      ParametricRelu.backward(input, slope, other, other, 2, cols);
      Verdict.sameBits("gx over gy", gx, other.toArray());
      ParametricRelu.backward(input, slope, gradient, input, 2, cols);
      Verdict.sameBits("gx over x", gx, input.toArray());
    }
  }

  /// What PyTorch 2.13 gives.
  @Example
  void valuesAndGradientsAreThoseOfPyTorch() {
    float[] x = {1, -2, -0.5f, 0, 3, -4};
    float[] perFeature = {-1.5f, -28};
    assertPyTorch(
        x,
        new float[] {0.25f, -0.5f},
        new float[] {1, 1, -0.125f, -0f, 3, 2},
        new float[] {1, -1, 0.75f, -2, 5, -3},
        perFeature);
    assertPyTorch(
        x,
        new float[] {0.25f},
        new float[] {1, -0.5f, -0.125f, 0, 3, -1},
        new float[] {1, 0.5f, 0.75f, 1, 5, 1.5f},
        new float[] {-29.5f});
  }

  @Example
  void specialValuesAreThoseOfPyTorch() {
    SpecialValues values = SpecialValues.parse("NaN Inf -Inf 0 -0", ".25 1 .25", "0=.25 -0=.25");
    try (Arena arena = Arena.ofConfined()) {
      for (int cols : new int[] {1, 2}) {
        FloatArray slope = FloatArray.allocate(arena, cols).fill(0.25f);
        FloatArray one = FloatArray.allocate(arena, cols).fill(1f);
        FloatArray y = FloatArray.allocate(arena, cols);
        for (SpecialValues.Pair pair : values.forward()) {
          ParametricRelu.forward(y.fill(pair.x()), slope, y, 1, cols);
          Verdict.sameBits("forward at " + pair.x(), pair.value(), y.get(0));
        }
        for (SpecialValues.Pair pair : values.slope()) {
          ParametricRelu.backward(y.fill(pair.x()), slope, one, y, 1, cols);
          Verdict.sameBits("backward at " + pair.x(), pair.value(), y.get(0));
        }
      }
    }
  }

  @Example
  void anInfiniteInputThatPassesHasNoPartInTheSlope() {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray x = FloatArray.of(arena, Float.POSITIVE_INFINITY, -2);
      FloatArray gy = FloatArray.of(arena, 0, 3);
      FloatArray gSlope = FloatArray.of(arena, 1);
      ParametricRelu.addSlopeGradient(x, gy, gSlope, 1, 2);
      assertEquals(-5f, gSlope.get(0));
    }
  }

  @Example
  void anotherNumberOfSlopesIsRefused() {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray x = FloatArray.of(arena, 1, 2, 3, 4, 5, 6);
      for (int wrong : new int[] {0, 2, 6}) {
        FloatArray slope = FloatArray.allocate(arena, wrong);
        String rest = " has " + wrong + " elements, must have 1 or 3";
        IllegalArgumentException forward =
            assertThrows(
                IllegalArgumentException.class, () -> ParametricRelu.forward(x, slope, x, 2, 3));
        assertEquals("slope" + rest, forward.getMessage());
        IllegalArgumentException backward =
            assertThrows(
                IllegalArgumentException.class,
                () -> ParametricRelu.addSlopeGradient(x, x, slope, 2, 3));
        assertEquals("gSlope" + rest, backward.getMessage());
      }
      Verdict.sameBits("x", new float[] {1, 2, 3, 4, 5, 6}, x.toArray());
    }
  }

  private static void assertPyTorch(
      float[] values, float[] slopes, float[] y, float[] gx, float[] gSlopes) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray x = FloatArray.of(arena, values);
      FloatArray slope = FloatArray.of(arena, slopes);
      FloatArray gy = FloatArray.of(arena, 1, 2, 3, 4, 5, 6);
      FloatArray out = FloatArray.allocate(arena, 6);
      FloatArray gSlope = FloatArray.allocate(arena, slopes.length);
      ParametricRelu.forward(x, slope, out, 3, 2);
      Verdict.sameBits("y", y, out.toArray());
      ParametricRelu.addSlopeGradient(x, gy, gSlope, 3, 2);
      Verdict.sameBits("gSlope", gSlopes, gSlope.toArray());
      ParametricRelu.backward(x, slope, gy, out, 3, 2);
      Verdict.sameBits("gx", gx, out.toArray());
    }
  }
}
