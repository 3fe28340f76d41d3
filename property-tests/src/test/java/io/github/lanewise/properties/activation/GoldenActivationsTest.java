package io.github.lanewise.properties.activation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.bench.accuracy.Ulps;
import io.github.lanewise.properties.support.AccuracyCheck;
import io.github.lanewise.properties.support.GoldenFile;
import io.github.lanewise.properties.support.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// PyTorch's activations: its float64 results judge accuracy, its float32 results agreement.
class GoldenActivationsTest {
  /// Where PyTorch gives NaN or flushes to zero, and Lanewise the limit.
  private static final Set<String> LIMITS_AT_INFINITY =
      Set.of("gelu", "gelu_tanh", "silu", "mish", "hardswish");

  /// Where PyTorch has a factor in float, even in float64: a sixth, and the inverse of alpha.
  private static final Set<String> ROUNDED_FACTOR = Set.of("hardsigmoid", "celu");

  private static final GoldenFile GOLDEN = GoldenFile.read("activations.safetensors");
  private static final float[] X = GOLDEN.floats("x");
  private static final float[] GY = GOLDEN.floats("grad_y");

  /// PyTorch's own measure of equality for float32, `torch.testing.assert_close`.
  private static final double RELATIVE = 1.3e-6;

  private static final double ABSOLUTE = 1e-5;

  /// A function of the manifest, with the parameters that it has there.
  ///
  /// @param op whose oracle has the parameters as floats, as the kernel has them
  /// @param exact whose oracle has them as doubles, as PyTorch has them in float64
  record Golden(String name, Op op, Op exact) {
    static Golden of(String name, Map<String, Double> parameters) {
      return new Golden(name, Ops.of(name, parameters), Ops.exact(name, parameters));
    }

    /// How much of a value is due to the parameters being rounded to floats.
    double rounding(float x) {
      return difference(op.forward(), exact.forward(), x);
    }

    /// How much of a slope is due to the parameters being rounded to floats.
    double slopeRounding(float x) {
      return difference(op.derivative(), exact.derivative(), x);
    }

    private static double difference(DoubleUnaryOperator f, DoubleUnaryOperator g, float x) {
      double difference = Math.abs(f.applyAsDouble(x) - g.applyAsDouble(x));
      return Double.isFinite(difference) ? difference : 0;
    }

    @Override
    public String toString() {
      return op.toString();
    }
  }

  static List<Golden> functions() {
    List<Golden> functions = new ArrayList<>();
    GoldenFile.object(GoldenFile.manifest().get("activations"))
        .forEach((name, of) -> functions.add(Golden.of(name, GoldenFile.numbers(of))));
    return functions;
  }

  @Test
  void theFileHasTheFunctionsOfTheManifestAndNoOther() {
    Set<String> inFile = new TreeSet<>();
    for (String tensor : GOLDEN.names()) {
      if (tensor.endsWith(".y")) {
        inFile.add(tensor.substring(0, tensor.length() - 2));
      }
    }
    Set<String> inManifest = new TreeSet<>();
    functions().forEach(golden -> inManifest.add(golden.name()));
    assertEquals(inFile, inManifest);
  }

  @ParameterizedTest
  @MethodSource("functions")
  void forwardIsWithinItsToleranceOfPyTorchInFloat64(Golden golden) {
    Op op = golden.op();
    double[] expected = GOLDEN.doubles(golden.name() + ".y_f64");
    float[] y = AccuracyCheck.forward(op, X);
    for (int i = 0; i < X.length; i++) {
      double truth = hasLimit(golden.name(), X[i]) ? op.forward().applyAsDouble(X[i]) : expected[i];
      double bound = op.tolerance().at(X[i], truth) + golden.rounding(X[i]);
      Verdict.within(op + " forward", X[i], truth, y[i], bound + cancelled(golden.name(), X[i]));
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  void backwardIsWithinItsToleranceOfPyTorchInFloat64(Golden golden) {
    Op op = golden.op();
    double[] expected = GOLDEN.doubles(golden.name() + ".grad_x_f64");
    float[] y = AccuracyCheck.forward(op, X);
    float[] gx = AccuracyCheck.backward(op, op.activation().savesOutput() ? y : X, GY);
    for (int i = 0; i < X.length; i++) {
      double slope = op.derivative().applyAsDouble(X[i]);
      double truth = hasLimit(golden.name(), X[i]) ? slope * GY[i] : expected[i];
      double slopeBound = op.slopeTolerance().at(X[i], slope) + golden.slopeRounding(X[i]);
      double bound = Math.abs(GY[i]) * slopeBound + Ulps.unit(truth);
      if (!AccuracyCheck.hasOverflowed(op, X[i], y[i])) {
        Verdict.within(op + " backward with g = " + GY[i], X[i], truth, gx[i], bound);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  void bothPassesAgreeWithPyTorchInFloat32(Golden golden) {
    Op op = golden.op();
    float[] y = AccuracyCheck.forward(op, X);
    float[] saved = op.activation().savesOutput() ? y : X;
    float[] gx = AccuracyCheck.backward(op, saved, GY);
    float[] torchY = GOLDEN.floats(golden.name() + ".y");
    float[] torchGx = GOLDEN.floats(golden.name() + ".grad_x");
    for (int i = 0; i < X.length; i++) {
      if (!hasLimit(golden.name(), X[i])) {
        assertAgrees(op + " forward", X[i], torchY[i], y[i]);
        assertAgrees(op + " backward", X[i], torchGx[i], gx[i]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  void theOracleIsPyTorchInFloat64(Golden golden) {
    String name = golden.name();
    double[] y = GOLDEN.doubles(name + ".y_f64");
    double[] gx = GOLDEN.doubles(name + ".grad_x_f64");
    double room = 1e-13 + (ROUNDED_FACTOR.contains(name) ? 0x1p-24 : 0);
    for (int i = 0; i < X.length; i++) {
      if (!hasLimit(name, X[i])) {
        double forward = golden.exact().forward().applyAsDouble(X[i]);
        double backward = golden.exact().derivative().applyAsDouble(X[i]) * GY[i];
        double bound = room * Math.abs(y[i]) + cancelled(name, X[i]);
        assertClose(name, X[i], y[i], forward, bound);
        double slopeBound = room * (Math.abs(gx[i]) + Math.abs(GY[i]));
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
