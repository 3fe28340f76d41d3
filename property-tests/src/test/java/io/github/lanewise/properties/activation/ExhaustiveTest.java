package io.github.lanewise.properties.activation;

import io.github.lanewise.bench.accuracy.ErrorMeter;
import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.bench.accuracy.Survey;
import io.github.lanewise.bench.accuracy.Ulps;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.properties.support.AccuracyCheck;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The promises of the op table on all 2^32 floats; the worst errors are printed. It runs in the
/// Maven profile `exhaustive`, a minute for each row and pass on two cores.
@Tag("exhaustive")
class ExhaustiveTest {
  static List<Op> ops() {
    return Ops.all();
  }

  /// Within the tolerance, NaN where the oracle is NaN and nowhere else, the sign of a zero; and
  /// rising and odd where the table says so.
  @ParameterizedTest
  @MethodSource("ops")
  void forwardKeepsItsPromises(Op op) {
    ErrorMeter errors = new ErrorMeter();
    Forward[] previous = {null};
    Survey.run(
        op.activation()::forward,
        1,
        () -> new Forward(op),
        chunk -> {
          chunk.follow(previous[0]);
          previous[0] = chunk;
          errors.merge(chunk.errors);
        });
    System.out.println("exhaustive: " + op + " forward: " + errors);
  }

  /// With a gradient of 1, from whichever of x and y the activation saves.
  @ParameterizedTest
  @MethodSource("ops")
  void backwardIsWithinItsTolerance(Op op) {
    FloatArray ones = FloatArray.allocate(Arena.ofAuto(), 1 << 16).fill(1f);
    double[] worst = {0, Double.NaN};
    Survey.run(
        (x, gx) -> {
          if (op.activation().savesOutput()) {
            op.activation().forward(x, gx);
          } else {
            gx.copyFrom(x);
          }
          op.activation().backward(gx, ones.slice(0, gx.length()), gx);
        },
        1,
        () -> new Backward(op),
        chunk -> {
          if (chunk.worst > worst[0]) {
            worst[0] = chunk.worst;
            worst[1] = chunk.worstInput;
          }
        });
    System.out.printf(
        "exhaustive: %s backward: %.3f of its bound at %s%n", op, worst[0], (float) worst[1]);
  }

  private static final class Forward implements Survey.Judge {
    private final Op op;
    private final String what;
    private final ErrorMeter errors = new ErrorMeter();
    private float firstX;
    private float firstY;
    private float lastX = Float.NaN;
    private float lastY;

    Forward(Op op) {
      this.op = op;
      this.what = op + " forward";
    }

    @Override
    public void look(float[] x, float[] y, int n) {
      if (errors.inputs() == 0) {
        firstX = x[0];
        firstY = y[0];
      }
      for (int i = 0; i < n; i++) {
        double exact = op.forward().applyAsDouble(x[i]);
        errors.add(x[i], exact, y[i], op.oracleError().applyAsDouble(x[i]));
        Verdict.withinAndSigned(what, x[i], exact, y[i], op.tolerance().at(x[i], exact));
        requireRising(x[i], y[i]);
      }
      if (op.odd()) {
        requireOdd(Arrays.copyOf(x, n), y);
      }
    }

    /// Compares the first result with the last one of the chunk before.
    void follow(Forward before) {
      if (before != null) {
        before.requireRising(firstX, firstY);
      }
    }

    private void requireRising(float x, float y) {
      if (op.monotone() && (x > lastX ? y < lastY : x < lastX && y > lastY)) {
        throw new AssertionError(
            "%s falls between %s, where it is %s, and %s, where it is %s"
                .formatted(what, lastX, lastY, x, y));
      }
      lastX = x;
      lastY = y;
    }

    private void requireOdd(float[] x, float[] y) {
      float[] minusX = new float[x.length];
      for (int i = 0; i < x.length; i++) {
        minusX[i] = -x[i];
      }
      AccuracyCheck.requireOdd(op, minusX, y, AccuracyCheck.forward(op, minusX));
    }
  }

  private static final class Backward implements Survey.Judge {
    private final Op op;
    private final String what;
    private double worst;
    private float worstInput = Float.NaN;

    Backward(Op op) {
      this.op = op;
      this.what = op + " backward";
    }

    @Override
    public void look(float[] x, float[] gx, int n) {
      for (int i = 0; i < n; i++) {
        if (!overflows(x[i])) {
          double slope = op.derivative().applyAsDouble(x[i]);
          double bound = op.slopeTolerance().at(x[i], slope) + 0.5 * Ulps.unit(slope);
          Verdict.within(what, x[i], slope, gx[i], bound);
          double share = Ulps.distance(slope, gx[i]) / bound;
          if (share > worst) {
            worst = share;
            worstInput = x[i];
          }
        }
      }
    }

    /// Whether y, which backward reads, is infinite or may be so within its tolerance.
    private boolean overflows(float x) {
      return op.derivativeOfOutput() != null
          && Float.isFinite(x)
          && Float.isInfinite((float) (op.forward().applyAsDouble(x) * (1 + 0x1p-22)));
    }
  }
}
