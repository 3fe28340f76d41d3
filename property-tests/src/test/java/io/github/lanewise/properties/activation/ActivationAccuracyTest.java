package io.github.lanewise.properties.activation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.bench.accuracy.ErrorMeter;
import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.bench.accuracy.Ulps;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every activation against its oracle on a sample of all floats: each 65,537th, and the
/// neighbours of every power of two and of every kink. The worst errors are printed.
class ActivationAccuracyTest {
  static List<Op> ops() {
    return Ops.all();
  }

  @ParameterizedTest
  @MethodSource("ops")
  void forwardIsWithinItsTolerance(Op op) {
    float[] x = op.sample();
    float[] y = forward(op, x);
    ErrorMeter meter = new ErrorMeter();
    for (int i = 0; i < x.length; i++) {
      double exact = op.forward().applyAsDouble(x[i]);
      meter.add(x[i], exact, y[i], op.oracleError().applyAsDouble(x[i]));
      Verdict.withinAndSigned(op + " forward", x[i], exact, y[i], op.tolerance().at(x[i], exact));
    }
    System.out.println("accuracy: " + op + " forward: " + meter);
  }

  @ParameterizedTest
  @MethodSource("ops")
  void backwardIsWithinItsTolerance(Op op) {
    float[] x = op.sample();
    float[] y = forward(op, x);
    float[] gy = gradients(x.length);
    float[] gx = backward(op, op.activation().savesOutput() ? y : x, gy);
    double worst = 0;
    float at = Float.NaN;
    for (int i = 0; i < x.length; i++) {
      double slope = op.derivative().applyAsDouble(x[i]);
      double exact = slope * gy[i];
      if (hasOverflowed(op, x[i], y[i])) {
        continue;
      }
      double bound = Math.abs(gy[i]) * op.slopeTolerance().at(x[i], slope) + 0.5 * Ulps.unit(exact);
      double share = Ulps.distance(exact, gx[i]) / bound;
      if (share > worst) {
        worst = share;
        at = x[i];
      }
      Verdict.within(op + " backward with g = " + gy[i], x[i], exact, gx[i], bound);
    }
    System.out.printf("accuracy: %s backward: %.3f of its bound at %s%n", op, worst, at);
  }

  @ParameterizedTest
  @MethodSource("ops")
  void backwardFromASavedOutputIsExactButForItsRoundings(Op op) {
    if (op.derivativeOfOutput() == null) {
      return;
    }
    float[] y = forward(op, op.sample());
    float[] gy = gradients(y.length);
    float[] gx = backward(op, y, gy);
    for (int i = 0; i < y.length; i++) {
      double exact = op.derivativeOfOutput().applyAsDouble(y[i]) * gy[i];
      // Three roundings, of half an ulp each, the first two up to twice as large at the end.
      Verdict.within(op + " backward, y", y[i], exact, gx[i], 2.5 * Ulps.unit(exact));
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void aMonotoneFunctionNeverFalls(Op op) {
    if (!op.monotone()) {
      return;
    }
    float[] x = op.sample();
    float[] y = forward(op, x);
    for (int i = 1; i < x.length; i++) {
      if (y[i] < y[i - 1]) {
        throw new AssertionError(
            op + " falls from " + y[i - 1] + " at " + x[i - 1] + " to " + y[i] + " at " + x[i]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void anOddFunctionIsOddBitForBit(Op op) {
    if (!op.odd()) {
      return;
    }
    float[] x = op.sample();
    float[] y = forward(op, x);
    float[] minusX = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      minusX[i] = -x[i];
    }
    requireOdd(op, minusX, y, forward(op, minusX));
  }

  @ParameterizedTest
  @MethodSource("ops")
  void theSampleHasEveryBinadeAndBothSigns(Op op) {
    boolean[] seen = new boolean[512];
    for (float x : op.sample()) {
      seen[Float.floatToRawIntBits(x) >>> 23] = true;
    }
    for (int i = 0; i < 512; i++) {
      assertTrue(seen[i], "no input with sign and exponent " + i);
    }
  }

  /// Requires f(-x) to be -f(x), bit for bit; a zero has whichever sign.
  static void requireOdd(Op op, float[] minusX, float[] y, float[] yOfMinusX) {
    for (int i = 0; i < minusX.length; i++) {
      boolean same =
          y[i] == 0
              ? yOfMinusX[i] == 0
              : Float.floatToIntBits(-y[i]) == Float.floatToIntBits(yOfMinusX[i]);
      if (!same) {
        Verdict.sameBits(op + " at " + minusX[i], -y[i], yOfMinusX[i]);
      }
    }
  }

  /// A gradient from a saved output is lost where the output was: exp(89) is inf.
  static boolean hasOverflowed(Op op, float x, float y) {
    return op.derivativeOfOutput() != null && Float.isInfinite(y) && Float.isFinite(x);
  }

  static float[] forward(Op op, float[] x) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray array = FloatArray.of(arena, x);
      op.activation().forward(array, array);
      return array.toArray();
    }
  }

  static float[] backward(Op op, float[] saved, float[] gy) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray gx = FloatArray.of(arena, gy);
      op.activation().backward(FloatArray.of(arena, saved), gx, gx);
      return gx.toArray();
    }
  }

  /// Gradients of either sign, between 2^-20 and 2^20 in size.
  private static float[] gradients(int n) {
    SplittableRandom random = new SplittableRandom(20251);
    float[] gy = new float[n];
    for (int i = 0; i < n; i++) {
      float size = Math.scalb(1 + (float) random.nextDouble(), random.nextInt(-20, 20));
      gy[i] = random.nextBoolean() ? size : -size;
    }
    return gy;
  }
}
