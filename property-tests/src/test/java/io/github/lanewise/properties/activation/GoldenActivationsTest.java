package io.github.lanewise.properties.activation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.bench.accuracy.Ulps;
import io.github.lanewise.properties.support.AccuracyCheck;
import io.github.lanewise.properties.support.GoldenFile;
import io.github.lanewise.properties.support.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// PyTorch's activations: its float64 results judge accuracy, its float32 results agreement.
class GoldenActivationsTest {
  /// Where PyTorch gives NaN or flushes to zero, and Lanewise the limit.
  private static final Set<String> LIMITS_AT_INFINITY =
      Set.of("gelu", "gelu_tanh", "silu", "mish", "hardswish");

  /// Where a row's parameter, or PyTorch's 1/6, is the nearest float.
  private static final Set<String> ROUNDED_PARAMETERS =
      Set.of("leaky_relu", "threshold", "hardsigmoid");

  private static final GoldenFile GOLDEN = GoldenFile.read("activations.safetensors");
  private static final float[] X = GOLDEN.floats("x");
  private static final float[] GY = GOLDEN.floats("grad_y");

  /// PyTorch's own measure of equality for float32, `torch.testing.assert_close`.
  private static final double RELATIVE = 1.3e-6;

  private static final double ABSOLUTE = 1e-5;

  static List<Op> ops() {
    return Ops.defaults().stream().filter(op -> golden().containsKey(op.name())).toList();
  }

  static List<String> oracles() {
    return Ops.names().stream().filter(name -> golden().containsKey(name)).toList();
  }

  private static Map<String, Object> golden() {
    return GoldenFile.object(GoldenFile.manifest().get("activations"));
  }

  @ParameterizedTest
  @MethodSource("ops")
  void forwardIsWithinItsToleranceOfPyTorchInFloat64(Op op) {
    double[] exact = GOLDEN.doubles(op + ".y_f64");
    float[] y = AccuracyCheck.forward(op, X);
    for (int i = 0; i < X.length; i++) {
      double truth = hasLimit(op.name(), X[i]) ? op.forward().applyAsDouble(X[i]) : exact[i];
      // PyTorch's parameters are doubles there; one that is rounded to float is half an ulp off.
      double bound = op.tolerance().at(X[i], truth) + 0.5 * Ulps.unit(truth);
      Verdict.within(op + " forward", X[i], truth, y[i], bound + cancelled(op.name(), X[i]));
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void backwardIsWithinItsToleranceOfPyTorchInFloat64(Op op) {
    double[] exact = GOLDEN.doubles(op + ".grad_x_f64");
    float[] saved = op.activation().savesOutput() ? AccuracyCheck.forward(op, X) : X;
    float[] gx = AccuracyCheck.backward(op, saved, GY);
    for (int i = 0; i < X.length; i++) {
      double slope = op.derivative().applyAsDouble(X[i]);
      double truth = hasLimit(op.name(), X[i]) ? slope * GY[i] : exact[i];
      double bound = Math.abs(GY[i]) * op.slopeTolerance().at(X[i], slope) + Ulps.unit(truth);
      Verdict.within(op + " backward with g = " + GY[i], X[i], truth, gx[i], bound);
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void bothPassesAgreeWithPyTorchInFloat32(Op op) {
    float[] y = AccuracyCheck.forward(op, X);
    float[] saved = op.activation().savesOutput() ? y : X;
    float[] gx = AccuracyCheck.backward(op, saved, GY);
    float[] torchY = GOLDEN.floats(op + ".y");
    float[] torchGx = GOLDEN.floats(op + ".grad_x");
    for (int i = 0; i < X.length; i++) {
      if (!hasLimit(op.name(), X[i])) {
        assertAgrees(op + " forward", X[i], torchY[i], y[i]);
        assertAgrees(op + " backward", X[i], torchGx[i], gx[i]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("oracles")
  void theOracleIsPyTorchInFloat64(String name) {
    double[] y = GOLDEN.doubles(name + ".y_f64");
    double[] gx = GOLDEN.doubles(name + ".grad_x_f64");
    for (int i = 0; i < X.length; i++) {
      if (!hasLimit(name, X[i])) {
        double forward = Ops.forward(name).applyAsDouble(X[i]);
        double backward = Ops.derivative(name).applyAsDouble(X[i]) * GY[i];
        double parameter = ROUNDED_PARAMETERS.contains(name) ? 0x1p-24 : 0;
        double bound = (1e-13 + parameter) * Math.abs(y[i]) + cancelled(name, X[i]);
        assertClose(name, X[i], y[i], forward, bound);
        double room = 1e-13 + parameter;
        double slopeBound = room * Math.abs(gx[i]) + 1e-13 * Math.abs(GY[i]);
        assertClose(name + "'", X[i], gx[i], backward, slopeBound);
      }
    }
  }

  /// PyTorch's formulas lose digits in double as well, but no more than of x itself.
  private static double cancelled(String name, float x) {
    return LIMITS_AT_INFINITY.contains(name) || name.equals("tanhshrink")
        ? 1e-15 * Math.min(Math.abs(x), 1e3)
        : 0;
  }

  private static boolean hasLimit(String name, float x) {
    return LIMITS_AT_INFINITY.contains(name) && Math.abs(x) >= Float.MAX_VALUE;
  }

  private static void assertAgrees(String what, float x, float torch, float actual) {
    Verdict.within(what + " against PyTorch", x, torch, actual, ABSOLUTE + RELATIVE * abs(torch));
  }

  private static double abs(float torch) {
    return Float.isFinite(torch) ? Math.abs((double) torch) : 0;
  }

  private static void assertClose(String what, float x, double exact, double actual, double bound) {
    boolean close =
        Math.abs(exact - actual) <= bound
            || exact == actual
            || (Double.isNaN(exact) && Double.isNaN(actual));
    assertTrue(close, () -> what + " at " + x + " is " + actual + ", PyTorch's is " + exact);
  }
}
