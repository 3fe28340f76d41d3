package io.github.lanewise.properties.support;

import io.github.lanewise.bench.accuracy.ErrorMeter;
import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ulps;
import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;

/// The accuracy of one activation, judged against its row of the op table.
public final class AccuracyCheck {
  private AccuracyCheck() {}

  /// Requires the values at the op's sample to be within its tolerance; prints the worst error.
  public static void requireForward(Op op) {
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

  /// Requires the gradients at the op's sample to be within its tolerance, for gradients of y of
  /// either sign and many sizes; prints the worst error.
  public static void requireBackward(Op op) {
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

  /// Requires f(-x) to be -f(x), bit for bit; a zero has whichever sign.
  public static void requireOdd(Op op, float[] minusX, float[] y, float[] yOfMinusX) {
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
  public static boolean hasOverflowed(Op op, float x, float y) {
    return op.derivativeOfOutput() != null && Float.isInfinite(y) && Float.isFinite(x);
  }

  /// The activation of each x.
  public static float[] forward(Op op, float[] x) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray array = FloatArray.of(arena, x);
      op.activation().forward(array, array);
      return array.toArray();
    }
  }

  /// The gradients of x.
  ///
  /// @param saved what the activation's backward reads: the outputs or the inputs
  public static float[] backward(Op op, float[] saved, float[] gy) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray gx = FloatArray.of(arena, gy);
      op.activation().backward(FloatArray.of(arena, saved), gx, gx);
      return gx.toArray();
    }
  }

  /// Gradients of either sign, between 2^-20 and 2^20 in size.
  public static float[] gradients(int n) {
    SplittableRandom random = new SplittableRandom(20251);
    float[] gy = new float[n];
    for (int i = 0; i < n; i++) {
      float size = Math.scalb(1 + (float) random.nextDouble(), random.nextInt(-20, 20));
      gy[i] = random.nextBoolean() ? size : -size;
    }
    return gy;
  }
}
