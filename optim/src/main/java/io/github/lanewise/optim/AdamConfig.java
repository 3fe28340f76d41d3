package io.github.lanewise.optim;

/// Hyper-parameters of [Adam], named as in PyTorch; the defaults are PyTorch's.
///
/// @param lr learning rate, at least 0
/// @param beta1 decay rate of the first moment, in [0, 1)
/// @param beta2 decay rate of the second moment, in [0, 1)
/// @param eps added to the square root of the second moment, at least 0
/// @param weightDecay L2 penalty: this times p is added to g; at least 0
/// @param amsgrad whether to divide by the largest second moment so far
/// @param maximize whether the loss is to grow: each step then goes along g instead of against it
public record AdamConfig(
    double lr,
    double beta1,
    double beta2,
    double eps,
    double weightDecay,
    boolean amsgrad,
    boolean maximize) {
  /// PyTorch's defaults.
  public static final AdamConfig DEFAULT = new AdamConfig(1e-3, 0.9, 0.999, 1e-8, 0, false, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public AdamConfig {
    Require.atLeastZero("lr", lr);
    Require.belowOne("beta1", beta1);
    Require.belowOne("beta2", beta2);
    Require.atLeastZero("eps", eps);
    Require.atLeastZero("weightDecay", weightDecay);
  }

  /// {@return these hyper-parameters with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public AdamConfig withLearningRate(double lr) {
    return new AdamConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /// {@return these hyper-parameters with other decay rates}
  ///
  /// @param beta1 decay rate of the first moment, in [0, 1)
  /// @param beta2 decay rate of the second moment, in [0, 1)
  public AdamConfig withBetas(double beta1, double beta2) {
    return new AdamConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /// {@return these hyper-parameters with another `eps`}
  ///
  /// @param eps added to the root of the second moment, at least 0
  public AdamConfig withEps(double eps) {
    return new AdamConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /// {@return these hyper-parameters with another `weightDecay`}
  ///
  /// @param weightDecay L2 penalty, at least 0
  public AdamConfig withWeightDecay(double weightDecay) {
    return new AdamConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /// {@return these hyper-parameters with another `amsgrad`}
  ///
  /// @param amsgrad whether to divide by the largest second moment so far
  public AdamConfig withAmsgrad(boolean amsgrad) {
    return new AdamConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /// {@return these hyper-parameters with another `maximize`}
  ///
  /// @param maximize whether to climb: step along g instead of against it
  public AdamConfig withMaximize(boolean maximize) {
    return new AdamConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }
}
