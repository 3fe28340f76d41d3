package io.github.lanewise.bench.accuracy;

import io.github.lanewise.core.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/// The table of activations: what each must compute, and how exactly.
///
/// A row waits for the activation of its name: one that joins [Activation#defaults] is under test
/// as soon as it is there. One without a row fails the build.
public final class Ops {
  /// A backward pass is a few roundings of factors up to max(1, abs(f')).
  private static final Tolerance SMOOTH =
      (x, exact) -> 0x1p-22 * Math.max(1, Math.abs(exact)) + 0x1p-149;

  private static final Tolerance ROUNDED = Tolerance.rounded();

  /// The derivative is a constant.
  private static final Tolerance EXACT = (x, exact) -> 0;

  /// Eight roundings; the worst oracle, the normal distribution's tail, needs six.
  private static final double ORACLE_ERROR = 0x1p-49;

  private static final float LEAKY_SLOPE = 0.01f;

  private static final List<Row> ROWS =
      List.of(
          linear("relu", Oracle::relu, Oracle::reluDerivative, 0)
              .ofOutput(Oracle::reluDerivative)
              .rising(),
          linear("relu6", Oracle::relu6, Oracle::relu6Derivative, 0, 6).rising(),
          leakyRelu("leaky_relu", LEAKY_SLOPE).rising(),
          leakyRelu("prelu", 0.25f).rising(),
          leakyRelu("rrelu", (float) ((1.0 / 8 + 1.0 / 3) / 2)).rising(),
          smooth("elu", x -> Oracle.elu(x, 1), x -> Oracle.eluDerivative(x, 1), ulp(2), 120, 0)
              .rising(),
          smooth("celu", x -> Oracle.celu(x, 1), x -> Oracle.celuDerivative(x, 1), ulp(2), 120, 0)
              .rising(),
          smooth("selu", Oracle::selu, Oracle::seluDerivative, ulp(2), 120, 0).rising(),
          smooth("gelu", Oracle::gelu, Oracle::geluDerivative, Ops::gelu, 20, 0, -1, -13.15, -14.36)
              .oracleError(aboveHalf(ORACLE_ERROR)),
          smooth(
                  "gelu_tanh",
                  Oracle::geluTanh,
                  Oracle::geluTanhDerivative,
                  // One ulp, and the rounding of an argument of this size.
                  (x, exact) -> (1 + 2 * Math.abs(Oracle.geluTanhArgument(x))) * Ulps.unit(exact),
                  16,
                  0,
                  -10.77)
              // Four roundings of an argument of up to 104.
              .oracleError(aboveHalf(0x1p-44)),
          smooth("silu", Oracle::silu, Oracle::siluDerivative, ulp(1.5), 120, 0, -104, -108.66)
              .oracleError(aboveHalf(ORACLE_ERROR)),
          smooth("mish", Oracle::mish, Oracle::mishDerivative, ulp(2), 120, 0, 20, -104, -108.66),
          smooth(
                  "softplus",
                  x -> Oracle.softplus(x, 1, 20),
                  x -> Oracle.softplusDerivative(x, 1, 20),
                  ulp(2),
                  120,
                  20)
              .rising(),
          smooth("sigmoid", Oracle::sigmoid, Oracle::sigmoidDerivative, ulp(1), 120, 17.33, -104)
              .ofOutput(Oracle::sigmoidDerivativeOfOutput)
              .rising(),
          smooth("tanh", Oracle::tanh, Oracle::tanhDerivative, ulp(1), 88, 0, 9.010914, 1)
              .ofOutput(Oracle::tanhDerivativeOfOutput)
              .rising()
              .odd(),
          smooth(
                  "logsigmoid",
                  Oracle::logsigmoid,
                  Oracle::logsigmoidDerivative,
                  ulp(2),
                  120,
                  0,
                  17.33,
                  104)
              .rising(),
          smooth("softsign", Oracle::softsign, Oracle::softsignDerivative, ulp(1.5), 1000, 0)
              .rising()
              .odd(),
          smooth(
                  "tanhshrink",
                  Oracle::tanhshrink,
                  Oracle::tanhshrinkDerivative,
                  // The difference of x and a rounded tanh.
                  (x, exact) -> Ulps.unit(x),
                  100,
                  0)
              .oracleError(x -> Math.abs(x) > Oracle.SATURATED ? 0 : ORACLE_ERROR)
              .rising()
              .odd(),
          linear(
              "hardtanh",
              x -> Oracle.hardtanh(x, -1, 1),
              x -> Oracle.hardtanhDerivative(x, -1, 1),
              -1,
              1),
          smooth(
                  "hardsigmoid",
                  Oracle::hardsigmoid,
                  Oracle::hardsigmoidDerivative,
                  ulp(1),
                  10,
                  -3,
                  3)
              // One rounding, which leaves the quotient on its side of every midpoint.
              .oracleError(x -> 0)
              .rising(),
          smooth(
                  "hardswish",
                  Oracle::hardswish,
                  Oracle::hardswishDerivative,
                  ulp(1.5),
                  10,
                  -3,
                  0,
                  3)
              .oracleError(aboveHalf(ORACLE_ERROR)),
          linear(
              "hardshrink",
              x -> Oracle.hardshrink(x, 0.5),
              x -> Oracle.shrinkDerivative(x, 0.5),
              -0.5,
              0.5),
          linear(
              "softshrink",
              x -> Oracle.softshrink(x, 0.5),
              x -> Oracle.shrinkDerivative(x, 0.5),
              -0.5,
              0.5),
          smooth("exp", Oracle::exp, Oracle::exp, ulp(1), 1000, 88.72284, -87.33655, -103.97208)
              .ofOutput(y -> y)
              .rising(),
          smooth(
                  "expm1",
                  Oracle::expm1,
                  Oracle::expm1Derivative,
                  ulp(1),
                  120,
                  0,
                  88.72284,
                  -17.3287)
              .ofOutput(y -> y + 1)
              .rising(),
          smooth("log", Oracle::log, Oracle::logDerivative, ulp(1), 1000, 0, 1).rising(),
          smooth("log1p", Oracle::log1p, Oracle::log1pDerivative, ulp(1), 1000, 0, -1).rising(),
          smooth("erf", Oracle::erf, Oracle::erfDerivative, ulp(1), 8, 0, 1, 3.92).rising().odd(),
          linear(
              "threshold",
              x -> Oracle.threshold(x, 0.1f, 20),
              x -> Oracle.thresholdDerivative(x, 0.1f),
              0.1));

  /// Parameters other than PyTorch's defaults.
  private static final List<Op> VARIANTS =
      List.of(
          leakyRelu("", 0.2f).with(Activation.leakyRelu(0.2)),
          leakyRelu("", -1.5f).with(Activation.leakyRelu(-1.5)),
          smooth(
                  "",
                  x -> Oracle.elu(x, 0.3f),
                  x -> Oracle.eluDerivative(x, 0.3f),
                  // The factor is rounded beside the function.
                  ulp(2.5),
                  120,
                  0)
              .with(Activation.elu(0.3)),
          smooth("", x -> Oracle.celu(x, 2), x -> Oracle.celuDerivative(x, 2), ulp(2), 240, 0)
              .with(Activation.celu(2)),
          smooth(
                  "",
                  x -> Oracle.softplus(x, 2, 10),
                  x -> Oracle.softplusDerivative(x, 2, 10),
                  ulp(2),
                  60,
                  5)
              .with(Activation.softplus(2, 10)),
          linear(
                  "",
                  x -> Oracle.hardtanh(x, -0.5, 3),
                  x -> Oracle.hardtanhDerivative(x, -0.5, 3),
                  -0.5,
                  3)
              .with(Activation.hardtanh(-0.5, 3)),
          linear(
                  "",
                  x -> Oracle.hardshrink(x, 0.1f),
                  x -> Oracle.shrinkDerivative(x, 0.1f),
                  -0.1,
                  0.1)
              .with(Activation.hardshrink(0.1)),
          linear(
                  "",
                  x -> Oracle.softshrink(x, 0.1f),
                  x -> Oracle.shrinkDerivative(x, 0.1f),
                  -0.1,
                  0.1)
              .with(Activation.softshrink(0.1)),
          linear(
                  "",
                  x -> Oracle.threshold(x, 0.1f, 20),
                  x -> Oracle.thresholdDerivative(x, 0.1f),
                  0.1)
              .with(Activation.threshold(0.1, 20)));

  private Ops() {}

  /// The default activations, then others with other parameters.
  public static List<Op> all() {
    List<Op> ops = new ArrayList<>(defaults());
    ops.addAll(VARIANTS);
    return ops;
  }

  /// The default activations that have a row.
  public static List<Op> defaults() {
    List<Op> ops = new ArrayList<>();
    for (Activation activation : Activation.defaults()) {
      for (Row row : ROWS) {
        if (row.name.equals(activation.toString())) {
          ops.add(row.with(activation));
        }
      }
    }
    return ops;
  }

  /// The default activations that have no row.
  public static List<Activation> missing() {
    List<Activation> missing = new ArrayList<>(Activation.defaults());
    for (Op op : defaults()) {
      missing.remove(op.activation());
    }
    return missing;
  }

  /// The names of the rows, also of those whose activation is still to come.
  public static List<String> names() {
    return ROWS.stream().map(Row::name).toList();
  }

  /// The exact function of a row, whether its activation is there or not.
  public static DoubleUnaryOperator forward(String name) {
    return row(name).forward;
  }

  /// The exact derivative of a row.
  public static DoubleUnaryOperator derivative(String name) {
    return row(name).derivative;
  }

  /// The kinks of a row.
  public static List<Double> kinks(String name) {
    return row(name).kinks;
  }

  private static Row row(String name) {
    for (Row row : ROWS) {
      if (row.name.equals(name)) {
        return row;
      }
    }
    throw new IllegalArgumentException("no row '" + name + "': there are " + names());
  }

  private static Tolerance ulp(double units) {
    return Tolerance.ulp(units);
  }

  /// GELU: the tail left of -1 is a product of ever smaller factors.
  private static double gelu(double x, double exact) {
    return x >= -1 ? 2 * Ulps.unit(exact) : Math.max(1e-6 * Math.abs(exact), 0x1p-149);
  }

  /// The oracle returns [Oracle#aboveHalf] for tiny inputs, and errs by `error` elsewhere.
  private static DoubleUnaryOperator aboveHalf(double error) {
    return x -> Math.abs(x) < Oracle.TINY ? 0 : error;
  }

  private static Row leakyRelu(String name, float slope) {
    return linear(
        name, x -> Oracle.leakyRelu(x, slope), x -> Oracle.leakyReluDerivative(x, slope), 0);
  }

  private static Row linear(
      String name, DoubleUnaryOperator forward, DoubleUnaryOperator derivative, double... kinks) {
    return new Row(
        name, forward, derivative, null, ROUNDED, EXACT, x -> 0, list(kinks), 100, false, false);
  }

  private static Row smooth(
      String name,
      DoubleUnaryOperator forward,
      DoubleUnaryOperator derivative,
      Tolerance tolerance,
      double reach,
      double... kinks) {
    return new Row(
        name,
        forward,
        derivative,
        null,
        tolerance,
        SMOOTH,
        x -> ORACLE_ERROR,
        list(kinks),
        reach,
        false,
        false);
  }

  private static List<Double> list(double... values) {
    List<Double> list = new ArrayList<>();
    for (double value : values) {
      list.add(value);
    }
    return List.copyOf(list);
  }

  /// An [Op] before it has its activation.
  private record Row(
      String name,
      DoubleUnaryOperator forward,
      DoubleUnaryOperator derivative,
      DoubleUnaryOperator derivativeOfOutput,
      Tolerance tolerance,
      Tolerance slopeTolerance,
      DoubleUnaryOperator oracleError,
      List<Double> kinks,
      double reach,
      boolean monotone,
      boolean isOdd) {

    Row ofOutput(DoubleUnaryOperator ofOutput) {
      return new Row(
          name,
          forward,
          derivative,
          ofOutput,
          tolerance,
          slopeTolerance,
          oracleError,
          kinks,
          reach,
          monotone,
          isOdd);
    }

    Row rising() {
      return new Row(
          name,
          forward,
          derivative,
          derivativeOfOutput,
          tolerance,
          slopeTolerance,
          oracleError,
          kinks,
          reach,
          true,
          isOdd);
    }

    Row oracleError(DoubleUnaryOperator error) {
      return new Row(
          name,
          forward,
          derivative,
          derivativeOfOutput,
          tolerance,
          slopeTolerance,
          error,
          kinks,
          reach,
          monotone,
          isOdd);
    }

    Row odd() {
      return new Row(
          name,
          forward,
          derivative,
          derivativeOfOutput,
          tolerance,
          slopeTolerance,
          oracleError,
          kinks,
          reach,
          monotone,
          true);
    }

    Op with(Activation activation) {
      return new Op(
          activation,
          forward,
          derivative,
          derivativeOfOutput,
          tolerance,
          slopeTolerance,
          oracleError,
          kinks,
          reach,
          monotone,
          isOdd);
    }
  }
}
