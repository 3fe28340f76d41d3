package io.github.lanewise.optim;

/// Hyper-parameters of [RmsProp], named as in PyTorch; the defaults are PyTorch's.
///
/// @param lr learning rate, at least 0
/// @param alpha decay rate of the running means, in [0, 1]
/// @param eps added to the root, at least 0
/// @param weightDecay L2 penalty, at least 0
/// @param momentum decay rate of the buffer, at least 0; 0 for no buffer
/// @param centered whether to divide by the deviation from the mean gradient
/// @param maximize whether to climb: step along g instead of against it
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

  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public RmsPropConfig {
    Require.atLeastZero("lr", lr);
    Require.fraction("alpha", alpha);
    Require.atLeastZero("eps", eps);
    Require.atLeastZero("weightDecay", weightDecay);
    Require.atLeastZero("momentum", momentum);
  }

  /// The same with another `lr`.
  public RmsPropConfig withLearningRate(double lr) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// The same with another `alpha`.
  public RmsPropConfig withAlpha(double alpha) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// The same with another `eps`.
  public RmsPropConfig withEps(double eps) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// The same with another `weightDecay`.
  public RmsPropConfig withWeightDecay(double weightDecay) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// The same with another `momentum`.
  public RmsPropConfig withMomentum(double momentum) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// The same with another `centered`.
  public RmsPropConfig withCentered(boolean centered) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// The same with another `maximize`.
  public RmsPropConfig withMaximize(boolean maximize) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }
}
