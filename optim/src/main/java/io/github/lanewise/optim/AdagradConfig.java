package io.github.lanewise.optim;

/// Hyper-parameters of [Adagrad], named as in PyTorch; the defaults are PyTorch's.
///
/// @param lr learning rate, at least 0
/// @param lrDecay step t divides the learning rate by 1 + (t - 1) lrDecay; at least 0
/// @param weightDecay L2 penalty: this times p is added to g; at least 0
/// @param initialAccumulatorValue where the sum of squares starts, at least 0
/// @param eps added to the square root, at least 0
/// @param maximize whether the loss is to grow: each step then goes along g instead of against it
public record AdagradConfig(
    double lr,
    double lrDecay,
    double weightDecay,
    double initialAccumulatorValue,
    double eps,
    boolean maximize) {
  /// PyTorch's defaults.
  public static final AdagradConfig DEFAULT = new AdagradConfig(1e-2, 0, 0, 0, 1e-10, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public AdagradConfig {
    Require.atLeastZero("lr", lr);
    Require.atLeastZero("lrDecay", lrDecay);
    Require.atLeastZero("weightDecay", weightDecay);
    Require.atLeastZero("initialAccumulatorValue", initialAccumulatorValue);
    Require.atLeastZero("eps", eps);
  }

  /// {@return these hyper-parameters with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public AdagradConfig withLearningRate(double lr) {
    return new AdagradConfig(lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize);
  }

  /// {@return these hyper-parameters with another `lrDecay`}
  ///
  /// @param lrDecay step t divides the learning rate by 1 + (t - 1) lrDecay; at least 0
  public AdagradConfig withLrDecay(double lrDecay) {
    return new AdagradConfig(lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize);
  }

  /// {@return these hyper-parameters with another `weightDecay`}
  ///
  /// @param weightDecay L2 penalty, at least 0
  public AdagradConfig withWeightDecay(double weightDecay) {
    return new AdagradConfig(lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize);
  }

  /// {@return these hyper-parameters with another `initialAccumulatorValue`}
  ///
  /// @param initialAccumulatorValue where the sum of squares starts, at least 0
  public AdagradConfig withInitialAccumulatorValue(double initialAccumulatorValue) {
    return new AdagradConfig(lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize);
  }

  /// {@return these hyper-parameters with another `eps`}
  ///
  /// @param eps added to the root, at least 0
  public AdagradConfig withEps(double eps) {
    return new AdagradConfig(lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize);
  }

  /// {@return these hyper-parameters with another `maximize`}
  ///
  /// @param maximize whether to climb: step along g instead of against it
  public AdagradConfig withMaximize(boolean maximize) {
    return new AdagradConfig(lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize);
  }
}
