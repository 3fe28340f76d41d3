package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Setting;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.lang.foreign.Arena;
import java.util.List;

/// Settings of LAMB, for large batches: m and v as Adam's, u = mHat / (sqrt(vHat) + eps) +
/// weightDecay p, p -= lr norm(p) / norm(u) u, where the norms are those of a whole parameter, and
/// their quotient counts as 1 if one of them is 0.
///
/// Source: You et al. (2020), Large Batch Optimization for Deep Learning: Training BERT in 76
/// Minutes, Algorithm 2, with its eps and decay.
///
/// State: `exp_avg` (m) and `exp_avg_sq` (v). A step works in 4 more bytes for each parameter,
/// which hold u until its norm is known.
///
/// @param lr learning rate, at least 0
/// @param beta1 decay rate of the mean of gradients, at least 0 and below 1
/// @param beta2 decay rate of the mean of squares, at least 0 and below 1
/// @param eps added to the divisor, at least 0
/// @param weightDecay this times p is added to the direction; at least 0
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record LambConfig(
    double lr, double beta1, double beta2, double eps, double weightDecay, boolean maximize)
    implements TensorRule {
  /// The paper's defaults.
  public static final LambConfig DEFAULT = new LambConfig(1e-3, 0.9, 0.999, 1e-6, 1e-2, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public LambConfig {
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
    return "lamb";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, beta1, beta2, eps, weightDecay, maximize);
  }

  @Override
  public List<State> states() {
    return List.of();
  }

  @Override
  public UpdateLoop loop() {
    return Updates.KEEP;
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    Lamb.scalars(settings, t, c);
  }

  @Override
  public TensorUpdate bind(Arena arena, Parameter parameter, StatePrecision precision) {
    return new Lamb(arena, parameter, precision);
  }

  @Override
  public Decay decay(UpdateSettings settings) {
    return Decay.OWN;
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public LambConfig withLearningRate(double lr) {
    return new LambConfig(lr, beta1, beta2, eps, weightDecay, maximize);
  }

  /// {@return these settings with other decay rates}
  ///
  /// @param beta1 decay rate of the mean of gradients, at least 0 and below 1
  /// @param beta2 decay rate of the mean of squares, at least 0 and below 1
  public LambConfig withBetas(double beta1, double beta2) {
    return new LambConfig(lr, beta1, beta2, eps, weightDecay, maximize);
  }

  /// {@return these settings with another `eps`}
  ///
  /// @param eps added to the divisor, at least 0
  public LambConfig withEps(double eps) {
    return new LambConfig(lr, beta1, beta2, eps, weightDecay, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay this times p is added to the direction; at least 0
  public LambConfig withWeightDecay(double weightDecay) {
    return new LambConfig(lr, beta1, beta2, eps, weightDecay, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public LambConfig withMaximize(boolean maximize) {
    return new LambConfig(lr, beta1, beta2, eps, weightDecay, maximize);
  }
}
