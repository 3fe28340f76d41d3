package io.github.lanewise.bench.accuracy;

import io.github.lanewise.core.Activation;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/// An activation and what is true of it: a row of [Ops].
///
/// @param activation whose name is PyTorch's
/// @param forward the exact function
/// @param derivative the exact derivative, at kinks PyTorch's
/// @param derivativeOfOutput the derivative from the output, or null if backward reads the input
/// @param tolerance of forward
/// @param slopeTolerance of backward with a gradient of 1
/// @param oracleError the largest relative error of the exact function as it is computed here; 0
///     where it is on the right side of every middle of two floats
/// @param kinks inputs at which the function or its derivative changes its formula
/// @param reach the function is hashed over [-reach, reach]
/// @param monotone whether forward never falls
/// @param odd whether forward(-x) is -forward(x)
/// @param special what it does at NaN, the infinities and its kinks; null if parameters other than
///     PyTorch's defaults make this obvious
public record Op(
    Activation activation,
    DoubleUnaryOperator forward,
    DoubleUnaryOperator derivative,
    DoubleUnaryOperator derivativeOfOutput,
    Tolerance tolerance,
    Tolerance slopeTolerance,
    DoubleUnaryOperator oracleError,
    List<Double> kinks,
    double reach,
    boolean monotone,
    boolean odd,
    SpecialValues special) {

  /// PyTorch's name of the function, with parameters that differ from PyTorch's defaults.
  public String name() {
    return activation.toString();
  }

  /// The inputs at which the function is tried first.
  public float[] sample() {
    return Inputs.stratified(kinks.stream().mapToDouble(Double::doubleValue).toArray());
  }

  @Override
  public String toString() {
    return name();
  }
}
