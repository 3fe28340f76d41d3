package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.util.ArrayList;
import java.util.List;

/// Settings of RMSprop: v = alpha v + (1 - alpha) g g, p -= lr g / (sqrt(v) + eps). Names and
/// defaults are PyTorch's.
///
/// Source: Tieleman and Hinton (2012), Coursera lecture 6.5. eps is added to the square root, as
/// in PyTorch, and not under it, as in TensorFlow.
///
/// With momentum, the step is p -= lr b, where b = momentum b + g / (sqrt(v) + eps). Centered
/// (Graves, 2013, Generating Sequences With Recurrent Neural Networks), v - a a replaces v under
/// the square root, where a is the running mean of g.
///
/// State: `square_avg` (v), `grad_avg` (a) if centered, and `momentum_buffer` (b) with momentum.
///
/// @param lr learning rate, at least 0
/// @param alpha decay rate of the mean of squares, between 0 and 1
/// @param eps added to the divisor, at least 0
/// @param weightDecay L2 penalty, this times p is added to g; at least 0
/// @param momentum what the buffer is multiplied by in each step, at least 0; 0 for no buffer
/// @param centered whether to divide by the standard deviation of the gradient
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record RmsPropConfig(
    double lr,
    double alpha,
    double eps,
    double weightDecay,
    double momentum,
    boolean centered,
    boolean maximize)
    implements UpdateRule {
  /// PyTorch's defaults.
  public static final RmsPropConfig DEFAULT =
      new RmsPropConfig(1e-2, 0.99, 1e-8, 0, 0, false, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public RmsPropConfig {
    list(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  private static List<Setting> list(
      double lr,
      double alpha,
      double eps,
      double weightDecay,
      double momentum,
      boolean centered,
      boolean maximize) {
    return List.of(
        Setting.atLeastZero("lr", lr),
        new Setting("alpha", alpha, Setting.Kind.FRACTION),
        Setting.atLeastZero("eps", eps),
        Setting.atLeastZero("weightDecay", weightDecay),
        Setting.atLeastZero("momentum", momentum),
        Setting.fixedFlag("centered", centered),
        Setting.flag("maximize", maximize));
  }

  @Override
  public String name() {
    return "rmsprop";
  }

  @Override
  public List<Setting> settings() {
    return list(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  @Override
  public List<State> states() {
    List<State> states = new ArrayList<>();
    states.add(State.nonNegative("square_avg"));
    if (centered) {
      states.add(State.of("grad_avg"));
    }
    if (momentum > 0) {
      states.add(State.of("momentum_buffer"));
    }
    return List.copyOf(states);
  }

  @Override
  public UpdateLoop loop() {
    if (centered) {
      return momentum > 0 ? Updates.RMSPROP_CENTERED_MOMENTUM : Updates.RMSPROP_CENTERED;
    }
    return momentum > 0 ? Updates.RMSPROP_MOMENTUM : Updates.RMSPROP;
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    double alpha = settings.get("alpha");
    c[0] = (float) -settings.get("lr");
    c[1] = (float) alpha;
    c[2] = (float) (1 - alpha);
    c[3] = (float) settings.get("eps");
    c[4] = (float) settings.get("momentum");
  }

  @Override
  public void check(UpdateSettings settings) {
    Buffers.requireMomentum(momentum, settings);
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public RmsPropConfig withLearningRate(double lr) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// {@return these settings with another `alpha`}
  ///
  /// @param alpha decay rate of the mean of squares, between 0 and 1
  public RmsPropConfig withAlpha(double alpha) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// {@return these settings with another `eps`}
  ///
  /// @param eps added to the divisor, at least 0
  public RmsPropConfig withEps(double eps) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay L2 penalty, this times p is added to g; at least 0
  public RmsPropConfig withWeightDecay(double weightDecay) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// {@return these settings with another `momentum`}
  ///
  /// @param momentum what the buffer is multiplied by in each step, at least 0; 0 for no buffer
  public RmsPropConfig withMomentum(double momentum) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// {@return these settings with another `centered`}
  ///
  /// @param centered whether to divide by the standard deviation of the gradient
  public RmsPropConfig withCentered(boolean centered) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public RmsPropConfig withMaximize(boolean maximize) {
    return new RmsPropConfig(lr, alpha, eps, weightDecay, momentum, centered, maximize);
  }
}
