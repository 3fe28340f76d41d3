package io.github.lanewise.optim;

/// Hyper-parameters of [Adadelta], named as in PyTorch; the defaults are PyTorch's.
///
/// @param lr learning rate, at least 0
/// @param rho decay rate of the running means, in [0, 1]
/// @param eps added under both square roots, at least 0
/// @param weightDecay L2 penalty: this times p is added to g; at least 0
/// @param maximize whether the loss is to grow: each step then goes along g instead of against it
public record AdadeltaConfig(
    double lr, double rho, double eps, double weightDecay, boolean maximize) {
  /// PyTorch's defaults.
  public static final AdadeltaConfig DEFAULT = new AdadeltaConfig(1.0, 0.9, 1e-6, 0, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public AdadeltaConfig {
    Require.atLeastZero("lr", lr);
    Require.fraction("rho", rho);
    Require.atLeastZero("eps", eps);
    Require.atLeastZero("weightDecay", weightDecay);
  }

  /// {@return these hyper-parameters with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public AdadeltaConfig withLearningRate(double lr) {
    return new AdadeltaConfig(lr, rho, eps, weightDecay, maximize);
  }

  /// {@return these hyper-parameters with another `rho`}
  ///
  /// @param rho decay rate of the running means, in [0, 1]
  public AdadeltaConfig withRho(double rho) {
    return new AdadeltaConfig(lr, rho, eps, weightDecay, maximize);
  }

  /// {@return these hyper-parameters with another `eps`}
  ///
  /// @param eps added inside both roots, at least 0
  public AdadeltaConfig withEps(double eps) {
    return new AdadeltaConfig(lr, rho, eps, weightDecay, maximize);
  }

  /// {@return these hyper-parameters with another `weightDecay`}
  ///
  /// @param weightDecay L2 penalty, at least 0
  public AdadeltaConfig withWeightDecay(double weightDecay) {
    return new AdadeltaConfig(lr, rho, eps, weightDecay, maximize);
  }

  /// {@return these hyper-parameters with another `maximize`}
  ///
  /// @param maximize whether to climb: step along g instead of against it
  public AdadeltaConfig withMaximize(boolean maximize) {
    return new AdadeltaConfig(lr, rho, eps, weightDecay, maximize);
  }
}
