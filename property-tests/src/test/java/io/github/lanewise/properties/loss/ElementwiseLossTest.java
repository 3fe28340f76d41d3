package io.github.lanewise.properties.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.lanewise.core.ElementwiseLoss;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.properties.support.Differences;
import io.github.lanewise.properties.support.Guarded;
import io.github.lanewise.properties.support.Samples;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/// Elementwise losses and their gradients of generated arrays against double precision.
class ElementwiseLossTest {
  /// A term has up to 6 roundings, a block's sum adds 12.
  private static final double LOSS_ERROR = 18 * 0x1p-24;

  /// Up to 7 roundings of parts; a sigmoid has two.
  private static final double GRADIENT_ERROR = 8 * 0x1p-24;

  /// PyTorch 2.13's answers in float32: name | y target loss gradient, the two of one element.
  ///
  /// Where PyTorch loses a limit, it stands here: at a logit of -inf and a label of 1 it has NaN,
  /// at a logit of -100 and a label of 0 it has 0, and at a target of 0 it has a divergence of NaN
  /// unless y is finite.
  private static final String SPECIAL =
      """
      mse_loss              | NaN 0 NaN NaN, 0 NaN NaN NaN, Inf 0 Inf Inf, -Inf 0 Inf -Inf
      mse_loss              | Inf Inf NaN NaN, 0 0 0 0, 3e38 -3e38 Inf Inf, .5 0 .25 1
      l1_loss               | NaN 0 NaN 0, 0 NaN NaN 0, Inf 0 Inf 1, -Inf 0 Inf -1
      l1_loss               | Inf Inf NaN 0, 0 0 0 0, 3e38 -3e38 Inf 1, -2 0 2 -1
      smooth_l1_loss        | NaN 0 NaN NaN, 0 NaN NaN NaN, Inf 0 Inf 1, -Inf 0 Inf -1
      smooth_l1_loss        | Inf Inf NaN NaN, 0 0 0 0, 1 0 .5 1, -1 0 .5 -1, 0 .5 .125 -.5
      smooth_l1_loss        | 3e38 -3e38 Inf 1, 2 0 1.5 1, -100 1 100.5 -1
      smooth_l1_loss(0.5)   | 0 0 0 0, .5 0 .25 1, -.5 0 .25 -1, 1 0 .75 1, Inf 0 Inf 1
      huber_loss            | NaN 0 NaN NaN, 0 NaN NaN NaN, Inf 0 Inf 1, -Inf 0 Inf -1
      huber_loss            | Inf Inf NaN NaN, 0 0 0 0, 1 0 .5 1, -1 0 .5 -1, 0 .5 .125 -.5
      huber_loss(2.0)       | 0 0 0 0, 2 0 2 2, -2 0 2 -2, 100 0 198 2, -Inf 0 Inf -2
      binary_cross_entropy_with_logits | NaN 0 NaN NaN, 0 NaN NaN NaN, Inf 0 Inf 1
      binary_cross_entropy_with_logits | -Inf 0 NaN 0, Inf 1 NaN 0, -Inf 1 Inf -1
      binary_cross_entropy_with_logits | 0 0 .6931472 .5, 0 .5 .6931472 0, -1 0 .31326175 .26894143
      binary_cross_entropy_with_logits | 100 0 100 1, 100 1 3.72e-44 0, -100 1 100 -1
      binary_cross_entropy_with_logits | -100 0 3.72e-44 3.72e-44, 3e38 0 3e38 1, 3e38 1 0 0
      binary_cross_entropy_with_logits(3.0) | -Inf 0 NaN 0, Inf 1 NaN 0, 0 .5 1.3862944 -.5
      binary_cross_entropy_with_logits(3.0) | -100 1 300 -3, 100 0 100 1, -1 0 .31326175 .26894143
      kl_div                | NaN 1 NaN -1, 0 NaN NaN NaN, Inf 1 -Inf -1, -Inf 1 Inf -1
      kl_div                | -Inf 0 0 0, NaN 0 0 0, 5 0 0 0, -1 -1 NaN 1, 0 .5 -.3465736 -.5
      """;

  private static final List<ElementwiseLoss> LOSSES =
      List.of(
          ElementwiseLoss.MEAN_SQUARED_ERROR,
          ElementwiseLoss.L1,
          ElementwiseLoss.SMOOTH_L1,
          ElementwiseLoss.smoothL1(0.5),
          ElementwiseLoss.HUBER,
          ElementwiseLoss.huber(2),
          ElementwiseLoss.BINARY_CROSS_ENTROPY_WITH_LOGITS,
          ElementwiseLoss.binaryCrossEntropyWithLogits(3),
          ElementwiseLoss.KL_DIVERGENCE);

  @Provide
  static Arbitrary<LossOp> ops() {
    return Arbitraries.of(LossOp.ALL);
  }

  @Property(tries = 2000)
  void lossAndGradientAreThoseOfDoublePrecision(
      @ForAll("ops") LossOp op,
      @ForAll @IntRange(min = 1, max = 700) int n,
      @ForAll @IntRange(min = -4, max = 4) int magnitude,
      @ForAll @IntRange(max = 15) int offset,
      @ForAll long seed) {
    double deviation = Math.pow(10, magnitude);
    float[] y = Samples.normal(seed, n, deviation);
    float[] t = op.targets(seed + 1, n, deviation);
    try (Arena arena = Arena.ofConfined()) {
      Guarded output = Guarded.of(arena, offset, y);
      Guarded target = Guarded.of(arena, 7, t);
      Guarded gradient = Guarded.blank(arena, 15 - offset, n);
      float loss = op.loss().lossAndGradient(output.array(), target.array(), gradient.array());
      double sum = 0;
      double size = 0;
      for (int i = 0; i < n; i++) {
        sum += op.value().applyAsDouble(y[i], t[i]);
        size += op.size().applyAsDouble(y[i], t[i]);
        Verdict.within(
            op + " gradient at target " + t[i],
            y[i],
            op.slope().applyAsDouble(y[i], t[i]) / n,
            gradient.array().get(i),
            GRADIENT_ERROR * op.slopeSize().applyAsDouble(y[i], t[i]) / n + 0x1p-149);
      }
      Verdict.within(op + " of " + n, y[0], sum / n, loss, LOSS_ERROR * size / n + 0x1p-148);
      gradient.assertSentinelsIntact(op.toString());
      float[] apart = gradient.values();
      Verdict.sameBits("output", y, output.values());
      Verdict.sameBits("target", t, target.values());
      float again = op.loss().lossAndGradient(output.array(), target.array(), target.array());
      Verdict.sameBits("in place of the target", loss, again);
      Verdict.sameBits("gradient in place of the target", apart, target.values());
      target.array().copyFrom(t);
      op.loss().lossAndGradient(output.array(), target.array(), output.array());
      Verdict.sameBits("gradient in place of the output", apart, output.values());
    }
  }

  @Property(tries = 2000)
  void theOraclesSlopeIsTheLimitOfDifferences(@ForAll("ops") LossOp op, @ForAll long seed) {
    double y = Samples.normal(seed, 1, 3)[0];
    double t = op.targets(seed + 1, 1, 3)[0];
    double room = 0.1;
    for (double kink : op.kinks()) {
      room = Math.min(room, Math.abs(y - t - kink) / 2);
    }
    if (room > 1e-3) {
      double limit = Differences.ridders(x -> op.value().applyAsDouble(x, t), y, room);
      assertEquals(limit, op.slope().applyAsDouble(y, t), 1e-8, () -> op + " at " + y + ", " + t);
    }
  }

  @Example
  void specialValuesAndKinksAreThoseOfPyTorch() {
    SPECIAL
        .lines()
        .forEach(
            line -> {
              String name = line.substring(0, line.indexOf('|')).strip();
              for (String values : line.substring(line.indexOf('|') + 1).split(",", -1)) {
                assertSpecial(loss(name), values.strip().split(" ", -1));
              }
            });
  }

  @Example
  void theKinksOfManyElementsHaveTheSlopesOfOne() {
    float[] y = new float[67];
    for (int i = 0; i < y.length; i++) {
      y[i] = i % 3 - 1;
    }
    for (ElementwiseLoss loss : List.of(ElementwiseLoss.SMOOTH_L1, ElementwiseLoss.HUBER)) {
      try (Arena arena = Arena.ofConfined()) {
        FloatArray output = FloatArray.of(arena, y);
        FloatArray target = FloatArray.allocate(arena, y.length);
        loss.lossAndGradient(output, target, output);
        for (int i = 0; i < y.length; i++) {
          assertEquals(y[i] / 67, output.get(i), 1e-9, loss.toString());
        }
      }
    }
  }

  @Example
  void ofNoElementsItIsNotANumber() {
    for (LossOp op : LossOp.ALL) {
      try (Arena arena = Arena.ofConfined()) {
        FloatArray none = FloatArray.allocate(arena, 0);
        assertEquals(Float.NaN, op.loss().lossAndGradient(none, none, none), op.toString());
      }
    }
  }

  @Example
  void smoothL1OfNoSmoothnessIsL1() {
    assertSame(ElementwiseLoss.L1, ElementwiseLoss.smoothL1(0));
  }

  private static ElementwiseLoss loss(String name) {
    return LOSSES.stream().filter(loss -> loss.toString().equals(name)).findFirst().orElseThrow();
  }

  private static void assertSpecial(ElementwiseLoss loss, String[] values) {
    float[] x = new float[4];
    for (int i = 0; i < 4; i++) {
      x[i] = Float.parseFloat(values[i].replace("Inf", "Infinity"));
    }
    try (Arena arena = Arena.ofConfined()) {
      FloatArray y = FloatArray.of(arena, x[0]);
      float actual = loss.lossAndGradient(y, FloatArray.of(arena, x[1]), y);
      String what = loss + " of " + x[0] + " and " + x[1];
      Verdict.within(what, x[0], x[2], actual, 2e-7 * Math.abs(x[2]) + 0x1p-149);
      Verdict.within(what + ", slope", x[0], x[3], y.get(0), 2e-7 * Math.abs(x[3]) + 0x1p-149);
    }
  }
}
