package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.util.List;

/// Settings of Adan, adaptive Nesterov momentum: with y = g - g', the change of the gradient, m =
/// beta1 m + (1 - beta1) g, u = beta2 u + (1 - beta2) y, v = beta3 v + (1 - beta3) (g + beta2
/// y)^2, d = sqrt(vHat) + eps, p = (p - lr (mHat + beta2 uHat) / d) / (1 + lr weightDecay).
///
/// Source: Xie et al. (2022), Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing
/// Deep Models, with the defaults of the authors' program. The betas are 1 minus those of the
/// paper, as in that program.
///
/// State: `exp_avg` (m), `exp_avg_diff` (u), `exp_avg_sq` (v) and `neg_pre_grad` (-g').
///
/// @param lr learning rate, at least 0
/// @param beta1 decay rate of the mean of gradients, at least 0 and below 1
/// @param beta2 decay rate of the mean of changes, at least 0 and below 1
/// @param beta3 decay rate of the mean of squares, at least 0 and below 1
/// @param eps added to the divisor, at least 0
/// @param weightDecay p is divided by 1 + lr times this; at least 0
/// @param proximal whether decay divides p after the step; otherwise it multiplies p by 1 - lr
///     weightDecay before it, as in AdamW
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record AdanConfig(
    double lr,
    double beta1,
    double beta2,
    double beta3,
    double eps,
    double weightDecay,
    boolean proximal,
    boolean maximize)
    implements UpdateRule {
  /// The paper's defaults.
  public static final AdanConfig DEFAULT =
      new AdanConfig(1e-3, 0.98, 0.92, 0.99, 1e-8, 0, true, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public AdanConfig {
    list(lr, beta1, beta2, beta3, eps, weightDecay, proximal, maximize);
  }

  private static List<Setting> list(
      double lr,
      double beta1,
      double beta2,
      double beta3,
      double eps,
      double weightDecay,
      boolean proximal,
      boolean maximize) {
    return List.of(
        Setting.atLeastZero("lr", lr),
        new Setting("beta1", beta1, Setting.Kind.BELOW_ONE),
        new Setting("beta2", beta2, Setting.Kind.BELOW_ONE),
        new Setting("beta3", beta3, Setting.Kind.BELOW_ONE),
        Setting.atLeastZero("eps", eps),
        Setting.atLeastZero("weightDecay", weightDecay),
        Setting.flag("proximal", proximal),
        Setting.flag("maximize", maximize));
  }

  @Override
  public String name() {
    return "adan";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, beta1, beta2, beta3, eps, weightDecay, proximal, maximize);
  }

  @Override
  public List<State> states() {
    return List.of(
        State.of("exp_avg"),
        State.of("exp_avg_diff"),
        State.nonNegative("exp_avg_sq"),
        State.of("neg_pre_grad"));
  }

  @Override
  public UpdateLoop loop() {
    return Updates.ADAN;
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    double beta1 = settings.get("beta1");
    double beta2 = settings.get("beta2");
    double beta3 = settings.get("beta3");
    double lr = settings.get("lr");
    double decay = lr * settings.get("weightDecay");
    c[0] = (float) beta1;
    c[1] = (float) (1 - beta1);
    c[2] = (float) beta2;
    c[3] = (float) (1 - beta2);
    c[4] = (float) beta3;
    c[5] = (float) (1 - beta3);
    c[6] = (float) StrictMath.sqrt(1 - settings.power("beta3", t));
    c[7] = (float) settings.get("eps");
    c[8] = (float) -(lr / (1 - settings.power("beta1", t)));
    c[9] = (float) -(lr * beta2 / (1 - settings.power("beta2", t)));
    c[10] = settings.is("proximal") ? (float) (1 + decay) : 1f;
    c[11] = t == 1 ? 1f : 0f;
  }

  @Override
  public Decay decay(UpdateSettings settings) {
    return settings.is("proximal") ? Decay.OWN : Decay.DECOUPLED;
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public AdanConfig withLearningRate(double lr) {
    return new AdanConfig(lr, beta1, beta2, beta3, eps, weightDecay, proximal, maximize);
  }

  /// {@return these settings with other decay rates}
  ///
  /// @param beta1 decay rate of the mean of gradients, at least 0 and below 1
  /// @param beta2 decay rate of the mean of changes, at least 0 and below 1
  /// @param beta3 decay rate of the mean of squares, at least 0 and below 1
  public AdanConfig withBetas(double beta1, double beta2, double beta3) {
    return new AdanConfig(lr, beta1, beta2, beta3, eps, weightDecay, proximal, maximize);
  }

  /// {@return these settings with another `eps`}
  ///
  /// @param eps added to the divisor, at least 0
  public AdanConfig withEps(double eps) {
    return new AdanConfig(lr, beta1, beta2, beta3, eps, weightDecay, proximal, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay p is divided by 1 + lr times this; at least 0
  public AdanConfig withWeightDecay(double weightDecay) {
    return new AdanConfig(lr, beta1, beta2, beta3, eps, weightDecay, proximal, maximize);
  }

  /// {@return these settings with another `proximal`}
  ///
  /// @param proximal whether decay divides p after the step; otherwise it multiplies p by 1 - lr
  ///     weightDecay before it, as in AdamW
  public AdanConfig withProximal(boolean proximal) {
    return new AdanConfig(lr, beta1, beta2, beta3, eps, weightDecay, proximal, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public AdanConfig withMaximize(boolean maximize) {
    return new AdanConfig(lr, beta1, beta2, beta3, eps, weightDecay, proximal, maximize);
  }
}
