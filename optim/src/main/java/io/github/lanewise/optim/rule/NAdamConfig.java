package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.util.List;

/// Settings of NAdam, Adam with Nesterov's momentum: m and v as Adam's, d = sqrt(vHat) + eps, p -=
/// lr (1 - mu) / (1 - product) g / d + lr mu' / (1 - product mu') m / d, where mu = beta1 (1 -
/// 0.96^(t momentumDecay) / 2), product is that of mu up to this step, and mu' the next one. Names
/// and defaults are PyTorch's.
///
/// Source: Dozat (2016), Incorporating Nesterov Momentum into Adam.
///
/// State: `exp_avg` (m), `exp_avg_sq` (v) and the scalar `mu_product`.
///
/// @param lr learning rate, at least 0
/// @param beta1 decay rate of the mean of gradients, at least 0 and below 1
/// @param beta2 decay rate of the mean of squares, at least 0 and below 1
/// @param eps added to the divisor, at least 0
/// @param weightDecay L2 penalty, this times p is added to g; at least 0
/// @param momentumDecay how fast the momentum grows, at least 0
/// @param decoupledWeightDecay whether p decays by itself, as in AdamW, instead of by its
///     gradient
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record NAdamConfig(
    double lr,
    double beta1,
    double beta2,
    double eps,
    double weightDecay,
    double momentumDecay,
    boolean decoupledWeightDecay,
    boolean maximize)
    implements UpdateRule {
  /// PyTorch's defaults.
  public static final NAdamConfig DEFAULT =
      new NAdamConfig(2e-3, 0.9, 0.999, 1e-8, 0, 4e-3, false, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public NAdamConfig {
    list(lr, beta1, beta2, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize);
  }

  private static List<Setting> list(
      double lr,
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      double momentumDecay,
      boolean decoupledWeightDecay,
      boolean maximize) {
    return List.of(
        Setting.atLeastZero("lr", lr),
        new Setting("beta1", beta1, Setting.Kind.BELOW_ONE),
        new Setting("beta2", beta2, Setting.Kind.BELOW_ONE),
        Setting.atLeastZero("eps", eps),
        Setting.atLeastZero("weightDecay", weightDecay),
        Setting.atLeastZero("momentumDecay", momentumDecay),
        Setting.flag("decoupledWeightDecay", decoupledWeightDecay),
        Setting.flag("maximize", maximize));
  }

  @Override
  public String name() {
    return "nadam";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, beta1, beta2, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize);
  }

  @Override
  public List<State> states() {
    return List.of(State.of("exp_avg"), State.nonNegative("exp_avg_sq"));
  }

  @Override
  public UpdateLoop loop() {
    return Updates.NADAM;
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    double beta1 = settings.get("beta1");
    double beta2 = settings.get("beta2");
    c[0] = (float) (1 - beta1);
    double mu = momentum(settings, t);
    double next = momentum(settings, t + 1);
    double lr = settings.get("lr");
    memory[0] = (float) memory[0] * (float) mu; // in floats, as PyTorch
    c[1] = (float) beta2;
    c[2] = (float) (1 - beta2);
    c[3] = (float) (1 - settings.power("beta2", t));
    c[4] = (float) settings.get("eps");
    c[5] = (float) (-lr * (1 - mu) / (1 - memory[0]));
    c[6] = (float) (-lr * next / (1 - memory[0] * next));
  }

  private static double momentum(UpdateSettings settings, long t) {
    double fallen = Power.of(0.96, t * settings.get("momentumDecay"));
    return settings.get("beta1") * (1 - 0.5 * fallen);
  }

  @Override
  public List<Memory> memory() {
    return List.of(new Memory("mu_product", 1, false));
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public NAdamConfig withLearningRate(double lr) {
    return new NAdamConfig(
        lr, beta1, beta2, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize);
  }

  /// {@return these settings with other decay rates}
  ///
  /// @param beta1 decay rate of the mean of gradients, at least 0 and below 1
  /// @param beta2 decay rate of the mean of squares, at least 0 and below 1
  public NAdamConfig withBetas(double beta1, double beta2) {
    return new NAdamConfig(
        lr, beta1, beta2, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize);
  }

  /// {@return these settings with another `eps`}
  ///
  /// @param eps added to the divisor, at least 0
  public NAdamConfig withEps(double eps) {
    return new NAdamConfig(
        lr, beta1, beta2, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay L2 penalty, this times p is added to g; at least 0
  public NAdamConfig withWeightDecay(double weightDecay) {
    return new NAdamConfig(
        lr, beta1, beta2, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize);
  }

  /// {@return these settings with another `momentumDecay`}
  ///
  /// @param momentumDecay how fast the momentum grows, at least 0
  public NAdamConfig withMomentumDecay(double momentumDecay) {
    return new NAdamConfig(
        lr, beta1, beta2, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize);
  }

  /// {@return these settings with another `decoupledWeightDecay`}
  ///
  /// @param decoupledWeightDecay whether p decays by itself, as in AdamW, instead of by its
  ///     gradient
  public NAdamConfig withDecoupledWeightDecay(boolean decoupledWeightDecay) {
    return new NAdamConfig(
        lr, beta1, beta2, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public NAdamConfig withMaximize(boolean maximize) {
    return new NAdamConfig(
        lr, beta1, beta2, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize);
  }
}
