package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.util.List;

/// Settings of Adamax: m = beta1 m + (1 - beta1) g, u = max(beta2 u, abs(g) + eps), p -= lr mHat /
/// u, where mHat = m / (1 - beta1^t). Names and defaults are PyTorch's.
///
/// Source: Kingma and Ba (2015), Adam: A Method for Stochastic Optimization, section 7.1.
///
/// State: `exp_avg` (m) and `exp_inf` (u).
///
/// @param lr learning rate, at least 0
/// @param beta1 decay rate of the mean of gradients, at least 0 and below 1
/// @param beta2 decay rate of the largest gradient, at least 0 and below 1
/// @param eps added to abs(g), at least 0
/// @param weightDecay L2 penalty, this times p is added to g; at least 0
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record AdamaxConfig(
    double lr, double beta1, double beta2, double eps, double weightDecay, boolean maximize)
    implements UpdateRule {
  /// PyTorch's defaults.
  public static final AdamaxConfig DEFAULT = new AdamaxConfig(2e-3, 0.9, 0.999, 1e-8, 0, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public AdamaxConfig {
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
        Setting.flag("maximize", maximize));
  }

  @Override
  public String name() {
    return "adamax";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, beta1, beta2, eps, weightDecay, maximize);
  }

  @Override
  public List<State> states() {
    return List.of(State.of("exp_avg"), State.nonNegative("exp_inf"));
  }

  @Override
  public UpdateLoop loop() {
    return Updates.ADAMAX;
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    double beta1 = settings.get("beta1");
    double beta2 = settings.get("beta2");
    c[0] = (float) (1 - beta1);
    c[1] = (float) beta2;
    c[2] = (float) settings.get("eps");
    c[3] = (float) -(settings.get("lr") / (1 - settings.power("beta1", t)));
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public AdamaxConfig withLearningRate(double lr) {
    return new AdamaxConfig(lr, beta1, beta2, eps, weightDecay, maximize);
  }

  /// {@return these settings with other decay rates}
  ///
  /// @param beta1 decay rate of the mean of gradients, at least 0 and below 1
  /// @param beta2 decay rate of the largest gradient, at least 0 and below 1
  public AdamaxConfig withBetas(double beta1, double beta2) {
    return new AdamaxConfig(lr, beta1, beta2, eps, weightDecay, maximize);
  }

  /// {@return these settings with another `eps`}
  ///
  /// @param eps added to abs(g), at least 0
  public AdamaxConfig withEps(double eps) {
    return new AdamaxConfig(lr, beta1, beta2, eps, weightDecay, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay L2 penalty, this times p is added to g; at least 0
  public AdamaxConfig withWeightDecay(double weightDecay) {
    return new AdamaxConfig(lr, beta1, beta2, eps, weightDecay, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public AdamaxConfig withMaximize(boolean maximize) {
    return new AdamaxConfig(lr, beta1, beta2, eps, weightDecay, maximize);
  }
}
