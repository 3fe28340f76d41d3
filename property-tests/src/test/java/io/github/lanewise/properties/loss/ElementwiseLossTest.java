package io.github.lanewise.properties.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.ElementwiseLoss;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.properties.support.Differences;
import io.github.lanewise.properties.support.Guarded;
import io.github.lanewise.properties.support.Samples;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
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
    for (LossOp op : LossOp.ALL) {
      for (String values : op.special().split(",", -1)) {
        assertSpecial(op.loss(), values.strip().split(" ", -1));
      }
    }
  }

  @Example
  void everyDefaultLossHasARow() {
    for (ElementwiseLoss loss : ElementwiseLoss.defaults()) {
      assertTrue(hasRow(loss.toString()::equals), () -> loss + " has no row in LossOp");
    }
  }

  @Example
  void everyConstantIsADefault() throws IllegalAccessException {
    int constants = 0;
    for (Field field : ElementwiseLoss.class.getFields()) {
      if (field.getType() == ElementwiseLoss.class) {
        assertTrue(ElementwiseLoss.defaults().contains(field.get(null)), field.getName());
        constants++;
      }
    }
    assertEquals(ElementwiseLoss.defaults().size(), constants);
  }

  /// A row of the method's name has another parameter than PyTorch's default.
  @Example
  void everyMethodThatTakesAParameterHasARow() {
    for (Method method : ElementwiseLoss.class.getMethods()) {
      if (method.getReturnType() == ElementwiseLoss.class) {
        String name = method.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
        assertTrue(hasRow(row -> row.matches(name + "(_loss)?\\(.*")), method.getName());
      }
    }
  }

  private static boolean hasRow(Predicate<String> name) {
    return LossOp.ALL.stream().map(LossOp::toString).anyMatch(name);
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
