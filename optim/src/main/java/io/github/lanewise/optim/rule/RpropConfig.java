package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.util.List;

/// Settings of Rprop, resilient backpropagation, for gradients of the whole data: each element has
/// a step of its own, which grows by etaPlus while its gradient keeps the sign, and shrinks by
/// etaMinus when it changes. Names and defaults are PyTorch's.
///
/// Source: Riedmiller and Braun (1993), A Direct Adaptive Method for Faster Backpropagation
/// Learning: The RPROP Algorithm.
///
/// State: `prev`, the gradient of the step before, and `step_size`.
///
/// @param lr the first step of each element, at least 0
/// @param etaMinus factor of a step whose gradient changed its sign, above 0 and below 1
/// @param etaPlus factor of a step whose gradient kept its sign, above 1
/// @param leastStep the smallest step, at least 0
/// @param mostStep the largest step, at least 0
/// @param weightDecay L2 penalty, this times p is added to g; at least 0
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record RpropConfig(
    double lr,
    double etaMinus,
    double etaPlus,
    double leastStep,
    double mostStep,
    double weightDecay,
    boolean maximize)
    implements UpdateRule {
  /// PyTorch's defaults.
  public static final RpropConfig DEFAULT = new RpropConfig(1e-2, 0.5, 1.2, 1e-6, 50, 0, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public RpropConfig {
    list(lr, etaMinus, etaPlus, leastStep, mostStep, weightDecay, maximize);
    requireSteps(leastStep, mostStep);
  }

  private static List<Setting> list(
      double lr,
      double etaMinus,
      double etaPlus,
      double leastStep,
      double mostStep,
      double weightDecay,
      boolean maximize) {
    return List.of(
        Setting.atLeastZero("lr", lr),
        new Setting("etaMinus", etaMinus, Setting.Kind.BETWEEN),
        new Setting("etaPlus", etaPlus, Setting.Kind.ABOVE_ONE),
        Setting.atLeastZero("leastStep", leastStep),
        Setting.atLeastZero("mostStep", mostStep),
        Setting.atLeastZero("weightDecay", weightDecay),
        Setting.flag("maximize", maximize));
  }

  @Override
  public String name() {
    return "rprop";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, etaMinus, etaPlus, leastStep, mostStep, weightDecay, maximize);
  }

  @Override
  public List<State> states() {
    return List.of(State.of("prev"), new State("step_size", (float) lr, true));
  }

  @Override
  public UpdateLoop loop() {
    return Updates.RPROP;
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    c[0] = (float) settings.get("etaMinus");
    c[1] = (float) settings.get("etaPlus");
    c[2] = (float) settings.get("leastStep");
    c[3] = (float) settings.get("mostStep");
    c[4] = t == 1 ? (float) settings.get("lr") : Float.NaN;
  }

  @Override
  public void check(UpdateSettings settings) {
    requireSteps(settings.get("leastStep"), settings.get("mostStep"));
  }

  private static void requireSteps(double least, double most) {
    if (least > most) {
      throw new IllegalArgumentException(
          "leastStep is " + least + ", must be at most mostStep, which is " + most);
    }
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr the first step of each element, at least 0
  public RpropConfig withLearningRate(double lr) {
    return new RpropConfig(lr, etaMinus, etaPlus, leastStep, mostStep, weightDecay, maximize);
  }

  /// {@return these settings with another `etaMinus`}
  ///
  /// @param etaMinus factor of a step whose gradient changed its sign, above 0 and below 1
  public RpropConfig withEtaMinus(double etaMinus) {
    return new RpropConfig(lr, etaMinus, etaPlus, leastStep, mostStep, weightDecay, maximize);
  }

  /// {@return these settings with another `etaPlus`}
  ///
  /// @param etaPlus factor of a step whose gradient kept its sign, above 1
  public RpropConfig withEtaPlus(double etaPlus) {
    return new RpropConfig(lr, etaMinus, etaPlus, leastStep, mostStep, weightDecay, maximize);
  }

  /// {@return these settings with another `leastStep`}
  ///
  /// @param leastStep the smallest step, at least 0
  public RpropConfig withLeastStep(double leastStep) {
    return new RpropConfig(lr, etaMinus, etaPlus, leastStep, mostStep, weightDecay, maximize);
  }

  /// {@return these settings with another `mostStep`}
  ///
  /// @param mostStep the largest step, at least 0
  public RpropConfig withMostStep(double mostStep) {
    return new RpropConfig(lr, etaMinus, etaPlus, leastStep, mostStep, weightDecay, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay L2 penalty, this times p is added to g; at least 0
  public RpropConfig withWeightDecay(double weightDecay) {
    return new RpropConfig(lr, etaMinus, etaPlus, leastStep, mostStep, weightDecay, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public RpropConfig withMaximize(boolean maximize) {
    return new RpropConfig(lr, etaMinus, etaPlus, leastStep, mostStep, weightDecay, maximize);
  }
}
