package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.util.List;

/// Settings of Adagrad: s += g g, p -= lr / (1 + (t - 1) lrDecay) g / (sqrt(s) + eps). Names and
/// defaults are PyTorch's.
///
/// Source: Duchi et al. (2011), Adaptive Subgradient Methods for Online Learning and Stochastic
/// Optimization. eps is added to the square root, as in PyTorch.
///
/// State: `sum` (s).
///
/// @param lr learning rate, at least 0
/// @param lrDecay how fast the learning rate falls, at least 0
/// @param weightDecay L2 penalty, this times p is added to g; at least 0
/// @param initialAccumulatorValue the sum of squares before the first step, at least 0
/// @param eps added to the divisor, at least 0
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record AdagradConfig(
    double lr,
    double lrDecay,
    double weightDecay,
    double initialAccumulatorValue,
    double eps,
    boolean maximize)
    implements UpdateRule {
  /// PyTorch's defaults.
  public static final AdagradConfig DEFAULT = new AdagradConfig(1e-2, 0, 0, 0, 1e-10, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public AdagradConfig {
    list(lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize);
  }

  private static List<Setting> list(
      double lr,
      double lrDecay,
      double weightDecay,
      double initialAccumulatorValue,
      double eps,
      boolean maximize) {
    return List.of(
        Setting.atLeastZero("lr", lr),
        Setting.atLeastZero("lrDecay", lrDecay),
        Setting.atLeastZero("weightDecay", weightDecay),
        Setting.atLeastZero("initialAccumulatorValue", initialAccumulatorValue),
        Setting.atLeastZero("eps", eps),
        Setting.flag("maximize", maximize));
  }

  @Override
  public String name() {
    return "adagrad";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize);
  }

  @Override
  public List<State> states() {
    return List.of(new State("sum", (float) initialAccumulatorValue, true));
  }

  @Override
  public UpdateLoop loop() {
    return Updates.ADAGRAD;
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    c[0] = (float) -(settings.get("lr") / (1 + (t - 1) * settings.get("lrDecay")));
    c[1] = (float) settings.get("eps");
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public AdagradConfig withLearningRate(double lr) {
    return new AdagradConfig(lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize);
  }

  /// {@return these settings with another `lrDecay`}
  ///
  /// @param lrDecay how fast the learning rate falls, at least 0
  public AdagradConfig withLrDecay(double lrDecay) {
    return new AdagradConfig(lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay L2 penalty, this times p is added to g; at least 0
  public AdagradConfig withWeightDecay(double weightDecay) {
    return new AdagradConfig(lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize);
  }

  /// {@return these settings with another `initialAccumulatorValue`}
  ///
  /// @param initialAccumulatorValue the sum of squares before the first step, at least 0
  public AdagradConfig withInitialAccumulatorValue(double initialAccumulatorValue) {
    return new AdagradConfig(lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize);
  }

  /// {@return these settings with another `eps`}
  ///
  /// @param eps added to the divisor, at least 0
  public AdagradConfig withEps(double eps) {
    return new AdagradConfig(lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public AdagradConfig withMaximize(boolean maximize) {
    return new AdagradConfig(lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize);
  }
}
