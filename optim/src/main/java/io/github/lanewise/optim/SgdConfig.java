package io.github.lanewise.optim;

/// Hyper-parameters of [Sgd], named as in PyTorch; the defaults are PyTorch's.
///
/// @param lr learning rate, at least 0
/// @param momentum what the buffer is multiplied by in each step, at least 0; 0 for no buffer
/// @param dampening the gradient times 1 - dampening is added to the buffer; at least 0
/// @param weightDecay L2 penalty: this times p is added to g; at least 0
/// @param nesterov whether to take Nesterov's variant; needs momentum above 0 and dampening 0
/// @param maximize whether the loss is to grow: each step then goes along g instead of against it
public record SgdConfig(
    double lr,
    double momentum,
    double dampening,
    double weightDecay,
    boolean nesterov,
    boolean maximize) {
  /// PyTorch's defaults.
  public static final SgdConfig DEFAULT = new SgdConfig(1e-3, 0, 0, 0, false, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public SgdConfig {
    Require.atLeastZero("lr", lr);
    Require.atLeastZero("momentum", momentum);
    Require.atLeastZero("dampening", dampening);
    Require.atLeastZero("weightDecay", weightDecay);
    if (nesterov && (momentum == 0 || dampening != 0)) {
      throw new IllegalArgumentException(
          "nesterov needs momentum above 0 and dampening 0, but momentum is "
              + momentum
              + " and dampening is "
              + dampening);
    }
  }

  /// {@return these hyper-parameters with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public SgdConfig withLearningRate(double lr) {
    return new SgdConfig(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }

  /// {@return these hyper-parameters with another `momentum`}
  ///
  /// @param momentum decay rate of the buffer, at least 0; 0 for no buffer
  public SgdConfig withMomentum(double momentum) {
    return new SgdConfig(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }

  /// {@return these hyper-parameters with another `dampening`}
  ///
  /// @param dampening the gradient enters the buffer times 1 - dampening; at least 0
  public SgdConfig withDampening(double dampening) {
    return new SgdConfig(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }

  /// {@return these hyper-parameters with another `weightDecay`}
  ///
  /// @param weightDecay L2 penalty, at least 0
  public SgdConfig withWeightDecay(double weightDecay) {
    return new SgdConfig(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }

  /// {@return these hyper-parameters with another `nesterov`}
  ///
  /// @param nesterov whether to look ahead; needs momentum above 0 and dampening 0
  public SgdConfig withNesterov(boolean nesterov) {
    return new SgdConfig(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }

  /// {@return these hyper-parameters with another `maximize`}
  ///
  /// @param maximize whether to climb: step along g instead of against it
  public SgdConfig withMaximize(boolean maximize) {
    return new SgdConfig(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }
}
