package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.util.List;

/// Settings of Adadelta: v = rho v + (1 - rho) g g, d = sqrt(u + eps) / sqrt(v + eps) g, p -= lr
/// d, then u = rho u + (1 - rho) d d. Names and defaults are PyTorch's.
///
/// Source: Zeiler (2012), ADADELTA: An Adaptive Learning Rate Method, Algorithm 1, where lr is 1.
/// eps is inside both roots.
///
/// State: `square_avg` (v) and `acc_delta` (u).
///
/// @param lr learning rate, at least 0
/// @param rho decay rate of both means, between 0 and 1
/// @param eps added under both roots, at least 0
/// @param weightDecay L2 penalty, this times p is added to g; at least 0
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record AdadeltaConfig(
    double lr, double rho, double eps, double weightDecay, boolean maximize) implements UpdateRule {
  /// PyTorch's defaults.
  public static final AdadeltaConfig DEFAULT = new AdadeltaConfig(1.0, 0.9, 1e-6, 0, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public AdadeltaConfig {
    list(lr, rho, eps, weightDecay, maximize);
  }

  private static List<Setting> list(
      double lr, double rho, double eps, double weightDecay, boolean maximize) {
    return List.of(
        Setting.atLeastZero("lr", lr),
        new Setting("rho", rho, Setting.Kind.FRACTION),
        Setting.atLeastZero("eps", eps),
        Setting.atLeastZero("weightDecay", weightDecay),
        Setting.flag("maximize", maximize));
  }

  @Override
  public String name() {
    return "adadelta";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, rho, eps, weightDecay, maximize);
  }

  @Override
  public List<State> states() {
    return List.of(State.nonNegative("square_avg"), State.nonNegative("acc_delta"));
  }

  @Override
  public UpdateLoop loop() {
    return Updates.ADADELTA;
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    double rho = settings.get("rho");
    c[0] = (float) -settings.get("lr");
    c[1] = (float) rho;
    c[2] = (float) (1 - rho);
    c[3] = (float) settings.get("eps");
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public AdadeltaConfig withLearningRate(double lr) {
    return new AdadeltaConfig(lr, rho, eps, weightDecay, maximize);
  }

  /// {@return these settings with another `rho`}
  ///
  /// @param rho decay rate of both means, between 0 and 1
  public AdadeltaConfig withRho(double rho) {
    return new AdadeltaConfig(lr, rho, eps, weightDecay, maximize);
  }

  /// {@return these settings with another `eps`}
  ///
  /// @param eps added under both roots, at least 0
  public AdadeltaConfig withEps(double eps) {
    return new AdadeltaConfig(lr, rho, eps, weightDecay, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay L2 penalty, this times p is added to g; at least 0
  public AdadeltaConfig withWeightDecay(double weightDecay) {
    return new AdadeltaConfig(lr, rho, eps, weightDecay, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public AdadeltaConfig withMaximize(boolean maximize) {
    return new AdadeltaConfig(lr, rho, eps, weightDecay, maximize);
  }
}
