package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.util.List;
import java.util.Optional;

/// Settings of Schedule-Free AdamW: [Schedule-Free SGD][ScheduleFreeSgdConfig] on g / (sqrt(vHat)
/// + eps) + weightDecay y in place of g, where v = beta2 v + (1 - beta2) g g.
///
/// Source: Defazio et al. (2024), The Road Less Scheduled, with the names and defaults of the
/// authors' program.
///
/// State: `z`, `exp_avg_sq` (v), and the scalars `weight_sum` and `lr_max`.
///
/// @param lr learning rate, at least 0
/// @param beta1 the place of y between z and x, above 0 and below 1
/// @param beta2 decay rate of the mean of squares, at least 0 and below 1
/// @param eps added to the divisor, at least 0
/// @param weightDecay this times y is added to the step; at least 0
/// @param warmupSteps over how many steps the learning rate rises; at least 0
/// @param r the power of the step number in the weights of the mean
/// @param weightLrPower the power of the largest learning rate so far in the weights of the mean
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record ScheduleFreeAdamWConfig(
    double lr,
    double beta1,
    double beta2,
    double eps,
    double weightDecay,
    double warmupSteps,
    double r,
    double weightLrPower,
    boolean maximize)
    implements UpdateRule {
  /// The paper's defaults.
  public static final ScheduleFreeAdamWConfig DEFAULT =
      new ScheduleFreeAdamWConfig(0.0025, 0.9, 0.999, 1e-8, 0, 0, 0, 2, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public ScheduleFreeAdamWConfig {
    list(lr, beta1, beta2, eps, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }

  private static List<Setting> list(
      double lr,
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      double warmupSteps,
      double r,
      double weightLrPower,
      boolean maximize) {
    return List.of(
        Setting.atLeastZero("lr", lr),
        new Setting("beta1", beta1, Setting.Kind.BETWEEN),
        new Setting("beta2", beta2, Setting.Kind.BELOW_ONE),
        Setting.atLeastZero("eps", eps),
        Setting.atLeastZero("weightDecay", weightDecay),
        Setting.atLeastZero("warmupSteps", warmupSteps),
        new Setting("r", r, Setting.Kind.FINITE),
        new Setting("weightLrPower", weightLrPower, Setting.Kind.FINITE),
        Setting.flag("maximize", maximize));
  }

  @Override
  public String name() {
    return "schedule_free_adamw";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, beta1, beta2, eps, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }

  @Override
  public List<State> states() {
    return List.of(State.of("z"), State.nonNegative("exp_avg_sq"));
  }

  @Override
  public UpdateLoop loop() {
    return Updates.SCHEDULE_FREE_ADAMW;
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    double beta2 = settings.get("beta2");
    ScheduleFree.scalars(settings, settings.get("beta1"), t, memory, c);
    c[4] = (float) beta2;
    c[5] = (float) (1 - beta2);
    c[6] = (float) (1 - settings.power("beta2", t));
    c[7] = (float) settings.get("eps");
    c[8] = (float) settings.get("weightDecay");
  }

  @Override
  public List<Memory> memory() {
    return ScheduleFree.MEMORY;
  }

  @Override
  public Optional<Evaluation> evaluation(UpdateSettings settings) {
    return ScheduleFree.evaluation(settings.get("beta1"));
  }

  @Override
  public Decay decay(UpdateSettings settings) {
    return Decay.OWN;
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public ScheduleFreeAdamWConfig withLearningRate(double lr) {
    return new ScheduleFreeAdamWConfig(
        lr, beta1, beta2, eps, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }

  /// {@return these settings with other decay rates}
  ///
  /// @param beta1 the place of y between z and x, above 0 and below 1
  /// @param beta2 decay rate of the mean of squares, at least 0 and below 1
  public ScheduleFreeAdamWConfig withBetas(double beta1, double beta2) {
    return new ScheduleFreeAdamWConfig(
        lr, beta1, beta2, eps, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }

  /// {@return these settings with another `eps`}
  ///
  /// @param eps added to the divisor, at least 0
  public ScheduleFreeAdamWConfig withEps(double eps) {
    return new ScheduleFreeAdamWConfig(
        lr, beta1, beta2, eps, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay this times y is added to the step; at least 0
  public ScheduleFreeAdamWConfig withWeightDecay(double weightDecay) {
    return new ScheduleFreeAdamWConfig(
        lr, beta1, beta2, eps, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }

  /// {@return these settings with another `warmupSteps`}
  ///
  /// @param warmupSteps over how many steps the learning rate rises; at least 0
  public ScheduleFreeAdamWConfig withWarmupSteps(double warmupSteps) {
    return new ScheduleFreeAdamWConfig(
        lr, beta1, beta2, eps, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }

  /// {@return these settings with another `r`}
  ///
  /// @param r the power of the step number in the weights of the mean
  public ScheduleFreeAdamWConfig withR(double r) {
    return new ScheduleFreeAdamWConfig(
        lr, beta1, beta2, eps, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }

  /// {@return these settings with another `weightLrPower`}
  ///
  /// @param weightLrPower the power of the largest learning rate so far in the weights of the
  ///     mean
  public ScheduleFreeAdamWConfig withWeightLrPower(double weightLrPower) {
    return new ScheduleFreeAdamWConfig(
        lr, beta1, beta2, eps, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public ScheduleFreeAdamWConfig withMaximize(boolean maximize) {
    return new ScheduleFreeAdamWConfig(
        lr, beta1, beta2, eps, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }
}
