package io.github.lanewise.bench.accuracy;

import io.github.lanewise.core.Activation;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/// An [Op] in the making: a row of [Ops], which names what differs from the usual.
final class Row {
  /// A backward pass is a few roundings of factors up to max(1, abs(f')).
  private static final Tolerance SMOOTH_SLOPE =
      (x, exact) -> 0x1p-22 * Math.max(1, Math.abs(exact)) + 0x1p-149;

  /// The derivative is a constant.
  private static final Tolerance EXACT = (x, exact) -> 0;

  /// Eight roundings; the worst oracle, the normal distribution's tail, needs six.
  private static final double ORACLE_ERROR = 0x1p-49;

  private final Activation activation;
  private final DoubleUnaryOperator forward;
  private final DoubleUnaryOperator derivative;
  private final Tolerance tolerance;
  private final Tolerance slopeTolerance;
  private final List<Double> kinks;
  private final double reach;
  private DoubleUnaryOperator oracleError;
  private DoubleUnaryOperator derivativeOfOutput;
  private boolean rising;
  private boolean odd;
  private SpecialValues special;

  private Row(
      Activation activation,
      DoubleUnaryOperator forward,
      DoubleUnaryOperator derivative,
      Tolerance tolerance,
      Tolerance slopeTolerance,
      double oracleError,
      double reach,
      double... kinks) {
    this.activation = activation;
    this.forward = forward;
    this.derivative = derivative;
    this.tolerance = tolerance;
    this.slopeTolerance = slopeTolerance;
    this.oracleError = x -> oracleError;
    this.reach = reach;
    this.kinks = Arrays.stream(kinks).boxed().toList();
  }

  /// A function of straight pieces: at most one rounding forward, a constant slope backward.
  static Row linear(
      Activation activation,
      DoubleUnaryOperator forward,
      DoubleUnaryOperator derivative,
      double... kinks) {
    return new Row(activation, forward, derivative, Tolerance.rounded(), EXACT, 0, 100, kinks);
  }

  /// A function of other pieces, within `ulp` units in the last place.
  static Row smooth(
      Activation activation,
      DoubleUnaryOperator forward,
      DoubleUnaryOperator derivative,
      double ulp,
      double reach,
      double... kinks) {
    return smooth(activation, forward, derivative, Tolerance.ulp(ulp), reach, kinks);
  }

  /// A function of other pieces with a tolerance of its own.
  static Row smooth(
      Activation activation,
      DoubleUnaryOperator forward,
      DoubleUnaryOperator derivative,
      Tolerance tolerance,
      double reach,
      double... kinks) {
    return new Row(
        activation, forward, derivative, tolerance, SMOOTH_SLOPE, ORACLE_ERROR, reach, kinks);
  }

  /// The derivative from the output, for an activation whose backward reads that.
  Row ofOutput(DoubleUnaryOperator ofOutput) {
    derivativeOfOutput = ofOutput;
    return this;
  }

  /// The function never falls.
  Row rising() {
    rising = true;
    return this;
  }

  /// The function never falls if `condition` holds.
  Row risingIf(boolean condition) {
    rising = condition;
    return this;
  }

  /// f(-x) is -f(x).
  Row odd() {
    odd = true;
    return this;
  }

  /// The oracle's relative error at x, where it is not eight roundings.
  Row oracleError(DoubleUnaryOperator error) {
    oracleError = error;
    return this;
  }

  /// The oracle returns [Oracle#aboveHalf] for tiny inputs, and has the usual error elsewhere.
  Row aboveHalf() {
    return aboveHalf(ORACLE_ERROR);
  }

  /// The oracle returns [Oracle#aboveHalf] for tiny inputs, and errs by `error` elsewhere.
  Row aboveHalf(double error) {
    return oracleError(x -> Math.abs(x) < Oracle.TINY ? 0 : error);
  }

  /// What [SpecialValues#parse] reads.
  Row special(String values, String slopes, String moreSlopes) {
    return special(SpecialValues.parse(values, slopes, moreSlopes));
  }

  Row special(SpecialValues values) {
    special = values;
    return this;
  }

  String name() {
    return activation.toString();
  }

  Op op() {
    return op(activation);
  }

  /// The same row for an equal activation.
  Op op(Activation same) {
    return new Op(
        same,
        forward,
        derivative,
        derivativeOfOutput,
        tolerance,
        slopeTolerance,
        oracleError,
        kinks,
        reach,
        rising,
        odd,
        special);
  }
}
