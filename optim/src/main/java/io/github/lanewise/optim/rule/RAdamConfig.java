package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.util.List;

/// Settings of RAdam, rectified Adam: m and v as Adam's; p -= lr mHat in the first steps, and p -=
/// lr mHat r sqrt(1 - beta2^t) / (sqrt(v) + eps) once the variance of v is finite, from step 6 on
/// with the default beta2. Names and defaults are PyTorch's.
///
/// Source: Liu et al. (2020), On the Variance of the Adaptive Learning Rate and Beyond. eps is
/// added to the root before its bias correction, as in PyTorch.
///
/// State: `exp_avg` (m) and `exp_avg_sq` (v).
///
/// @param lr learning rate, at least 0
/// @param beta1 decay rate of the mean of gradients, at least 0 and below 1
/// @param beta2 decay rate of the mean of squares, at least 0 and below 1
/// @param eps added to the divisor, at least 0
/// @param weightDecay L2 penalty, this times p is added to g; at least 0
/// @param decoupledWeightDecay whether p decays by itself, as in AdamW, instead of by its
///     gradient
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record RAdamConfig(
    double lr,
    double beta1,
    double beta2,
    double eps,
    double weightDecay,
    boolean decoupledWeightDecay,
    boolean maximize)
    implements UpdateRule {
  /// PyTorch's defaults.
  public static final RAdamConfig DEFAULT =
      new RAdamConfig(1e-3, 0.9, 0.999, 1e-8, 0, false, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public RAdamConfig {
    list(lr, beta1, beta2, eps, weightDecay, decoupledWeightDecay, maximize);
  }

  private static List<Setting> list(
      double lr,
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      boolean decoupledWeightDecay,
      boolean maximize) {
    return List.of(
        Setting.atLeastZero("lr", lr),
        new Setting("beta1", beta1, Setting.Kind.BELOW_ONE),
        new Setting("beta2", beta2, Setting.Kind.BELOW_ONE),
        Setting.atLeastZero("eps", eps),
        Setting.atLeastZero("weightDecay", weightDecay),
        Setting.flag("decoupledWeightDecay", decoupledWeightDecay),
        Setting.flag("maximize", maximize));
  }

  @Override
  public String name() {
    return "radam";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, beta1, beta2, eps, weightDecay, decoupledWeightDecay, maximize);
  }

  @Override
  public List<State> states() {
    return List.of(State.of("exp_avg"), State.nonNegative("exp_avg_sq"));
  }

  @Override
  public UpdateLoop loop() {
    return Updates.RADAM;
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    double beta1 = settings.get("beta1");
    double beta2 = settings.get("beta2");
    c[0] = (float) (1 - beta1);
    double power = settings.power("beta2", t);
    double most = 2 / (1 - beta2) - 1;
    double length = most - 2 * t * power / (1 - power);
    c[1] = (float) beta2;
    c[2] = (float) (1 - beta2);
    c[3] = (float) (1 - settings.power("beta1", t));
    c[4] = (float) settings.get("lr");
    c[5] = (float) settings.get("eps");
    c[6] = (float) StrictMath.sqrt(1 - power);
    c[7] = length > 5 ? (float) rectifier(length, most) : 0f;
  }

  private static double rectifier(double length, double most) {
    return StrictMath.sqrt((length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length));
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public RAdamConfig withLearningRate(double lr) {
    return new RAdamConfig(lr, beta1, beta2, eps, weightDecay, decoupledWeightDecay, maximize);
  }

  /// {@return these settings with other decay rates}
  ///
  /// @param beta1 decay rate of the mean of gradients, at least 0 and below 1
  /// @param beta2 decay rate of the mean of squares, at least 0 and below 1
  public RAdamConfig withBetas(double beta1, double beta2) {
    return new RAdamConfig(lr, beta1, beta2, eps, weightDecay, decoupledWeightDecay, maximize);
  }

  /// {@return these settings with another `eps`}
  ///
  /// @param eps added to the divisor, at least 0
  public RAdamConfig withEps(double eps) {
    return new RAdamConfig(lr, beta1, beta2, eps, weightDecay, decoupledWeightDecay, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay L2 penalty, this times p is added to g; at least 0
  public RAdamConfig withWeightDecay(double weightDecay) {
    return new RAdamConfig(lr, beta1, beta2, eps, weightDecay, decoupledWeightDecay, maximize);
  }

  /// {@return these settings with another `decoupledWeightDecay`}
  ///
  /// @param decoupledWeightDecay whether p decays by itself, as in AdamW, instead of by its
  ///     gradient
  public RAdamConfig withDecoupledWeightDecay(boolean decoupledWeightDecay) {
    return new RAdamConfig(lr, beta1, beta2, eps, weightDecay, decoupledWeightDecay, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public RAdamConfig withMaximize(boolean maximize) {
    return new RAdamConfig(lr, beta1, beta2, eps, weightDecay, decoupledWeightDecay, maximize);
  }
}
