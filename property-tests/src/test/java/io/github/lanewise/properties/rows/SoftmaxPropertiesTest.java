package io.github.lanewise.properties.rows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.bench.accuracy.Ulps;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.core.Softmin;
import io.github.lanewise.properties.support.Guarded;
import io.github.lanewise.properties.support.Samples;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;

/// Softmax and log-softmax of generated rows against double precision.
class SoftmaxPropertiesTest {
  // The contract is 4.
  private static final double SOFTMAX_ULP = 3;
  private static final double LOG_SOFTMAX_ULP = 2;

  /// A lane adds 8 terms, a block folds 16 lanes: 12 roundings of u = 2^-24 and those of the
  /// factors.
  private static final double SUM_ERROR = 16 * 0x1p-24;

  /// What a row is made of.
  enum Kind {
    ONES(1),
    TENS(10),
    HUNDREDS(100),
    THOUSANDS(1e4),
    HUGE(1e37),
    EQUAL(0),
    HOLES(3),
    ALL_MINUS_INFINITY(1),
    PLUS_INFINITY(1),
    NOT_A_NUMBER(1),
    ONE_LARGE(1);

    private final double deviation;

    Kind(double deviation) {
      this.deviation = deviation;
    }

    float[] row(long seed, int n) {
      float[] x = Samples.normal(seed, n, deviation);
      int place = n == 0 ? 0 : Math.floorMod(seed, n);
      if (n > 0) {
        switch (this) {
          case EQUAL -> Arrays.fill(x, Samples.normal(seed, 1, 50)[0]);
          case HOLES -> {
            for (int i = 0; i < n; i += 3) {
              x[i] = Float.NEGATIVE_INFINITY;
            }
            x[n / 2] = 1f;
          }
          case ALL_MINUS_INFINITY -> Arrays.fill(x, Float.NEGATIVE_INFINITY);
          case PLUS_INFINITY -> x[place] = Float.POSITIVE_INFINITY;
          case NOT_A_NUMBER -> x[place] = Float.NaN;
          case ONE_LARGE -> x[place] = 90f;
          default -> {}
        }
      }
      return x;
    }
  }

  @Provide
  static Arbitrary<Integer> cols() {
    return Arbitraries.oneOf(
        Arbitraries.integers().between(0, 70), Arbitraries.integers().between(71, 3000));
  }

  @Property(tries = 2000)
  void softmaxIsWithinItsTolerance(
      @ForAll Kind kind,
      @ForAll("cols") int cols,
      @ForAll @IntRange(max = 15) int offset,
      @ForAll long seed) {
    float[] x = kind.row(seed, cols);
    assertSoftmax(kind + " of " + cols, x, offset);
    Statistics.collect(kind);
  }

  @Property(tries = 2000)
  void logSoftmaxIsWithin2UlpOfItsSizeOrOne(
      @ForAll Kind kind,
      @ForAll("cols") int cols,
      @ForAll @IntRange(max = 15) int offset,
      @ForAll long seed) {
    assertLogSoftmax(kind + " of " + cols, kind.row(seed, cols), offset);
  }

  @Property(tries = 500)
  void bothGradientsAreThoseOfTheSavedOutput(
      @ForAll Kind kind,
      @ForAll("cols") int cols,
      @ForAll @IntRange(max = 15) int offset,
      @ForAll long seed) {
    float[] x = kind.row(seed, cols);
    float[] gy = Samples.normal(seed + 1, cols, 1);
    try (Arena arena = Arena.ofConfined()) {
      Guarded y = Guarded.of(arena, offset, x);
      Guarded g = Guarded.of(arena, 15 - offset, gy);
      Guarded gx = Guarded.blank(arena, 3, cols);
      Softmax.forward(y.array(), y.array(), 1, cols);
      Softmax.backward(y.array(), g.array(), gx.array(), 1, cols);
      float[] saved = y.values();
      float[] apart = gx.values();
      double[] exact = RowOracle.softmaxGradient(saved, gy);
      double sum = sumOfProducts(saved, gy);
      for (int i = 0; i < cols; i++) {
        double bound = 2 * SUM_ERROR * saved[i] * (Math.abs(gy[i]) + sum) + 0x1p-149;
        Verdict.within("softmax gradient", x[i], exact[i], apart[i], bound);
      }
      Softmax.backward(y.array(), g.array(), g.array(), 1, cols);
      Verdict.sameBits("softmax gradient in place", apart, g.values());

      y.array().copyFrom(x);
      g.array().copyFrom(gy);
      LogSoftmax.forward(y.array(), y.array(), 1, cols);
      LogSoftmax.backward(y.array(), g.array(), gx.array(), 1, cols);
      saved = y.values();
      apart = gx.values();
      exact = RowOracle.logSoftmaxGradient(saved, gy);
      sum = sumOfSizes(gy);
      for (int i = 0; i < cols; i++) {
        double bound = 2 * SUM_ERROR * (Math.abs(gy[i]) + StrictMath.exp(saved[i]) * sum);
        Verdict.within("log-softmax gradient", x[i], exact[i], apart[i], bound);
      }
      g.assertSentinelsIntact("log-softmax gradient");
      gx.assertSentinelsIntact("log-softmax gradient");
    }
  }

  @Example
  void longRowsAreAsExactAsShortOnes() {
    for (int cols : new int[] {1 << 16, (1 << 16) + 7, 1 << 19}) {
      for (Kind kind : new Kind[] {Kind.ONES, Kind.EQUAL}) {
        float[] x = kind.row(cols, cols);
        assertSoftmax(kind + " of " + cols, x, 1);
        assertLogSoftmax(kind + " of " + cols, x, 1);
      }
    }
  }

  @Example
  void theTrapsOfTheContractAreAvoided() {
    assertArrayEquals(new float[] {1, 0, 0}, softmax(1e38f, -1e38f, 0));
    assertArrayEquals(new float[] {1}, softmax(-3.7f));
    assertArrayEquals(new float[] {0, 1}, softmax(Float.NEGATIVE_INFINITY, 5));
    assertEquals(6.0546e-39, softmax(0, -88)[1], 1e-43);
    assertArrayEquals(new float[] {0.25f, 0.25f, 0.25f, 0.25f}, softmax(7, 7, 7, 7));
    // The rounding of x - max alone would cost 32 ulp here.
    assertSoftmax("distance 88", new float[] {0.125f, -87.65625f, -64.3125f}, 0);
    float[] linear = new float[97];
    for (int i = 0; i < linear.length; i++) {
      linear[i] = -100f + i * (100f / 96);
    }
    assertSoftmax("from -100 to 0", linear, 0);
  }

  /// Rows are folded in pairs, 112 at most are a block, and long ones are a block each.
  @Property(tries = 300)
  void rowsDoNotSeeEachOther(
      @ForAll @IntRange(min = 1, max = 150) int rows,
      @ForAll @IntRange(max = 520) int cols,
      @ForAll long seed) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray x = FloatArray.allocate(arena, (long) rows * cols);
      Kind[] kinds = Kind.values();
      for (int row = 0; row < rows; row++) {
        Kind kind = kinds[Math.floorMod(seed + row, kinds.length)];
        x.slice((long) row * cols, cols).copyFrom(kind.row(seed + row, cols));
      }
      FloatArray y = FloatArray.allocate(arena, x.length());
      FloatArray logY = FloatArray.allocate(arena, x.length());
      Softmax.forward(x, y, rows, cols);
      LogSoftmax.forward(x, logY, rows, cols);
      FloatArray inPlace = FloatArray.allocate(arena, x.length()).copyFrom(x);
      Softmax.forward(inPlace, inPlace, rows, cols);
      Verdict.sameBits("softmax in place", y.toArray(), inPlace.toArray());
      inPlace.copyFrom(x);
      LogSoftmax.forward(inPlace, inPlace, rows, cols);
      Verdict.sameBits("log-softmax in place", logY.toArray(), inPlace.toArray());
      for (int row = 0; row < rows; row++) {
        FloatArray alone = x.slice((long) row * cols, cols);
        float[] input = alone.toArray();
        Softmax.forward(alone, alone, 1, cols);
        String what = "row " + row + " of " + rows + ", " + cols + " columns";
        Verdict.sameBits(what, alone.toArray(), y.slice((long) row * cols, cols).toArray());
        alone.copyFrom(input);
        LogSoftmax.forward(alone, alone, 1, cols);
        Verdict.sameBits(what, alone.toArray(), logY.slice((long) row * cols, cols).toArray());
      }
    }
  }

  @Property(tries = 300)
  void gradientsOfRowsDoNotSeeEachOther(
      @ForAll @IntRange(min = 1, max = 150) int rows,
      @ForAll @IntRange(max = 200) int cols,
      @ForAll long seed) {
    int length = rows * cols;
    float[] y = Samples.normal(seed, length, 1);
    float[] gy = Samples.normal(seed + 1, length, 1);
    if (length > 0) {
      gy[Math.floorMod(seed, length)] = Float.NaN;
    }
    for (RowGradient gradient : List.<RowGradient>of(Softmax::backward, LogSoftmax::backward)) {
      try (Arena arena = Arena.ofConfined()) {
        FloatArray saved = FloatArray.of(arena, y);
        FloatArray upstream = FloatArray.of(arena, gy);
        FloatArray gx = FloatArray.allocate(arena, length);
        gradient.run(saved, upstream, gx, rows, cols);
        FloatArray inPlace = FloatArray.of(arena, gy);
        gradient.run(saved, inPlace, inPlace, rows, cols);
        Verdict.sameBits("gx is gy", gx.toArray(), inPlace.toArray());
        inPlace.copyFrom(y);
        gradient.run(inPlace, upstream, inPlace, rows, cols);
        Verdict.sameBits("gx is y", gx.toArray(), inPlace.toArray());
        FloatArray alone = FloatArray.allocate(arena, cols);
        for (int row = 0; row < rows; row++) {
          long at = (long) row * cols;
          gradient.run(saved.slice(at, cols), upstream.slice(at, cols), alone, 1, cols);
          String what = "row " + row + " of " + rows + ", " + cols + " columns";
          Verdict.sameBits(what, alone.toArray(), gx.slice(at, cols).toArray());
        }
      }
    }
  }

  private interface RowGradient {
    void run(FloatArray y, FloatArray gy, FloatArray gx, int rows, int cols);
  }

  @Property(tries = 300)
  void entriesAreProbabilities(@ForAll @IntRange(min = 1, max = 3000) int cols, @ForAll long seed) {
    float[] y = softmax(Kind.TENS.row(seed, cols));
    double sum = 0;
    for (float value : y) {
      assertTrue(value >= 0 && value <= 1, "an entry is " + value);
      sum += value;
    }
    assertEquals(1, sum, 8 * 0x1p-24);
  }

  @Property(tries = 300)
  void anExactShiftChangesNoBit(
      @ForAll @IntRange(min = 1, max = 300) int cols,
      @ForAll long seed,
      @ForAll @IntRange(min = -512, max = 512) int shift) {
    float[] x = Samples.normal(seed, cols, 4);
    float[] shifted = new float[cols];
    for (int i = 0; i < cols; i++) {
      x[i] = Math.round(x[i] * 64) / 64f;
      shifted[i] = x[i] + shift;
    }
    Verdict.sameBits("softmax(x + " + shift + ")", softmax(x), softmax(shifted));
  }

  @Property(tries = 300)
  void theOrderOfTheEntriesMattersOnlyToTheSum(
      @ForAll @IntRange(min = 1, max = 60) int cols, @ForAll long seed) {
    float[] x = Samples.normal(seed, cols, 4);
    float[] y = softmax(x);
    float[] reversed = new float[cols];
    for (int i = 0; i < cols; i++) {
      reversed[i] = x[cols - 1 - i];
    }
    float[] z = softmax(reversed);
    for (int i = 0; i < cols; i++) {
      // The order of the sum differs, and with it its last bits.
      Verdict.within("reversed", x[i], y[i], z[cols - 1 - i], 2 * SOFTMAX_ULP * Ulps.unit(y[i]));
    }
  }

  @Property(tries = 300)
  void logSoftmaxIsTheLogarithmOfSoftmax(
      @ForAll @IntRange(min = 1, max = 300) int cols, @ForAll long seed) {
    float[] x = Samples.normal(seed, cols, 4);
    float[] y = softmax(x);
    float[] logY = logSoftmax(x);
    for (int i = 0; i < cols; i++) {
      double exact = StrictMath.log(y[i]);
      double bound = 2 * Ulps.unit(Math.max(1, Math.abs(exact))) + SOFTMAX_ULP * 0x1p-23;
      Verdict.within("log-softmax", x[i], exact, logY[i], bound);
    }
  }

  private static void assertSoftmax(String what, float[] x, int offset) {
    try (Arena arena = Arena.ofConfined()) {
      Guarded input = Guarded.of(arena, offset, x);
      Guarded output = Guarded.blank(arena, 15 - offset, x.length);
      Softmax.forward(input.array(), output.array(), 1, x.length);
      float[] y = output.values();
      double[] exact = RowOracle.softmax(x);
      for (int i = 0; i < x.length; i++) {
        Verdict.within("softmax, " + what, x[i], exact[i], y[i], SOFTMAX_ULP * Ulps.unit(exact[i]));
      }
      output.assertSentinelsIntact(what);
      Verdict.sameBits(what + ", x", x, input.values());
      Softmax.forward(input.array(), input.array(), 1, x.length);
      Verdict.sameBits(what + ", in place", y, input.values());
      input.assertSentinelsIntact(what);
    }
  }

  private static void assertLogSoftmax(String what, float[] x, int offset) {
    try (Arena arena = Arena.ofConfined()) {
      Guarded input = Guarded.of(arena, offset, x);
      Guarded output = Guarded.blank(arena, 15 - offset, x.length);
      LogSoftmax.forward(input.array(), output.array(), 1, x.length);
      float[] y = output.values();
      double[] exact = RowOracle.logSoftmax(x);
      for (int i = 0; i < x.length; i++) {
        double bound = LOG_SOFTMAX_ULP * Ulps.unit(Math.max(1, Math.abs(exact[i])));
        Verdict.within("log-softmax, " + what, x[i], exact[i], y[i], bound);
      }
      output.assertSentinelsIntact(what);
      LogSoftmax.forward(input.array(), input.array(), 1, x.length);
      Verdict.sameBits(what + ", in place", y, input.values());
    }
  }

  @Property
  void softminIsTheSoftmaxOfMinusXAndItsGradientIsTurned(
      @ForAll @IntRange(min = 1, max = 200) int cols, @ForAll long seed) {
    float[] x = Samples.normal(seed, 2 * cols, 3);
    float[] minusX = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      minusX[i] = -x[i];
    }
    try (Arena arena = Arena.ofConfined()) {
      FloatArray y = FloatArray.allocate(arena, x.length);
      FloatArray ofMinusX = FloatArray.allocate(arena, x.length);
      Softmin.forward(FloatArray.of(arena, x), y, 2, cols);
      Softmax.forward(FloatArray.of(arena, minusX), ofMinusX, 2, cols);
      Verdict.sameBits("softmin", ofMinusX.toArray(), y.toArray());

      FloatArray gy = FloatArray.of(arena, Samples.normal(seed + 1, x.length, 1));
      FloatArray gx = FloatArray.allocate(arena, x.length);
      FloatArray turned = FloatArray.allocate(arena, x.length);
      Softmin.backward(y, gy, gx, 2, cols);
      Softmax.backward(y, gy, turned, 2, cols);
      for (int i = 0; i < x.length; i++) {
        assertEquals(-turned.get(i), gx.get(i), "gx[" + i + "]");
      }
    }
  }

  private static float[] softmax(float... x) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray y = FloatArray.of(arena, x);
      Softmax.forward(y, y, 1, x.length);
      return y.toArray();
    }
  }

  private static float[] logSoftmax(float... x) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray y = FloatArray.of(arena, x);
      LogSoftmax.forward(y, y, 1, x.length);
      return y.toArray();
    }
  }

  private static double sumOfProducts(float[] y, float[] gy) {
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      sum += Math.abs((double) y[i] * gy[i]);
    }
    return sum;
  }

  private static double sumOfSizes(float[] gy) {
    double sum = 0;
    for (float g : gy) {
      sum += Math.abs(g);
    }
    return sum;
  }
}
