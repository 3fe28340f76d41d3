package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import java.util.List;

/// Settings of AdamW: p -= lr weightDecay p, then the step of [Adam][AdamConfig] without decay.
/// Names and defaults are PyTorch's.
///
/// Source: Loshchilov and Hutter (2019), Decoupled Weight Decay Regularization, Algorithm 2.
/// Unlike there, lr scales the decay, as in PyTorch. Parameters decay even where their gradient is
/// zero.
///
/// State: as for Adam.
///
/// @param lr learning rate, at least 0
/// @param beta1 decay rate of the mean of gradients, at least 0 and below 1
/// @param beta2 decay rate of the mean of squares, at least 0 and below 1
/// @param eps added to the divisor, at least 0
/// @param weightDecay decoupled decay, p loses lr times this part of itself; at least 0
/// @param amsgrad whether to divide by the largest second moment so far
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record AdamWConfig(
    double lr,
    double beta1,
    double beta2,
    double eps,
    double weightDecay,
    boolean amsgrad,
    boolean maximize)
    implements UpdateRule {
  /// PyTorch's defaults.
  public static final AdamWConfig DEFAULT =
      new AdamWConfig(1e-3, 0.9, 0.999, 1e-8, 1e-2, false, false);

  private static final AdamConfig AMSGRAD = AdamConfig.DEFAULT.withAmsgrad(true);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public AdamWConfig {
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
        Setting.flag("maximize", maximize),
        Setting.flag("decoupledWeightDecay", true));
  }

  @Override
  public String name() {
    return "adamw";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  @Override
  public List<State> states() {
    return adam().states();
  }

  @Override
  public UpdateLoop loop() {
    return adam().loop();
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    adam().scalars(settings, t, memory, c);
  }

  private AdamConfig adam() {
    return amsgrad ? AMSGRAD : AdamConfig.DEFAULT;
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public AdamWConfig withLearningRate(double lr) {
    return new AdamWConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /// {@return these settings with other decay rates}
  ///
  /// @param beta1 decay rate of the mean of gradients, at least 0 and below 1
  /// @param beta2 decay rate of the mean of squares, at least 0 and below 1
  public AdamWConfig withBetas(double beta1, double beta2) {
    return new AdamWConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /// {@return these settings with another `eps`}
  ///
  /// @param eps added to the divisor, at least 0
  public AdamWConfig withEps(double eps) {
    return new AdamWConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay decoupled decay, p loses lr times this part of itself; at least 0
  public AdamWConfig withWeightDecay(double weightDecay) {
    return new AdamWConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /// {@return these settings with another `amsgrad`}
  ///
  /// @param amsgrad whether to divide by the largest second moment so far
  public AdamWConfig withAmsgrad(boolean amsgrad) {
    return new AdamWConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public AdamWConfig withMaximize(boolean maximize) {
    return new AdamWConfig(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }
}
