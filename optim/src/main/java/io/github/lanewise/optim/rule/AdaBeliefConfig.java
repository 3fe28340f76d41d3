package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.util.List;

/// Settings of AdaBelief: m as Adam's, and in place of the mean of squares v = beta2 v +
/// (1 - beta2) (g - m)^2 + eps, how far gradients lie from their mean. p -= lr mHat /
/// (sqrt(vHat) + eps), so steps are long where gradients are as expected.
///
/// Source: Zhuang et al. (2020), AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed
/// Gradients, Algorithm 2, and the authors' defaults, without their rectifier. The gradient is
/// compared with the new m, as there; Optax compares it with the m of the step before.
///
/// State: `exp_avg` (m) and `exp_avg_var` (v).
///
/// @param lr learning rate, at least 0
/// @param beta1 decay rate of the mean of gradients, at least 0 and below 1
/// @param beta2 decay rate of the mean of squared distances, at least 0 and below 1
/// @param eps added to v in each step, and to the divisor; at least 0
/// @param weightDecay decoupled decay, p loses lr times this part of itself; at least 0
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record AdaBeliefConfig(
    double lr, double beta1, double beta2, double eps, double weightDecay, boolean maximize)
    implements UpdateRule {
  /// The authors' defaults.
  public static final AdaBeliefConfig DEFAULT =
      new AdaBeliefConfig(1e-3, 0.9, 0.999, 1e-16, 0, false);

  private static final List<State> STATES =
      List.of(State.of("exp_avg"), State.nonNegative("exp_avg_var"));

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public AdaBeliefConfig {
    list(lr, beta1, beta2, eps, weightDecay, maximize);
  }

  private static List<Setting> list(
      double lr, double beta1, double beta2, double eps, double weightDecay, boolean maximize) {
    return List.of(
        Setting.atLeastZero("lr", lr),
        new Setting("beta1", beta1, Setting.Kind.BELOW_ONE),
        new Setting("beta2", beta2, Setting.Kind.BELOW_ONE),
        Setting.atLeastZero("eps", eps),
        Setting.atLeastZero("weightDecay", weightDecay),
        Setting.flag("maximize", maximize),
        Setting.flag("decoupledWeightDecay", true));
  }

  @Override
  public String name() {
    return "adabelief";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, beta1, beta2, eps, weightDecay, maximize);
  }

  @Override
  public List<State> states() {
    return STATES;
  }

  @Override
  public UpdateLoop loop() {
    return Updates.ADABELIEF;
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    double beta1 = settings.get("beta1");
    double beta2 = settings.get("beta2");
    c[0] = (float) beta1;
    c[1] = (float) (1 - beta1);
    c[2] = (float) beta2;
    c[3] = (float) (1 - beta2);
    c[4] = (float) StrictMath.sqrt(1 - settings.power("beta2", t));
    c[5] = (float) settings.get("eps");
    c[6] = (float) (-settings.get("lr") / (1 - settings.power("beta1", t)));
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public AdaBeliefConfig withLearningRate(double lr) {
    return new AdaBeliefConfig(lr, beta1, beta2, eps, weightDecay, maximize);
  }

  /// {@return these settings with other decay rates}
  ///
  /// @param beta1 decay rate of the mean of gradients, at least 0 and below 1
  /// @param beta2 decay rate of the mean of squared distances, at least 0 and below 1
  public AdaBeliefConfig withBetas(double beta1, double beta2) {
    return new AdaBeliefConfig(lr, beta1, beta2, eps, weightDecay, maximize);
  }

  /// {@return these settings with another `eps`}
  ///
  /// @param eps added to v in each step, and to the divisor; at least 0
  public AdaBeliefConfig withEps(double eps) {
    return new AdaBeliefConfig(lr, beta1, beta2, eps, weightDecay, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay decoupled decay, p loses lr times this part of itself; at least 0
  public AdaBeliefConfig withWeightDecay(double weightDecay) {
    return new AdaBeliefConfig(lr, beta1, beta2, eps, weightDecay, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public AdaBeliefConfig withMaximize(boolean maximize) {
    return new AdaBeliefConfig(lr, beta1, beta2, eps, weightDecay, maximize);
  }
}
