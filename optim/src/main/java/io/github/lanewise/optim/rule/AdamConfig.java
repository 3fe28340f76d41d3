package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.util.List;

/// Settings of Adam: m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g g, p -= lr mHat /
/// (sqrt(vHat) + eps), where mHat = m / (1 - beta1^t), vHat = v / (1 - beta2^t). Names and
/// defaults are PyTorch's.
///
/// Source: Kingma and Ba (2015), Adam: A Method for Stochastic Optimization, Algorithm 1. As
/// there, eps is added after the bias correction. Weight decay is added to g, unlike in
/// [AdamWConfig]. AMSGrad (Reddi et al., 2018, On the Convergence of Adam and Beyond) replaces v
/// in the step of p by the largest v so far, before the bias correction.
///
/// State: `exp_avg` (m), `exp_avg_sq` (v) and, with AMSGrad, `max_exp_avg_sq`.
///
/// @param lr learning rate, at least 0
/// @param beta1 decay rate of the mean of gradients, at least 0 and below 1
/// @param beta2 decay rate of the mean of squares, at least 0 and below 1
/// @param eps added to the divisor, at least 0
/// @param weightDecay L2 penalty, this times p is added to g; at least 0
/// @param amsgrad whether to divide by the largest second moment so far
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record AdamConfig(
    double lr,
    double beta1,
    double beta2,
    double eps,
    double weightDecay,
    boolean amsgrad,
    boolean maximize)
    implements UpdateRule {
  /// PyTorch's defaults.
  public static final AdamConfig DEFAULT = new AdamConfig(1e-3, 0.9, 0.999, 1e-8, 0, false, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public AdamConfig {
    list(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  private static List<Setting> list(
      double lr,
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      boolean amsgrad,
      boolean maximize) {
    return List.of(
        Setting.atLeastZero("lr", lr),
        new Setting("beta1", beta1, Setting.Kind.BELOW_ONE),
        new Setting("beta2", beta2, Setting.Kind.BELOW_ONE),
        Setting.atLeastZero("eps", eps),
        Setting.atLeastZero("weightDecay", weightDecay),
        Setting.fixedFlag("amsgrad", amsgrad),
        Setting.flag("maximize", maximize));
  }

  @Override
  public String name() {
    return "adam";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  @Override
  public List<State> states() {
    State mean = State.of("exp_avg");
    State square = State.nonNegative("exp_avg_sq");
    return amsgrad
        ? List.of(mean, square, State.nonNegative("max_exp_avg_sq"))
        : List.of(mean, square);
  }

  @Override
  public UpdateLoop loop() {
    return amsgrad ? Updates.AMSGRAD : Updates.ADAM;
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    double beta1 = settings.get("beta1");
    double beta2 = settings.get("beta2");
    c[0] = (float) (1 - beta1);
    c[1] = (float) beta2;
    c[2] = (float) (1 - beta2);
    c[3] = (float) StrictMath.sqrt(1 - settings.power("beta2", t));
    c[4] = (float) settings.get("eps");
    c[5] = (float) -(settings.get("lr") / (1 - settings.power("beta1", t)));
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public AdamConfig withLearningRate(double lr) {
    return new AdamConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /// {@return these settings with other decay rates}
  ///
  /// @param beta1 decay rate of the mean of gradients, at least 0 and below 1
  /// @param beta2 decay rate of the mean of squares, at least 0 and below 1
  public AdamConfig withBetas(double beta1, double beta2) {
    return new AdamConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /// {@return these settings with another `eps`}
  ///
  /// @param eps added to the divisor, at least 0
  public AdamConfig withEps(double eps) {
    return new AdamConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay L2 penalty, this times p is added to g; at least 0
  public AdamConfig withWeightDecay(double weightDecay) {
    return new AdamConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /// {@return these settings with another `amsgrad`}
  ///
  /// @param amsgrad whether to divide by the largest second moment so far
  public AdamConfig withAmsgrad(boolean amsgrad) {
    return new AdamConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public AdamConfig withMaximize(boolean maximize) {
    return new AdamConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }
}
