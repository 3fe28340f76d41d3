package io.github.lanewise.properties.activation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.bench.accuracy.Ulps;
import io.github.lanewise.properties.support.AccuracyCheck;
import io.github.lanewise.properties.support.Verdict;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every activation against its oracle on a sample of all floats: each 65,537th, and the
/// neighbours of every power of two and of every kink. The worst errors are printed.
class ActivationAccuracyTest {
  static List<Op> ops() {
    return Ops.all();
  }

  static List<Op> opsThatSaveTheirOutput() {
    return Ops.all().stream().filter(op -> op.derivativeOfOutput() != null).toList();
  }

  static List<Op> risingOps() {
    return Ops.all().stream().filter(Op::monotone).toList();
  }

  static List<Op> oddOps() {
    return Ops.all().stream().filter(Op::odd).toList();
  }

  @ParameterizedTest
  @MethodSource("ops")
  void forwardIsWithinItsTolerance(Op op) {
    AccuracyCheck.requireForward(op);
  }

  @ParameterizedTest
  @MethodSource("ops")
  void backwardIsWithinItsTolerance(Op op) {
    AccuracyCheck.requireBackward(op);
  }

  @ParameterizedTest
  @MethodSource("opsThatSaveTheirOutput")
  void backwardFromASavedOutputIsExactButForItsRoundings(Op op) {
    float[] y = AccuracyCheck.forward(op, op.sample());
    float[] gy = AccuracyCheck.gradients(y.length);
    float[] gx = AccuracyCheck.backward(op, y, gy);
    for (int i = 0; i < y.length; i++) {
      double exact = op.derivativeOfOutput().applyAsDouble(y[i]) * gy[i];
      // Three roundings, of half an ulp each, the first two up to twice as large at the end.
      Verdict.within(op + " backward, y", y[i], exact, gx[i], 2.5 * Ulps.unit(exact));
    }
  }

  @ParameterizedTest
  @MethodSource("risingOps")
  void aMonotoneFunctionNeverFalls(Op op) {
    float[] x = op.sample();
    float[] y = AccuracyCheck.forward(op, x);
    for (int i = 1; i < x.length; i++) {
      if (y[i] < y[i - 1]) {
        throw new AssertionError(
            op + " falls from " + y[i - 1] + " at " + x[i - 1] + " to " + y[i] + " at " + x[i]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("oddOps")
  void anOddFunctionIsOddBitForBit(Op op) {
    float[] x = op.sample();
    float[] y = AccuracyCheck.forward(op, x);
    float[] minusX = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      minusX[i] = -x[i];
    }
    AccuracyCheck.requireOdd(op, minusX, y, AccuracyCheck.forward(op, minusX));
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
}
