package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.util.List;

/// Settings of Lion, evolved sign momentum: p -= lr (sign(beta1 m + (1 - beta1) g) + weightDecay
/// p), then m = beta2 m + (1 - beta2) g.
///
/// Source: Chen et al. (2023), Symbolic Discovery of Optimization Algorithms, Algorithm 2, with
/// the defaults of the authors' program.
///
/// State: `exp_avg` (m).
///
/// @param lr learning rate, at least 0
/// @param beta1 share of the mean in the step, at least 0 and below 1
/// @param beta2 decay rate of the mean, at least 0 and below 1
/// @param weightDecay decoupled decay, p loses lr times this part of itself; at least 0
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record LionConfig(
    double lr, double beta1, double beta2, double weightDecay, boolean maximize)
    implements UpdateRule {
  /// The paper's defaults.
  public static final LionConfig DEFAULT = new LionConfig(1e-4, 0.9, 0.99, 0, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public LionConfig {
    list(lr, beta1, beta2, weightDecay, maximize);
  }

  private static List<Setting> list(
      double lr, double beta1, double beta2, double weightDecay, boolean maximize) {
    return List.of(
        Setting.atLeastZero("lr", lr),
        new Setting("beta1", beta1, Setting.Kind.BELOW_ONE),
        new Setting("beta2", beta2, Setting.Kind.BELOW_ONE),
        Setting.atLeastZero("weightDecay", weightDecay),
        Setting.flag("maximize", maximize),
        Setting.flag("decoupledWeightDecay", true));
  }

  @Override
  public String name() {
    return "lion";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, beta1, beta2, weightDecay, maximize);
  }

  @Override
  public List<State> states() {
    return List.of(State.of("exp_avg"));
  }

  @Override
  public UpdateLoop loop() {
    return Updates.LION;
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    double beta1 = settings.get("beta1");
    double beta2 = settings.get("beta2");
    c[0] = (float) beta1;
    c[1] = (float) (1 - beta1);
    c[2] = (float) beta2;
    c[3] = (float) (1 - beta2);
    c[4] = (float) settings.get("lr");
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public LionConfig withLearningRate(double lr) {
    return new LionConfig(lr, beta1, beta2, weightDecay, maximize);
  }

  /// {@return these settings with other decay rates}
  ///
  /// @param beta1 share of the mean in the step, at least 0 and below 1
  /// @param beta2 decay rate of the mean, at least 0 and below 1
  public LionConfig withBetas(double beta1, double beta2) {
    return new LionConfig(lr, beta1, beta2, weightDecay, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay decoupled decay, p loses lr times this part of itself; at least 0
  public LionConfig withWeightDecay(double weightDecay) {
    return new LionConfig(lr, beta1, beta2, weightDecay, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public LionConfig withMaximize(boolean maximize) {
    return new LionConfig(lr, beta1, beta2, weightDecay, maximize);
  }
}
