package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.util.List;

/// Settings of SGD, stochastic gradient descent: p -= lr g. With momentum, b = momentum b + (1 -
/// dampening) g and p -= lr b; Nesterov's variant is p -= lr (g + momentum b). The first step sets
/// b = g. Names and defaults are PyTorch's.
///
/// Source: Sutskever et al. (2013), On the Importance of Initialization and Momentum in Deep
/// Learning. Unlike there, lr scales b and not the gradient that enters b, as in PyTorch.
///
/// State: `momentum_buffer` (b) with momentum. As in PyTorch, the dictionary has no such entry
/// before the first step, and never a number of steps.
///
/// @param lr learning rate, at least 0
/// @param momentum what the buffer is multiplied by in each step, at least 0; 0 for no buffer
/// @param dampening the gradient times 1 - dampening is added to the buffer; at least 0
/// @param weightDecay L2 penalty, this times p is added to g; at least 0
/// @param nesterov whether to take Nesterov's variant; needs momentum above 0 and dampening 0
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record SgdConfig(
    double lr,
    double momentum,
    double dampening,
    double weightDecay,
    boolean nesterov,
    boolean maximize)
    implements UpdateRule {
  /// PyTorch's defaults.
  public static final SgdConfig DEFAULT = new SgdConfig(1e-3, 0, 0, 0, false, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public SgdConfig {
    list(lr, momentum, dampening, weightDecay, nesterov, maximize);
    requireNesterov(nesterov, momentum, dampening);
  }

  private static List<Setting> list(
      double lr,
      double momentum,
      double dampening,
      double weightDecay,
      boolean nesterov,
      boolean maximize) {
    return List.of(
        Setting.atLeastZero("lr", lr),
        Setting.atLeastZero("momentum", momentum),
        Setting.atLeastZero("dampening", dampening),
        Setting.atLeastZero("weightDecay", weightDecay),
        Setting.fixedFlag("nesterov", nesterov),
        Setting.flag("maximize", maximize));
  }

  @Override
  public String name() {
    return "sgd";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }

  @Override
  public List<State> states() {
    // At -0 the first step sets the buffer to g, whatever the sign of a zero in g.
    return momentum > 0 ? List.of(new State("momentum_buffer", -0f, false)) : List.of();
  }

  @Override
  public UpdateLoop loop() {
    if (momentum == 0) {
      return Updates.SGD;
    }
    return nesterov ? Updates.NESTEROV : Updates.SGD_MOMENTUM;
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    c[0] = (float) -settings.get("lr");
    c[1] = (float) settings.get("momentum");
    c[2] = t == 1 ? 1f : (float) (1 - settings.get("dampening"));
  }

  @Override
  public boolean countsSteps() {
    return false;
  }

  @Override
  public void check(UpdateSettings settings) {
    requireNesterov(nesterov, settings.get("momentum"), settings.get("dampening"));
    Buffers.requireMomentum(momentum, settings);
  }

  private static void requireNesterov(boolean nesterov, double momentum, double dampening) {
    if (nesterov && (momentum == 0 || dampening != 0)) {
      throw new IllegalArgumentException(
          "nesterov needs momentum above 0 and dampening 0, but momentum is "
              + momentum
              + " and dampening is "
              + dampening);
    }
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public SgdConfig withLearningRate(double lr) {
    return new SgdConfig(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }

  /// {@return these settings with another `momentum`}
  ///
  /// @param momentum what the buffer is multiplied by in each step, at least 0; 0 for no buffer
  public SgdConfig withMomentum(double momentum) {
    return new SgdConfig(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }

  /// {@return these settings with another `dampening`}
  ///
  /// @param dampening the gradient times 1 - dampening is added to the buffer; at least 0
  public SgdConfig withDampening(double dampening) {
    return new SgdConfig(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay L2 penalty, this times p is added to g; at least 0
  public SgdConfig withWeightDecay(double weightDecay) {
    return new SgdConfig(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }

  /// {@return these settings with another `nesterov`}
  ///
  /// @param nesterov whether to take Nesterov's variant; needs momentum above 0 and dampening 0
  public SgdConfig withNesterov(boolean nesterov) {
    return new SgdConfig(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public SgdConfig withMaximize(boolean maximize) {
    return new SgdConfig(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }
}
