package io.github.lanewise.optim;

/// Hyper-parameters of [RmsProp], named as in PyTorch; the defaults are PyTorch's.
///
/// @param lr learning rate, at least 0
/// @param alpha decay rate of the running means, in [0, 1]
/// @param eps added to the square root, at least 0
/// @param weightDecay L2 penalty: this times p is added to g; at least 0
/// @param momentum what the buffer is multiplied by in each step, at least 0; 0 for no buffer
/// @param centered whether the square root is of g's running variance instead of its mean square
/// @param maximize whether the loss is to grow: each step then goes along g instead of against it
public record RmsPropConfig(
    double lr,
    double alpha,
    double eps,
    double weightDecay,
    double momentum,
    boolean centered,
    boolean maximize) {
  /// PyTorch's defaults.
  public static final RmsPropConfig DEFAULT =
      new RmsPropConfig(1e-2, 0.99, 1e-8, 0, 0, false, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public RmsPropConfig {
    Require.atLeastZero("lr", lr);
    Require.fraction("alpha", alpha);
    Require.atLeastZero("eps", eps);
    Require.atLeastZero("weightDecay", weightDecay);
    Require.atLeastZero("momentum", momentum);
  }

  /// {@return these hyper-parameters with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public RmsPropConfig withLearningRate(double lr) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// {@return these hyper-parameters with another `alpha`}
  ///
  /// @param alpha decay rate of the running means, in [0, 1]
  public RmsPropConfig withAlpha(double alpha) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// {@return these hyper-parameters with another `eps`}
  ///
  /// @param eps added to the root, at least 0
  public RmsPropConfig withEps(double eps) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// {@return these hyper-parameters with another `weightDecay`}
  ///
  /// @param weightDecay L2 penalty, at least 0
  public RmsPropConfig withWeightDecay(double weightDecay) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// {@return these hyper-parameters with another `momentum`}
  ///
  /// @param momentum decay rate of the buffer, at least 0; 0 for no buffer
  public RmsPropConfig withMomentum(double momentum) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// {@return these hyper-parameters with another `centered`}
  ///
  /// @param centered whether to divide by the deviation from the mean gradient
  public RmsPropConfig withCentered(boolean centered) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// {@return these hyper-parameters with another `maximize`}
  ///
  /// @param maximize whether to climb: step along g instead of against it
  public RmsPropConfig withMaximize(boolean maximize) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }
}
