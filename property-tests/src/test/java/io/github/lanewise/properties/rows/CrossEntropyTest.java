package io.github.lanewise.properties.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.bench.accuracy.Ulps;
import io.github.lanewise.core.CrossEntropy;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.properties.support.Differences;
import io.github.lanewise.properties.support.Guarded;
import io.github.lanewise.properties.support.Samples;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.function.Executable;

/// Cross-entropy and its gradient of generated batches against double precision.
class CrossEntropyTest {
  /// Softmax within 4 ulp, times a rounded weight, minus the weight.
  private static final double GRADIENT_ERROR = 12 * 0x1p-24;

  /// Sums over the classes of distances from the largest logit, 12 roundings deep.
  private static final double SMOOTHING_ERROR = 16 * 0x1p-24;

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
          CrossEntropy.OF_LOGITS.lossAndGradient(
              logits.array(), classes, gradient.array(), rows, cols);
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
          CrossEntropy.OF_LOGITS.lossAndGradient(
              logits.array(), classes, logits.array(), rows, cols);
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
  void weightsIgnoredRowsAndSmoothingAreThoseOfDoublePrecision(
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 300) int cols,
      @ForAll @IntRange(max = 2) int magnitude,
      @ForAll boolean takesLogits,
      @ForAll boolean isWeighted,
      @ForAll @DoubleRange(min = 0, max = 1) double smoothing,
      @ForAll long seed) {
    float[] x = Samples.normal(seed, rows * cols, Math.pow(10, magnitude));
    int[] classes = Samples.classes(seed, rows, cols);
    int ignored = classes[(int) Math.floorMod(seed, (long) rows)];
    float[] w = Samples.normal(seed + 1, cols, 1);
    for (int j = 0; j < cols; j++) {
      w[j] = isWeighted ? Math.abs(w[j]) : 1;
    }
    CrossEntropy options = takesLogits ? CrossEntropy.OF_LOGITS : CrossEntropy.OF_LOG_PROBABILITIES;
    options = options.withIgnoredClass(ignored).withLabelSmoothing(smoothing);
    CrossEntropy crossEntropy = isWeighted ? options.withClassWeights(w) : options;
    CrossEntropyOracle oracle =
        new CrossEntropyOracle(classes, cols, takesLogits, w, ignored, smoothing);
    try (Arena arena = Arena.ofConfined()) {
      Guarded input = Guarded.of(arena, 5, x);
      Guarded gradient = Guarded.of(arena, 3, x);
      float loss =
          crossEntropy.lossAndGradient(input.array(), classes, gradient.array(), rows, cols);
      String what = crossEntropy + " of " + rows + " x " + cols;
      Verdict.within(what, x[0], oracle.loss(x), loss, SMOOTHING_ERROR * oracle.size(x));
      double[] exact = oracle.gradient(x);
      double[] sizes = oracle.gradientSize(x);
      for (int i = 0; i < exact.length; i++) {
        double bound = GRADIENT_ERROR * sizes[i] + 0x1p-149;
        Verdict.within(what + " gradient " + i, x[i], exact[i], gradient.array().get(i), bound);
      }
      gradient.assertSentinelsIntact(what);
      Verdict.sameBits("input", x, input.values());
      float again = crossEntropy.lossAndGradient(input.array(), classes, input.array(), rows, cols);
      Verdict.sameBits("loss in place", loss, again);
      Verdict.sameBits("gradient in place", gradient.values(), input.values());
    }
  }

  @Property(tries = 300)
  void theOraclesGradientIsTheLimitOfDifferences(
      @ForAll boolean takesLogits,
      @ForAll @DoubleRange(min = 0, max = 1) double smoothing,
      @ForAll long seed) {
    float[] x = Samples.normal(seed, 12, 2);
    float[] w = {0.5f, 1, 0, 2};
    int[] classes = {0, 3, 1};
    CrossEntropyOracle oracle = new CrossEntropyOracle(classes, 4, takesLogits, w, 1, smoothing);
    double[] gradient = oracle.gradient(x);
    for (int i = 0; i < x.length; i++) {
      int at = i;
      double limit = Differences.ridders(v -> oracle.lossWith(x, at, v), x[i], 0.1);
      assertEquals(limit, gradient[i], 1e-9, "element " + i);
    }
  }

  /// What PyTorch 2.13 gives in float32.
  @Example
  void optionsHaveTheValuesOfPyTorch() {
    CrossEntropy weighted =
        CrossEntropy.OF_LOGITS.withLabelSmoothing(0.1).withClassWeights(1, 2, 0.5f);
    assertPyTorch(
        weighted,
        new int[] {0, 1},
        4.577327251434326,
        -0.28060072660446167,
        0.06071354076266289,
        0.21988722681999207,
        -0.006845624651759863,
        -0.620652973651886,
        0.6274986863136292);
    assertPyTorch(
        weighted.withIgnoredClass(2),
        new int[] {0, 2},
        2.3477327823638916,
        -0.8418022394180298,
        0.18214061856269836,
        0.6596616506576538,
        0,
        0,
        0);
    CrossEntropy smoothed = CrossEntropy.OF_LOGITS.withLabelSmoothing(0.1);
    for (CrossEntropy options : List.of(CrossEntropy.OF_LOGITS, smoothed)) {
      assertPyTorch(options, new int[] {-100, -100}, Double.NaN, 0, 0, 0, 0, 0, 0);
    }
    double nan = Double.NaN;
    assertPyTorch(
        CrossEntropy.OF_LOGITS.withClassWeights(0, 0, 1),
        new int[] {0, 1},
        nan,
        nan,
        nan,
        nan,
        nan,
        nan,
        nan);
  }

  @Example
  void anIgnoredRowIsNotRead() {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray x = FloatArray.of(arena, 0, 0, Float.NaN, Float.POSITIVE_INFINITY);
      float loss = CrossEntropy.OF_LOGITS.lossAndGradient(x, new int[] {1, -100}, x, 2, 2);
      assertEquals(StrictMath.log(2), loss, 1e-7);
      Verdict.sameBits("gradient", new float[] {0.5f, -0.5f, 0, 0}, x.toArray());
    }
  }

  @Example
  void aLogitOfMinusInfinityIsInfinitelyWrongForSmoothedLabels() {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray x = FloatArray.of(arena, 0, Float.NEGATIVE_INFINITY);
      CrossEntropy smoothed = CrossEntropy.OF_LOGITS.withLabelSmoothing(0.1);
      assertEquals(Float.POSITIVE_INFINITY, smoothed.lossAndGradient(x, new int[] {0}, x, 1, 2));
      assertEquals(0.05f, x.get(0), 1e-7);
      assertEquals(-0.05f, x.get(1), 1e-7);
    }
  }

  @Example
  void impossibleOptionsAreRefused() {
    refused(
        "the weight of class 1 is -2.0, must be finite and at least 0",
        () -> CrossEntropy.OF_LOGITS.withClassWeights(1, -2));
    refused(
        "the weight of class 0 is NaN, must be finite and at least 0",
        () -> CrossEntropy.OF_LOGITS.withClassWeights(Float.NaN));
    refused(
        "the weight of class 0 is Infinity, must be finite and at least 0",
        () -> CrossEntropy.OF_LOGITS.withClassWeights(Float.POSITIVE_INFINITY));
    for (double wrong : new double[] {-0.1, 1.1, Double.NaN}) {
      refused(
          "labelSmoothing is " + wrong + ", must be from 0 to 1",
          () -> CrossEntropy.OF_LOGITS.withLabelSmoothing(wrong));
    }
    NullPointerException missing =
        assertThrows(
            NullPointerException.class,
            () -> CrossEntropy.OF_LOGITS.withClassWeights((float[]) null));
    assertEquals("weights is null", missing.getMessage());
    try (Arena arena = Arena.ofConfined()) {
      FloatArray x = FloatArray.of(arena, 1, 2, 3, 4);
      refused(
          "x has 2 columns, but 3 classes have weights",
          () ->
              CrossEntropy.OF_LOGITS
                  .withClassWeights(1, 2, 3)
                  .lossAndGradient(x, new int[] {0, 1}, x, 2, 2));
      refused(
          "classes has 1 elements, x has 2 rows",
          () -> CrossEntropy.OF_LOG_PROBABILITIES.lossAndGradient(x, new int[] {0}, x, 2, 2));
      Verdict.sameBits("x", new float[] {1, 2, 3, 4}, x.toArray());
    }
  }

  @Example
  void weightsAreCopiedAndGoToOtherThreads() throws InterruptedException {
    float[] weights = {1, 3};
    CrossEntropy crossEntropy = CrossEntropy.OF_LOGITS.withClassWeights(weights);
    weights[0] = 100;
    float[] loss = new float[1];
    Thread thread =
        new Thread(
            () -> {
              try (Arena arena = Arena.ofConfined()) {
                FloatArray x = FloatArray.of(arena, 0, 1, 0, 2);
                loss[0] = crossEntropy.lossAndGradient(x, new int[] {0, 1}, x, 2, 2);
              }
            });
    thread.start();
    thread.join();
    double exact = (StrictMath.log1p(StrictMath.E) + 3 * StrictMath.log1p(StrictMath.exp(-2))) / 4;
    assertEquals(exact, loss[0], 1e-6);
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
                () ->
                    CrossEntropy.OF_LOGITS.lossAndGradient(
                        x, new int[] {0, wrong}, gradient, 2, 2));
        assertTrue(refusal.getMessage().contains("row 1 is " + wrong), refusal.getMessage());
      }
      Verdict.sameBits("gradient", new float[] {9, 9, 9, 9}, gradient.toArray());
    }
  }

  private static void assertPyTorch(
      CrossEntropy crossEntropy, int[] classes, double loss, double... gradient) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray x = FloatArray.of(arena, 1, 2, 3, 0, -1, 5);
      float actual = crossEntropy.lossAndGradient(x, classes, x, 2, 3);
      Verdict.within("loss", 1, loss, actual, 4e-7 * Math.abs(loss));
      for (int i = 0; i < gradient.length; i++) {
        Verdict.within("gradient " + i, i, gradient[i], x.get(i), 4e-7);
      }
    }
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  private static float crossEntropy(int trueClass, float... x) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray logits = FloatArray.of(arena, x);
      return CrossEntropy.OF_LOGITS.lossAndGradient(
          logits, new int[] {trueClass}, logits, 1, x.length);
    }
  }
}
