package io.github.lanewise.properties.activation;

import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.bench.accuracy.Ulps;
import io.github.lanewise.properties.support.AccuracyCheck;
import io.github.lanewise.properties.support.Guarded;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;

/// Activations at generated bit patterns: accuracy, and what holds between their values.
class ActivationPropertiesTest {
  private static final List<Op> OPS = Ops.all();

  /// Every bit pattern, and each kind of float often enough.
  @Provide
  static Arbitrary<Float> anyFloat() {
    Arbitrary<Float> bits = Arbitraries.integers().map(Float::intBitsToFloat);
    Arbitrary<Float> special =
        Arbitraries.of(
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            0f,
            -0f,
            Float.MIN_VALUE,
            -Float.MIN_VALUE,
            Float.MIN_NORMAL,
            -Float.MIN_NORMAL,
            Float.MAX_VALUE,
            -Float.MAX_VALUE);
    Arbitrary<Float> subnormal =
        Arbitraries.integers().between(-0x7fffff, 0x7fffff).map(i -> i * Float.MIN_VALUE);
    // Evenly distributed bits hardly ever hit the two decades where the functions live.
    Arbitrary<Float> lively =
        Arbitraries.integers()
            .between(Float.floatToIntBits(0x1p-7f), Float.floatToIntBits(128f))
            .flatMap(i -> Arbitraries.of(Float.intBitsToFloat(i), -Float.intBitsToFloat(i)));
    return Arbitraries.frequencyOf(
        Tuple.of(3, bits), Tuple.of(1, special), Tuple.of(1, subnormal), Tuple.of(5, lively));
  }

  @Provide
  static Arbitrary<Float> finiteFloat() {
    return anyFloat().filter(Float::isFinite);
  }

  @Property(tries = 3000)
  void everyActivationIsWithinItsToleranceAtAnyBits(@ForAll("anyFloat") float x) {
    for (Op op : OPS) {
      double exact = op.forward().applyAsDouble(x);
      Verdict.withinAndSigned(op + " forward", x, exact, value(op, x), op.tolerance().at(x, exact));
    }
    Statistics.collect(kind(x));
    Statistics.coverage(
        coverage -> {
          coverage.check("NaN").count(count -> count > 0);
          coverage.check("infinite").count(count -> count > 0);
          coverage.check("zero").count(count -> count > 0);
          coverage.check("subnormal").count(count -> count > 0);
          coverage.check("normal").count(count -> count > 1000);
        });
  }

  @Property(tries = 3000)
  void everyGradientIsWithinItsToleranceAtAnyBits(
      @ForAll("anyFloat") float x, @ForAll("anyFloat") float g) {
    for (Op op : OPS) {
      double slope = op.derivative().applyAsDouble(x);
      double exact = slope * g;
      if (AccuracyCheck.hasOverflowed(op, x, value(op, x))) {
        continue;
      }
      if (Float.isFinite(g) && Math.abs(g) * Math.max(1, Math.abs(slope)) < 0x1p127) {
        double bound =
            Math.abs(g) * op.slopeTolerance().at(x, slope) + 0.5 * Ulps.unit(exact) + 0x1p-149;
        Verdict.within(op + " backward with g = " + g, x, exact, gradient(op, x, g), bound);
      } else if (op.slopeTolerance().at(x, slope) == 0 && slope == 0) {
        Verdict.within(op + " backward with g = " + g, x, 0, gradient(op, x, g), 0);
      }
    }
  }

  @Property(tries = 300)
  void anElementDependsNeitherOnItsPlaceNorOnItsNeighbours(
      @ForAll("anyFloat") float x,
      @ForAll @IntRange(min = 1, max = 300) int n,
      @ForAll @IntRange(max = 15) int offset,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int place = random.nextInt(n);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = Float.intBitsToFloat(random.nextInt());
    }
    values[place] = x;
    for (Op op : OPS) {
      try (Arena arena = Arena.ofConfined()) {
        Guarded input = Guarded.of(arena, offset, values);
        Guarded output = Guarded.blank(arena, random.nextInt(16), n);
        op.activation().forward(input.array(), output.array());
        String what = op + " of " + x + " at " + place + " of " + n;
        Verdict.sameBits(what, value(op, x), output.array().get(place));
        output.assertSentinelsIntact(what);
        Arrays.fill(values, Float.NaN);
        values[place] = x;
        input.array().copyFrom(values);
        op.activation().forward(input.array(), input.array());
        Verdict.sameBits(what + " among NaN", value(op, x), input.array().get(place));
      }
    }
  }

  @Property(tries = 500)
  void backwardIsExactlyLinearInAPowerOfTwo(
      @ForAll("anyFloat") float x, @ForAll @IntRange(min = -20, max = 20) int exponent) {
    for (Op op : OPS) {
      float gx = gradient(op, x, 0.7f);
      if (Float.isNaN(gx) || (Math.abs(gx) > 0x1p-100f && Math.abs(gx) < 0x1p100f)) {
        float scaled = gradient(op, x, Math.scalb(0.7f, exponent));
        String what = op + " backward at " + x + " with g 2^" + exponent;
        Verdict.sameBits(what, Math.scalb(Math.abs(gx), exponent), Math.abs(scaled));
      }
    }
  }

  @Property
  void reluIsIdempotentAndSplitsItsInput(@ForAll("anyFloat") float x) {
    Op relu = op("relu");
    float y = value(relu, x);
    Verdict.sameBits("relu(relu(x))", y, value(relu, y));
    if (Float.isFinite(x) && x != 0) {
      Verdict.sameBits("relu(x) - relu(-x)", x, y - value(relu, -x));
    }
  }

  @Property
  void tanhAndSigmoidAreBounded(@ForAll("anyFloat") float x) {
    float t = value(op("tanh"), x);
    float s = value(op("sigmoid"), x);
    if (!Float.isNaN(x) && !(Math.abs(t) <= 1 && s >= 0 && s <= 1)) {
      throw new AssertionError("tanh is " + t + ", sigmoid " + s + " at " + x);
    }
    if (x > -103.97f && s == 0) {
      throw new AssertionError("sigmoid is 0 at " + x);
    }
  }

  @Property
  void sigmoidOfXAndOfMinusXAddUpToOne(@ForAll("finiteFloat") float x) {
    Op sigmoid = op("sigmoid");
    double sum = (double) value(sigmoid, x) + value(sigmoid, -x);
    // Half an ulp of 1 for either of them, twice: the contract of one ulp, of values below 1.
    Verdict.within("sigmoid(x) + sigmoid(-x)", x, sum, 1f, 0x1p-23);
  }

  @Property
  void siluAndGeluDifferByTheirArgument(@ForAll("finiteFloat") float x) {
    for (String name : List.of("silu", "gelu", "gelu_tanh")) {
      Op op = op(name);
      double difference = (double) value(op, x) - value(op, -x);
      // Both errors, in ulps of values that are at most abs(x).
      double bound = 4 * Ulps.unit(x);
      if (!(Math.abs(difference - x) <= bound)) {
        throw new AssertionError(name + "(x) - " + name + "(-x) is " + difference + " at " + x);
      }
    }
  }

  private static String kind(float x) {
    if (Float.isNaN(x)) {
      return "NaN";
    }
    if (Float.isInfinite(x)) {
      return "infinite";
    }
    return x == 0 ? "zero" : Math.abs(x) < Float.MIN_NORMAL ? "subnormal" : "normal";
  }

  private static Op op(String name) {
    return OPS.stream().filter(op -> op.name().equals(name)).findFirst().orElseThrow();
  }

  private static float value(Op op, float x) {
    return AccuracyCheck.forward(op, new float[] {x})[0];
  }

  private static float gradient(Op op, float x, float g) {
    float saved = op.activation().savesOutput() ? value(op, x) : x;
    return AccuracyCheck.backward(op, new float[] {saved}, new float[] {g})[0];
  }
}
