package io.github.lanewise.bench.accuracy;

import static io.github.lanewise.bench.accuracy.Row.linear;
import static io.github.lanewise.bench.accuracy.Row.smooth;

import io.github.lanewise.core.Activation;
import java.util.ArrayList;
import java.util.List;

/// The table of activations: what each must compute, and how exactly.
///
/// A row is all that the tests, the fingerprints and the accuracy report know of a function, so a
/// new activation needs a row here and nothing else: call, oracle, derivative, tolerance, the range
/// that is hashed, the inputs where the function or the kernel's formula for it changes, and the
/// special values.
final class OpTable {
  /// The functions without parameters.
  static final List<Row> FIXED =
      List.of(
          linear(Activation.RELU, Oracle::relu, Oracle::reluDerivative, 0)
              .ofOutput(Oracle::reluDerivative)
              .rising()
              .special("NaN Inf 0 0 -0", "1 1 0", "0=0 -0=0"),
          linear(Activation.RELU6, Oracle::relu6, Oracle::relu6Derivative, 0, 6)
              .rising()
              .special("NaN 6 0 0 -0", "0 0 0", "0=0 -0=0 6=0"),
          leakyRelu(Activation.RRELU, (float) ((1.0 / 8 + 1.0 / 3) / 2))
              .special("NaN Inf -Inf 0 -0", ".22916667 1 .22916667", "0=.22916667"),
          smooth(Activation.SELU, Oracle::selu, Oracle::seluDerivative, 2, 120, 0)
              .rising()
              .special("NaN Inf -1.7580993 0 -0", "NaN 1.050701 0", "0=1.7580993 -0=1.7580993"),
          smooth(
                  Activation.GELU,
                  Oracle::gelu,
                  Oracle::geluDerivative,
                  // The tail left of -1 is a product of ever smaller factors.
                  (x, exact) ->
                      x >= -1 ? 2 * Ulps.unit(exact) : Math.max(1e-6 * Math.abs(exact), 0x1p-149),
                  20,
                  0,
                  -1,
                  -13.15,
                  -14.36)
              .aboveHalf()
              .special("NaN Inf -0 0 -0", "NaN 1 0", "0=.5 -0=.5"),
          smooth(
                  Activation.GELU_TANH,
                  Oracle::geluTanh,
                  Oracle::geluTanhDerivative,
                  // One ulp, and the rounding of an argument of this size.
                  (x, exact) -> (1 + 2 * Math.abs(Oracle.geluTanhArgument(x))) * Ulps.unit(exact),
                  16,
                  0,
                  -10.77)
              // Four roundings of an argument of up to 104.
              .aboveHalf(0x1p-44)
              .special("NaN Inf -0 0 -0", "NaN 1 0", "0=.5 -0=.5 Max=1 -Max=0"),
          smooth(
                  Activation.QUICK_GELU,
                  x -> x == Double.NEGATIVE_INFINITY ? -0.0 : x * Oracle.sigmoid(1.702 * x),
                  x -> Oracle.siluDerivative(1.702 * x),
                  1.5,
                  70,
                  0,
                  -61.1,
                  -63.5)
              .oracleError(x -> 0x1p-44)
              .special("NaN Inf -0 0 -0", "NaN 1 0", "0=.5 -0=.5"),
          smooth(Activation.SILU, Oracle::silu, Oracle::siluDerivative, 1.5, 120, 0, -104, -108.66)
              .aboveHalf()
              .special("NaN Inf -0 0 -0", "NaN 1 0", "0=.5 -0=.5"),
          smooth(
                  Activation.MISH,
                  Oracle::mish,
                  Oracle::mishDerivative,
                  2,
                  120,
                  0,
                  20,
                  -104,
                  -108.66)
              .special("NaN Inf -0 0 -0", "NaN 1 0", "0=.6 -0=.6"),
          smooth(
                  Activation.SIGMOID,
                  Oracle::sigmoid,
                  Oracle::sigmoidDerivative,
                  1,
                  120,
                  17.33,
                  -104)
              .ofOutput(Oracle::sigmoidDerivativeOfOutput)
              .rising()
              .special("NaN 1 0 .5 .5", "NaN 0 0", "0=.25 -0=.25"),
          smooth(Activation.TANH, Oracle::tanh, Oracle::tanhDerivative, 1, 88, 0, 9.010914, 1)
              .ofOutput(Oracle::tanhDerivativeOfOutput)
              .rising()
              .odd()
              .special("NaN 1 -1 0 -0", "NaN 0 0", "0=1 -0=1"),
          smooth(
                  Activation.LOG_SIGMOID,
                  Oracle::logsigmoid,
                  Oracle::logsigmoidDerivative,
                  2,
                  120,
                  0,
                  17.33,
                  104)
              .rising()
              .special("NaN 0 -Inf -.6931472 -.6931472", "NaN 0 1", "0=.5 -0=.5"),
          smooth(Activation.SOFTSIGN, Oracle::softsign, Oracle::softsignDerivative, 1.5, 1000, 0)
              .rising()
              .odd()
              .special("NaN NaN NaN 0 -0", "NaN NaN NaN", "0=1 -0=1"),
          smooth(
                  Activation.TANHSHRINK,
                  Oracle::tanhshrink,
                  Oracle::tanhshrinkDerivative,
                  // The difference of x and a rounded tanh.
                  (x, exact) -> Ulps.unit(x),
                  100,
                  0)
              .oracleError(x -> Math.abs(x) > Oracle.SATURATED ? 0 : 0x1p-49)
              .rising()
              .odd()
              .special("NaN Inf -Inf 0 0", "NaN 1 1", "0=0 -0=0"),
          smooth(
                  Activation.HARDSIGMOID,
                  Oracle::hardsigmoid,
                  Oracle::hardsigmoidDerivative,
                  1,
                  10,
                  -3,
                  3)
              // One rounding, which leaves the quotient on its side of every midpoint.
              .oracleError(x -> 0)
              .rising()
              .special("NaN 1 0 .5 .5", "0 0 0", "3=0 -3=0 0=.16666667"),
          smooth(
                  Activation.HARDSWISH,
                  Oracle::hardswish,
                  Oracle::hardswishDerivative,
                  1.5,
                  10,
                  -3,
                  0,
                  3)
              .aboveHalf()
              .special("NaN Inf -0 0 -0", "NaN 1 0", "3=1 -3=0 0=.5"),
          smooth(Activation.EXP, Oracle::exp, Oracle::exp, 1, 1000, 88.72284, -87.33655, -103.97208)
              .ofOutput(y -> y)
              .rising()
              .special("NaN Inf 0 1 1", "NaN Inf 0", "0=1 -0=1"),
          smooth(
                  Activation.EXPM1,
                  Oracle::expm1,
                  Oracle::expm1Derivative,
                  1,
                  120,
                  0,
                  88.72284,
                  -17.3287)
              .ofOutput(y -> y + 1)
              .rising()
              .special("NaN Inf -1 0 -0", "NaN Inf 0", "0=1 -0=1"),
          smooth(Activation.LOG, Oracle::log, Oracle::logDerivative, 1, 1000, 0, 1)
              .rising()
              .special("NaN Inf NaN -Inf -Inf", "NaN 0 0", "1=1 0=Inf -0=-Inf"),
          smooth(Activation.LOG1P, Oracle::log1p, Oracle::log1pDerivative, 1, 1000, 0, -1)
              .rising()
              .special("NaN Inf NaN 0 -0", "NaN 0 0", "0=1 -0=1 -1=Inf"),
          smooth(Activation.ERF, Oracle::erf, Oracle::erfDerivative, 1, 8, 0, 1, 3.92)
              .rising()
              .odd()
              .special("NaN 1 -1 0 -0", "NaN 0 0", "0=1.1283792 -0=1.1283792"));

  /// The functions with parameters: first PyTorch's defaults, then others.
  static final List<Family> FAMILIES =
      List.of(
          new Family(
              "leaky_relu",
              List.of("negative_slope"),
              (p, q) ->
                  leakyRelu(Activation.leakyRelu(p[0]), q[0])
                      .special("NaN Inf -Inf 0 -0", ".01 1 .01", "0=.01 -0=.01"),
              values(0.01),
              values(0.2),
              values(-1.5)),
          new Family(
              "elu",
              List.of("alpha"),
              (p, q) ->
                  smooth(
                          Activation.elu(p[0]),
                          x -> Oracle.elu(x, q[0]),
                          x -> Oracle.eluDerivative(x, q[0]),
                          // A factor other than 1 is rounded beside the function.
                          q[0] == 1 ? 2 : 2.5,
                          120,
                          0)
                      .risingIf(q[0] > 0)
                      .special("NaN Inf -1 0 -0", "NaN 1 0", "0=1 -0=1"),
              values(1),
              values(0.3)),
          new Family(
              "celu",
              List.of("alpha"),
              (p, q) ->
                  smooth(
                          Activation.celu(p[0]),
                          x -> Oracle.celu(x, q[0]),
                          x -> Oracle.celuDerivative(x, q[0]),
                          // The kernel multiplies by the rounded inverse of alpha.
                          isPowerOf2(q[0]) ? 2 : 3.5,
                          120 * Math.abs(q[0]),
                          0)
                      .risingIf(q[0] > 0)
                      .special("NaN Inf -1 0 -0", "NaN 1 0", "0=1 -0=1"),
              values(1),
              values(2)),
          new Family(
              "softplus",
              List.of("beta", "threshold"),
              (p, q) ->
                  smooth(
                          Activation.softplus(p[0], p[1]),
                          x -> Oracle.softplus(x, q[0], q[1]),
                          x -> Oracle.softplusDerivative(x, q[0], q[1]),
                          (x, exact) ->
                              softplusError(q[0] * x, isPowerOf2(q[0])) * Ulps.unit(exact),
                          120 / Math.abs(q[0]),
                          q[1] / q[0])
                      // The function falls at the threshold by exp(-threshold).
                      .risingIf(q[1] >= 20)
                      .special("NaN Inf 0 .6931472 .6931472", "NaN 1 0", "0=.5 -0=.5"),
              values(1, 20),
              values(2, 10)),
          new Family(
              "hardtanh",
              List.of("min_val", "max_val"),
              (p, q) ->
                  linear(
                          Activation.hardtanh(p[0], p[1]),
                          x -> Oracle.hardtanh(x, q[0], q[1]),
                          x -> Oracle.hardtanhDerivative(x, q[0], q[1]),
                          q[0],
                          q[1])
                      .rising()
                      .special("NaN 1 -1 0 -0", "0 0 0", "1=0 -1=0 0=1"),
              values(-1, 1),
              values(-0.5, 3)),
          new Family(
              "hardshrink",
              List.of("lambd"),
              (p, q) ->
                  linear(
                          Activation.hardshrink(p[0]),
                          x -> Oracle.hardshrink(x, q[0]),
                          x -> Oracle.shrinkDerivative(x, q[0]),
                          -q[0],
                          q[0])
                      .special("NaN Inf -Inf 0 0", "0 1 1", "0=0 .5=0 -.5=0"),
              values(0.5),
              values(0.1)),
          new Family(
              "softshrink",
              List.of("lambd"),
              (p, q) ->
                  linear(
                          Activation.softshrink(p[0]),
                          x -> Oracle.softshrink(x, q[0]),
                          x -> Oracle.shrinkDerivative(x, q[0]),
                          -q[0],
                          q[0])
                      .rising()
                      .special("NaN Inf -Inf 0 0", "0 1 1", "0=0 .5=0 -.5=0"),
              values(0.5),
              values(0.1)),
          // PyTorch has no defaults for it.
          new Family(
              "threshold",
              List.of("threshold", "value"),
              (p, q) ->
                  linear(
                          Activation.threshold(p[0], p[1]),
                          x -> Oracle.threshold(x, q[0], q[1]),
                          x -> Oracle.thresholdDerivative(x, q[0]),
                          q[0])
                      .special("NaN Inf 20 20 20", "1 1 0", ".1=0 0=0"),
              values(0.1, 20)));

  private OpTable() {}

  /// The rows of all functions, with every value of their parameters that is tested.
  static List<Row> rows() {
    List<Row> rows = new ArrayList<>(FIXED);
    FAMILIES.forEach(family -> rows.addAll(family.rows()));
    return rows;
  }

  private static Row leakyRelu(Activation activation, double slope) {
    return linear(
            activation,
            x -> Oracle.leakyRelu(x, slope),
            x -> Oracle.leakyReluDerivative(x, slope),
            0)
        .risingIf(slope >= 0);
  }

  /// Two units, and the roundings of z = beta x and of 1 / beta. Left of 0 softplus is nearly
  /// exp(z), of which the rounding of z changes up to abs(z) / 2 units.
  private static double softplusError(double z, boolean isExact) {
    return isExact ? 2 : 2.5 + Math.max(0, -z);
  }

  private static boolean isPowerOf2(double value) {
    return Math.abs(value) == Math.scalb(1.0, Math.getExponent(value));
  }

  private static double[] values(double... values) {
    return values;
  }
}
