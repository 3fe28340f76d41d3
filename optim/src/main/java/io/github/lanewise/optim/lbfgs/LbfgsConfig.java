package io.github.lanewise.optim.lbfgs;

import io.github.lanewise.core.Setting;
import java.util.Objects;

/// Hyper-parameters of [Lbfgs], named as in PyTorch; the defaults are PyTorch's.
///
/// @param lr learning rate: the first step length that is tried, and without a line search the only
///     one; at least 0
/// @param maxIter iterations of one step, at least 1
/// @param maxEval a step begins no iteration after so many evaluations of the loss; at least 1
/// @param toleranceGrad a step ends when no element of the gradient is larger; at least 0
/// @param toleranceChange a step ends when the loss or every parameter changes by less; at least 0
/// @param historySize pairs of a step and its change of the gradient that are kept, at least 1
/// @param lineSearchFn how the step length is found
public record LbfgsConfig(
    double lr,
    int maxIter,
    int maxEval,
    double toleranceGrad,
    double toleranceChange,
    int historySize,
    LineSearch lineSearchFn) {

  /// How the step length is found.
  public enum LineSearch {
    /// It is the learning rate: one evaluation for an iteration.
    NONE,
    /// A search for a point where the loss has fallen enough and its slope has become flat enough.
    STRONG_WOLFE
  }

  /// PyTorch's defaults.
  public static final LbfgsConfig DEFAULT =
      new LbfgsConfig(1, 20, 25, 1e-7, 1e-9, 100, LineSearch.NONE);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public LbfgsConfig {
    atLeastZero("lr", lr);
    requireAtLeastOne("maxIter", maxIter);
    requireAtLeastOne("maxEval", maxEval);
    atLeastZero("toleranceGrad", toleranceGrad);
    atLeastZero("toleranceChange", toleranceChange);
    requireAtLeastOne("historySize", historySize);
    Objects.requireNonNull(lineSearchFn, "lineSearchFn is null");
  }

  /// {@return these hyper-parameters with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public LbfgsConfig withLearningRate(double lr) {
    return new LbfgsConfig(
        lr, maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn);
  }

  /// {@return these hyper-parameters with another `maxIter`, and with PyTorch's default `maxEval`
  /// for it, 5/4 of it}
  ///
  /// @param maxIter iterations of one step, at least 1
  public LbfgsConfig withMaxIter(int maxIter) {
    int evaluations = (int) Math.min(Integer.MAX_VALUE, maxIter * 5L / 4);
    return new LbfgsConfig(
        lr, maxIter, evaluations, toleranceGrad, toleranceChange, historySize, lineSearchFn);
  }

  /// {@return these hyper-parameters with another `maxEval`}
  ///
  /// @param maxEval evaluations of the loss after which a step begins no iteration, at least 1
  public LbfgsConfig withMaxEval(int maxEval) {
    return new LbfgsConfig(
        lr, maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn);
  }

  /// {@return these hyper-parameters with other tolerances}
  ///
  /// @param toleranceGrad of the gradient, at least 0
  /// @param toleranceChange of the change of the loss and of the parameters, at least 0
  public LbfgsConfig withTolerances(double toleranceGrad, double toleranceChange) {
    return new LbfgsConfig(
        lr, maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn);
  }

  /// {@return these hyper-parameters with another `historySize`}
  ///
  /// @param historySize pairs that are kept, at least 1
  public LbfgsConfig withHistorySize(int historySize) {
    return new LbfgsConfig(
        lr, maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn);
  }

  /// {@return these hyper-parameters with another line search}
  ///
  /// @param lineSearchFn how the step length is found
  public LbfgsConfig withLineSearch(LineSearch lineSearchFn) {
    return new LbfgsConfig(
        lr, maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn);
  }

  /// Returns a setting, or refuses it.
  static double atLeastZero(String name, double value) {
    return Setting.atLeastZero(name, value).value();
  }

  private static void requireAtLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least 1");
    }
  }
}
