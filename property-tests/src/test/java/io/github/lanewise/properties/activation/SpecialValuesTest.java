package io.github.lanewise.properties.activation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.bench.accuracy.SpecialValues;
import io.github.lanewise.bench.accuracy.Ulps;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Kernels and oracle agree with the list of special values, forward and backward.
class SpecialValuesTest {
  /// Constants of SELU and logarithms are roundings themselves; the rest of the list is exact.
  private static final double ULP = 1;

  static List<Op> ops() {
    return Ops.all().stream().filter(op -> op.special() != null).toList();
  }

  @ParameterizedTest
  @MethodSource("ops")
  void forwardHasTheListedValues(Op op) {
    for (SpecialValues.Pair pair : op.special().forward()) {
      assertListed(op + " forward", pair, forward(op, pair.x()), true);
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void backwardHasTheListedSlopes(Op op) {
    for (SpecialValues.Pair pair : op.special().slope()) {
      for (float g : new float[] {1f, -1f, 0.5f}) {
        SpecialValues.Pair scaled = new SpecialValues.Pair(pair.x(), pair.value() * g);
        assertListed(op + " backward", scaled, backward(op, pair.x(), g), false);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void aDeadUnitStopsAnInfiniteGradient(Op op) {
    boolean selects = op.slopeTolerance().at(0, 1) == 0;
    for (SpecialValues.Pair pair : op.special().slope()) {
      if (selects && pair.value() == 0 && !Float.isNaN(pair.x())) {
        assertEquals(
            0f, Math.abs(backward(op, pair.x(), Float.POSITIVE_INFINITY)), op + " " + pair);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void aNanGradientIsNotLostOnALiveUnit(Op op) {
    float x = op.name().startsWith("threshold") ? 3f : 0.75f;
    assertEquals(Float.NaN, backward(op, x, Float.NaN), op + " at " + x);
  }

  @ParameterizedTest
  @MethodSource("ops")
  void theOracleHasTheListedValues(Op op) {
    for (SpecialValues.Pair pair : op.special().forward()) {
      double y = op.forward().applyAsDouble(pair.x());
      assertListed(op + " oracle", pair, (float) y, true);
    }
    for (SpecialValues.Pair pair : op.special().slope()) {
      double slope = op.derivative().applyAsDouble(pair.x());
      assertListed(op + " derivative oracle", pair, (float) slope, false);
    }
  }

  private static void assertListed(
      String what, SpecialValues.Pair pair, float actual, boolean signed) {
    double bound = ULP * Ulps.unit(pair.value());
    if (signed) {
      Verdict.withinAndSigned(what, pair.x(), pair.value(), actual, bound);
    } else {
      Verdict.within(what, pair.x(), pair.value(), actual, bound);
    }
  }

  private static float forward(Op op, float x) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray y = FloatArray.of(arena, x);
      op.activation().forward(y, y);
      return y.get(0);
    }
  }

  private static float backward(Op op, float x, float g) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray saved = FloatArray.of(arena, op.activation().savesOutput() ? forward(op, x) : x);
      FloatArray gx = FloatArray.of(arena, g);
      op.activation().backward(saved, gx, gx);
      return gx.get(0);
    }
  }
}
