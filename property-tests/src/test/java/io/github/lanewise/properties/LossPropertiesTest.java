package io.github.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.bench.accuracy.Ulps;
import io.github.lanewise.core.CrossEntropy;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.MeanSquaredError;
import java.lang.foreign.Arena;
import java.util.Arrays;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/// Losses and their gradients of generated batches against double precision.
class LossPropertiesTest {
  /// Softmax within 4 ulp, times a rounded weight, minus the weight.
  private static final double GRADIENT_ERROR = 12 * 0x1p-24;

  /// Sums of squares of rounded differences, 12 roundings deep.
  private static final double SQUARES_ERROR = 16 * 0x1p-24;

  @Property(tries = 1000)
  void crossEntropyAndItsGradientAreThoseOfDoublePrecision(
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 150) int cols,
      @ForAll @IntRange(max = 3) int magnitude,
      @ForAll @IntRange(max = 15) int offset,
      @ForAll long seed) {
    float[] x = Samples.normal(seed, rows * cols, Math.pow(10, magnitude));
    int[] classes = Samples.classes(seed, rows, cols);
    try (Arena arena = Arena.ofConfined()) {
      Guarded logits = Guarded.of(arena, offset, x);
      Guarded gradient = Guarded.blank(arena, 15 - offset, rows * cols);
      float loss =
          CrossEntropy.lossAndGradient(logits.array(), classes, gradient.array(), rows, cols);
      double sum = 0;
      double bound = 0;
      for (int i = 0; i < rows; i++) {
        float[] row = Arrays.copyOfRange(x, i * cols, (i + 1) * cols);
        double ofRow = RowOracle.logSumExp(row) - row[classes[i]];
        sum += ofRow;
        bound += 2 * Ulps.unit(Math.max(1, Math.abs(ofRow))) / rows;
        double[] p = RowOracle.softmax(row);
        for (int j = 0; j < cols; j++) {
          double exact = (p[j] - (j == classes[i] ? 1 : 0)) / rows;
          double size = (p[j] + (j == classes[i] ? 1 : 0)) / rows;
          Verdict.within(
              "gradient[" + i + "][" + j + "]",
              row[j],
              exact,
              gradient.array().get((long) i * cols + j),
              GRADIENT_ERROR * size + 0x1p-149);
        }
      }
      Verdict.within("cross-entropy", x[0], sum / rows, loss, bound);
      gradient.assertSentinelsIntact("cross-entropy");
      Verdict.sameBits("logits", x, logits.values());
      float[] apart = gradient.values();
      float again =
          CrossEntropy.lossAndGradient(logits.array(), classes, logits.array(), rows, cols);
      Verdict.sameBits("cross-entropy in place", loss, again);
      Verdict.sameBits("gradient in place", apart, logits.values());
    }
  }

  @Example
  void crossEntropyHasItsSpecialValues() {
    float inf = Float.POSITIVE_INFINITY;
    assertEquals(inf, crossEntropy(0, -inf, 1, 2), "a true class of -inf");
    assertEquals(Float.NaN, crossEntropy(0, 1, Float.NaN, 2));
    assertEquals(Float.NaN, crossEntropy(0, 1, inf, 2));
    assertEquals(Float.NaN, crossEntropy(0, -inf, -inf));
    assertEquals(0f, crossEntropy(0, 5));
    assertEquals(0f, crossEntropy(1, -200, 0));
    assertEquals(200f, crossEntropy(0, -200, 0));
  }

  @Property(tries = 1000)
  void meanSquaredErrorAndItsGradientAreThoseOfDoublePrecision(
      @ForAll @IntRange(min = 1, max = 2000) int n,
      @ForAll @IntRange(min = -4, max = 4) int magnitude,
      @ForAll @IntRange(max = 15) int offset,
      @ForAll long seed) {
    float[] y = Samples.normal(seed, n, Math.pow(10, magnitude));
    float[] target = Samples.normal(seed + 1, n, Math.pow(10, magnitude));
    try (Arena arena = Arena.ofConfined()) {
      Guarded output = Guarded.of(arena, offset, y);
      Guarded targets = Guarded.of(arena, 7, target);
      Guarded gradient = Guarded.blank(arena, 15 - offset, n);
      float loss =
          MeanSquaredError.lossAndGradient(output.array(), targets.array(), gradient.array());
      double sum = 0;
      for (int i = 0; i < n; i++) {
        double d = (double) y[i] - target[i];
        sum += d * d;
        // A difference, a factor and their product are rounded.
        double exact = 2 * d / n;
        Verdict.within("gradient", y[i], exact, gradient.array().get(i), 2.5 * Ulps.unit(exact));
      }
      Verdict.within("mean squared error", y[0], sum / n, loss, SQUARES_ERROR * sum / n);
      gradient.assertSentinelsIntact("mean squared error");
      float[] apart = gradient.values();
      Verdict.sameBits(
          "in place",
          loss,
          MeanSquaredError.lossAndGradient(output.array(), targets.array(), targets.array()));
      Verdict.sameBits("gradient in place", apart, targets.values());
    }
  }

  @Example
  void anImpossibleClassIsRefusedAndNothingIsWritten() {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray x = FloatArray.of(arena, 1, 2, 3, 4);
      FloatArray gradient = FloatArray.of(arena, 9, 9, 9, 9);
      for (int wrong : new int[] {-1, 2, Integer.MAX_VALUE}) {
        IllegalArgumentException refusal =
            assertThrows(
                IllegalArgumentException.class,
                () -> CrossEntropy.lossAndGradient(x, new int[] {0, wrong}, gradient, 2, 2));
        assertTrue(refusal.getMessage().contains("row 1 is " + wrong), refusal.getMessage());
      }
      Verdict.sameBits("gradient", new float[] {9, 9, 9, 9}, gradient.toArray());
    }
  }

  private static float crossEntropy(int trueClass, float... x) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray logits = FloatArray.of(arena, x);
      return CrossEntropy.lossAndGradient(logits, new int[] {trueClass}, logits, 1, x.length);
    }
  }
}
