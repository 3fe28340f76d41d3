package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.util.List;

/// Settings of ASGD, averaged SGD: p = (1 - lambd eta) p - eta g with a falling eta, and the mean
/// `ax` of p over the steps, which the rule only keeps. eta = lr / (1 + lambd lr t)^alpha. Names
/// and defaults are PyTorch's.
///
/// Source: Polyak and Juditsky (1992), Acceleration of Stochastic Approximation by Averaging.
///
/// State: `ax`, and the scalars `eta` and `mu`, the weight of p in the mean.
///
/// @param lr learning rate, at least 0
/// @param lambd decay, at least 0
/// @param alpha the power by which eta falls
/// @param t0 the step from which on ax is a mean, at least 0
/// @param weightDecay L2 penalty, this times p is added to g; at least 0
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record AsgdConfig(
    double lr, double lambd, double alpha, double t0, double weightDecay, boolean maximize)
    implements UpdateRule {
  /// PyTorch's defaults.
  public static final AsgdConfig DEFAULT = new AsgdConfig(1e-2, 1e-4, 0.75, 1e6, 0, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public AsgdConfig {
    list(lr, lambd, alpha, t0, weightDecay, maximize);
  }

  private static List<Setting> list(
      double lr, double lambd, double alpha, double t0, double weightDecay, boolean maximize) {
    return List.of(
        Setting.atLeastZero("lr", lr),
        Setting.atLeastZero("lambd", lambd),
        new Setting("alpha", alpha, Setting.Kind.FINITE),
        Setting.atLeastZero("t0", t0),
        Setting.atLeastZero("weightDecay", weightDecay),
        Setting.flag("maximize", maximize));
  }

  @Override
  public String name() {
    return "asgd";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, lambd, alpha, t0, weightDecay, maximize);
  }

  @Override
  public List<State> states() {
    return List.of(State.of("ax"));
  }

  @Override
  public UpdateLoop loop() {
    return Updates.ASGD;
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    double lr = settings.get("lr");
    double lambda = settings.get("lambd");
    double eta = t == 1 ? (float) lr : memory[0];
    c[0] = (float) (1 - lambda * eta);
    c[1] = (float) -eta;
    c[2] = (float) memory[1];
    memory[0] = (float) (lr / Power.of(1 + lambda * lr * t, settings.get("alpha")));
    memory[1] = (float) (1 / Math.max(1, t - settings.get("t0")));
  }

  @Override
  public List<Memory> memory() {
    return List.of(new Memory("eta", (float) lr, false), new Memory("mu", 1, false));
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public AsgdConfig withLearningRate(double lr) {
    return new AsgdConfig(lr, lambd, alpha, t0, weightDecay, maximize);
  }

  /// {@return these settings with another `lambd`}
  ///
  /// @param lambd decay, at least 0
  public AsgdConfig withLambd(double lambd) {
    return new AsgdConfig(lr, lambd, alpha, t0, weightDecay, maximize);
  }

  /// {@return these settings with another `alpha`}
  ///
  /// @param alpha the power by which eta falls
  public AsgdConfig withAlpha(double alpha) {
    return new AsgdConfig(lr, lambd, alpha, t0, weightDecay, maximize);
  }

  /// {@return these settings with another `t0`}
  ///
  /// @param t0 the step from which on ax is a mean, at least 0
  public AsgdConfig withT0(double t0) {
    return new AsgdConfig(lr, lambd, alpha, t0, weightDecay, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay L2 penalty, this times p is added to g; at least 0
  public AsgdConfig withWeightDecay(double weightDecay) {
    return new AsgdConfig(lr, lambd, alpha, t0, weightDecay, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public AsgdConfig withMaximize(boolean maximize) {
    return new AsgdConfig(lr, lambd, alpha, t0, weightDecay, maximize);
  }
}
