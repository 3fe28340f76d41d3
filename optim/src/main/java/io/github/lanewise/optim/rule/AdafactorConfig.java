package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Setting;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.lang.foreign.Arena;
import java.util.List;

/// Settings of Adafactor, whose second moments take a row and a column of a matrix in place of the
/// whole: row and col are means of g^2 over columns and rows with weights t^beta2Decay, v = row
/// col / mean(row), u = g / sqrt(v), p -= a u / max(1, rms(u) / d), where a = max(eps2, rms(p))
/// min(lr, 1 / sqrt(t)). A parameter with one dimension keeps v itself. Names and defaults are
/// PyTorch's.
///
/// Source: Shazeer and Stern (2018), Adafactor: Adaptive Learning Rates with Sublinear Memory
/// Cost.
///
/// State: `row_var` and `col_var`, or `variance` for one dimension. A step works in 4 more bytes
/// for each row and 12 for each column, so that memory does not grow with the number of elements.
///
/// @param lr learning rate, at least 0
/// @param beta2Decay the power of t in the weight of a step in the means, at most 0
/// @param eps1 the smallest root of v, at least 0; PyTorch's None is 2^-23
/// @param eps2 the smallest rms(p) that counts, at least 0
/// @param d the largest rms(u), at least 1
/// @param weightDecay decoupled decay, p loses lr times this part of itself; at least 0
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record AdafactorConfig(
    double lr,
    double beta2Decay,
    double eps1,
    double eps2,
    double d,
    double weightDecay,
    boolean maximize)
    implements TensorRule {
  /// PyTorch's defaults.
  public static final AdafactorConfig DEFAULT =
      new AdafactorConfig(1e-2, -0.8, 0x1p-23, 1e-3, 1, 0, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public AdafactorConfig {
    list(lr, beta2Decay, eps1, eps2, d, weightDecay, maximize);
  }

  private static List<Setting> list(
      double lr,
      double beta2Decay,
      double eps1,
      double eps2,
      double d,
      double weightDecay,
      boolean maximize) {
    return List.of(
        Setting.atLeastZero("lr", lr),
        new Setting("beta2Decay", beta2Decay, Setting.Kind.AT_MOST_ZERO),
        Setting.atLeastZero("eps1", eps1),
        Setting.atLeastZero("eps2", eps2),
        new Setting("d", d, Setting.Kind.AT_LEAST_ONE),
        Setting.atLeastZero("weightDecay", weightDecay),
        Setting.flag("maximize", maximize));
  }

  @Override
  public String name() {
    return "adafactor";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, beta2Decay, eps1, eps2, d, weightDecay, maximize);
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
    // The step of a whole parameter computes its own.
  }

  @Override
  public TensorUpdate bind(Arena arena, Parameter parameter, StatePrecision precision) {
    return new Adafactor(arena, parameter, precision);
  }

  @Override
  public Decay decay(UpdateSettings settings) {
    return Decay.OWN;
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public AdafactorConfig withLearningRate(double lr) {
    return new AdafactorConfig(lr, beta2Decay, eps1, eps2, d, weightDecay, maximize);
  }

  /// {@return these settings with another `beta2Decay`}
  ///
  /// @param beta2Decay the power of t in the weight of a step in the means, at most 0
  public AdafactorConfig withBeta2Decay(double beta2Decay) {
    return new AdafactorConfig(lr, beta2Decay, eps1, eps2, d, weightDecay, maximize);
  }

  /// {@return these settings with another `eps1`}
  ///
  /// @param eps1 the smallest root of v, at least 0; PyTorch's None is 2^-23
  public AdafactorConfig withEps1(double eps1) {
    return new AdafactorConfig(lr, beta2Decay, eps1, eps2, d, weightDecay, maximize);
  }

  /// {@return these settings with another `eps2`}
  ///
  /// @param eps2 the smallest rms(p) that counts, at least 0
  public AdafactorConfig withEps2(double eps2) {
    return new AdafactorConfig(lr, beta2Decay, eps1, eps2, d, weightDecay, maximize);
  }

  /// {@return these settings with another `d`}
  ///
  /// @param d the largest rms(u), at least 1
  public AdafactorConfig withD(double d) {
    return new AdafactorConfig(lr, beta2Decay, eps1, eps2, d, weightDecay, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay decoupled decay, p loses lr times this part of itself; at least 0
  public AdafactorConfig withWeightDecay(double weightDecay) {
    return new AdafactorConfig(lr, beta2Decay, eps1, eps2, d, weightDecay, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public AdafactorConfig withMaximize(boolean maximize) {
    return new AdafactorConfig(lr, beta2Decay, eps1, eps2, d, weightDecay, maximize);
  }
}
