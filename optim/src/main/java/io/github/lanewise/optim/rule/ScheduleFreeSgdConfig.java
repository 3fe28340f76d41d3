package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.util.List;
import java.util.Optional;

/// Settings of Schedule-Free SGD, which needs no learning-rate schedule and no end: gradients are
/// taken at y, between the sequence z of SGD and its mean x, with which the model is evaluated.
///
/// Between steps the parameters hold y; `Optimizer.evaluate` turns them into x, and
/// `Optimizer.train` back.
///
/// Source: Defazio et al. (2024), The Road Less Scheduled, with the names and defaults of the
/// authors' program.
///
/// State: `z`, and the scalars `weight_sum` and `lr_max`.
///
/// @param lr learning rate, at least 0
/// @param momentum the place of y between z and x, above 0 and below 1
/// @param weightDecay L2 penalty, this times p is added to g; at least 0
/// @param warmupSteps over how many steps the learning rate rises; at least 0
/// @param r the power of the step number in the weights of the mean
/// @param weightLrPower the power of the largest learning rate so far in the weights of the mean
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record ScheduleFreeSgdConfig(
    double lr,
    double momentum,
    double weightDecay,
    double warmupSteps,
    double r,
    double weightLrPower,
    boolean maximize)
    implements UpdateRule {
  /// The paper's defaults.
  public static final ScheduleFreeSgdConfig DEFAULT =
      new ScheduleFreeSgdConfig(1.0, 0.9, 0, 0, 0, 2, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public ScheduleFreeSgdConfig {
    list(lr, momentum, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }

  private static List<Setting> list(
      double lr,
      double momentum,
      double weightDecay,
      double warmupSteps,
      double r,
      double weightLrPower,
      boolean maximize) {
    return List.of(
        Setting.atLeastZero("lr", lr),
        new Setting("momentum", momentum, Setting.Kind.BETWEEN),
        Setting.atLeastZero("weightDecay", weightDecay),
        Setting.atLeastZero("warmupSteps", warmupSteps),
        new Setting("r", r, Setting.Kind.FINITE),
        new Setting("weightLrPower", weightLrPower, Setting.Kind.FINITE),
        Setting.flag("maximize", maximize));
  }

  @Override
  public String name() {
    return "schedule_free_sgd";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, momentum, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }

  @Override
  public List<State> states() {
    return List.of(State.of("z"));
  }

  @Override
  public UpdateLoop loop() {
    return Updates.SCHEDULE_FREE_SGD;
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    ScheduleFree.scalars(settings, settings.get("momentum"), t, memory, c);
  }

  @Override
  public List<Memory> memory() {
    return ScheduleFree.MEMORY;
  }

  @Override
  public Optional<Evaluation> evaluation(UpdateSettings settings) {
    return ScheduleFree.evaluation(settings.get("momentum"));
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public ScheduleFreeSgdConfig withLearningRate(double lr) {
    return new ScheduleFreeSgdConfig(
        lr, momentum, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }

  /// {@return these settings with another `momentum`}
  ///
  /// @param momentum the place of y between z and x, above 0 and below 1
  public ScheduleFreeSgdConfig withMomentum(double momentum) {
    return new ScheduleFreeSgdConfig(
        lr, momentum, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay L2 penalty, this times p is added to g; at least 0
  public ScheduleFreeSgdConfig withWeightDecay(double weightDecay) {
    return new ScheduleFreeSgdConfig(
        lr, momentum, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }

  /// {@return these settings with another `warmupSteps`}
  ///
  /// @param warmupSteps over how many steps the learning rate rises; at least 0
  public ScheduleFreeSgdConfig withWarmupSteps(double warmupSteps) {
    return new ScheduleFreeSgdConfig(
        lr, momentum, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }

  /// {@return these settings with another `r`}
  ///
  /// @param r the power of the step number in the weights of the mean
  public ScheduleFreeSgdConfig withR(double r) {
    return new ScheduleFreeSgdConfig(
        lr, momentum, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }

  /// {@return these settings with another `weightLrPower`}
  ///
  /// @param weightLrPower the power of the largest learning rate so far in the weights of the
  ///     mean
  public ScheduleFreeSgdConfig withWeightLrPower(double weightLrPower) {
    return new ScheduleFreeSgdConfig(
        lr, momentum, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public ScheduleFreeSgdConfig withMaximize(boolean maximize) {
    return new ScheduleFreeSgdConfig(
        lr, momentum, weightDecay, warmupSteps, r, weightLrPower, maximize);
  }
}
