package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Setting;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.lang.foreign.Arena;
import java.util.List;

/// Settings of Muon, for the matrices of hidden layers: the momentum b = lerp(b, g, 1 - momentum),
/// or with Nesterov's step lerp(g, b, momentum), is turned into a nearly orthogonal matrix x by
/// steps of Newton and Schulz, p -= lr sqrt(max(1, rows / cols)) x. Names and defaults are
/// PyTorch's.
///
/// Source: Jordan et al. (2024), Muon: An optimizer for hidden layers in neural networks. The
/// steps are in float32, where PyTorch has bfloat16.
///
/// State: `momentum_buffer` (b). A step works in 8 more bytes for each parameter, 8 for each
/// element of x x^T, and what [io.github.lanewise.core.Gemm] needs. All parameters have two
/// dimensions.
///
/// @param lr learning rate, at least 0
/// @param weightDecay decoupled decay, p loses lr times this part of itself; at least 0
/// @param momentum share of the old momentum, at least 0
/// @param nesterov whether to take Nesterov's step
/// @param nsA the first coefficient of a step
/// @param nsB the second coefficient
/// @param nsC the third coefficient
/// @param eps the smallest norm that the matrix is divided by, at least 0
/// @param nsSteps the number of steps, a whole number below 100
/// @param matchRms whether the step is lr 0.2 sqrt(max(rows, cols)) x, PyTorch's match_rms_adamw
/// @param maximize whether the loss is to grow, so that each step goes along g instead of against
///     it
public record MuonConfig(
    double lr,
    double weightDecay,
    double momentum,
    boolean nesterov,
    double nsA,
    double nsB,
    double nsC,
    double eps,
    double nsSteps,
    boolean matchRms,
    boolean maximize)
    implements TensorRule {
  /// PyTorch's defaults.
  public static final MuonConfig DEFAULT =
      new MuonConfig(1e-3, 0.1, 0.95, true, 3.4445, -4.7750, 2.0315, 1e-7, 5, false, false);

  /// Creates the configuration.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public MuonConfig {
    list(lr, weightDecay, momentum, nesterov, nsA, nsB, nsC, eps, nsSteps, matchRms, maximize);
    requireSteps(nsSteps);
  }

  private static List<Setting> list(
      double lr,
      double weightDecay,
      double momentum,
      boolean nesterov,
      double nsA,
      double nsB,
      double nsC,
      double eps,
      double nsSteps,
      boolean matchRms,
      boolean maximize) {
    return List.of(
        Setting.atLeastZero("lr", lr),
        Setting.atLeastZero("weightDecay", weightDecay),
        Setting.atLeastZero("momentum", momentum),
        Setting.flag("nesterov", nesterov),
        new Setting("nsA", nsA, Setting.Kind.FINITE),
        new Setting("nsB", nsB, Setting.Kind.FINITE),
        new Setting("nsC", nsC, Setting.Kind.FINITE),
        Setting.atLeastZero("eps", eps),
        Setting.atLeastZero("nsSteps", nsSteps),
        Setting.flag("matchRms", matchRms),
        Setting.flag("maximize", maximize));
  }

  @Override
  public String name() {
    return "muon";
  }

  @Override
  public List<Setting> settings() {
    return list(
        lr, weightDecay, momentum, nesterov, nsA, nsB, nsC, eps, nsSteps, matchRms, maximize);
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
    return new Muon(arena, parameter, precision);
  }

  @Override
  public Decay decay(UpdateSettings settings) {
    return Decay.OWN;
  }

  @Override
  public boolean countsSteps() {
    return false;
  }

  @Override
  public void check(UpdateSettings settings) {
    requireSteps(settings.get("nsSteps"));
  }

  private static void requireSteps(double steps) {
    if (steps >= 100 || steps != Math.rint(steps)) {
      throw new IllegalArgumentException(
          "nsSteps is " + steps + ", must be a whole number below 100");
    }
  }

  /// {@return these settings with another `lr`}
  ///
  /// @param lr learning rate, at least 0
  public MuonConfig withLearningRate(double lr) {
    return new MuonConfig(
        lr, weightDecay, momentum, nesterov, nsA, nsB, nsC, eps, nsSteps, matchRms, maximize);
  }

  /// {@return these settings with another `weightDecay`}
  ///
  /// @param weightDecay decoupled decay, p loses lr times this part of itself; at least 0
  public MuonConfig withWeightDecay(double weightDecay) {
    return new MuonConfig(
        lr, weightDecay, momentum, nesterov, nsA, nsB, nsC, eps, nsSteps, matchRms, maximize);
  }

  /// {@return these settings with another `momentum`}
  ///
  /// @param momentum share of the old momentum, at least 0
  public MuonConfig withMomentum(double momentum) {
    return new MuonConfig(
        lr, weightDecay, momentum, nesterov, nsA, nsB, nsC, eps, nsSteps, matchRms, maximize);
  }

  /// {@return these settings with another `nesterov`}
  ///
  /// @param nesterov whether to take Nesterov's step
  public MuonConfig withNesterov(boolean nesterov) {
    return new MuonConfig(
        lr, weightDecay, momentum, nesterov, nsA, nsB, nsC, eps, nsSteps, matchRms, maximize);
  }

  /// {@return these settings with another `nsA`}
  ///
  /// @param nsA the first coefficient of a step
  public MuonConfig withNsA(double nsA) {
    return new MuonConfig(
        lr, weightDecay, momentum, nesterov, nsA, nsB, nsC, eps, nsSteps, matchRms, maximize);
  }

  /// {@return these settings with another `nsB`}
  ///
  /// @param nsB the second coefficient
  public MuonConfig withNsB(double nsB) {
    return new MuonConfig(
        lr, weightDecay, momentum, nesterov, nsA, nsB, nsC, eps, nsSteps, matchRms, maximize);
  }

  /// {@return these settings with another `nsC`}
  ///
  /// @param nsC the third coefficient
  public MuonConfig withNsC(double nsC) {
    return new MuonConfig(
        lr, weightDecay, momentum, nesterov, nsA, nsB, nsC, eps, nsSteps, matchRms, maximize);
  }

  /// {@return these settings with another `eps`}
  ///
  /// @param eps the smallest norm that the matrix is divided by, at least 0
  public MuonConfig withEps(double eps) {
    return new MuonConfig(
        lr, weightDecay, momentum, nesterov, nsA, nsB, nsC, eps, nsSteps, matchRms, maximize);
  }

  /// {@return these settings with another `nsSteps`}
  ///
  /// @param nsSteps the number of steps, a whole number below 100
  public MuonConfig withNsSteps(double nsSteps) {
    return new MuonConfig(
        lr, weightDecay, momentum, nesterov, nsA, nsB, nsC, eps, nsSteps, matchRms, maximize);
  }

  /// {@return these settings with another `matchRms`}
  ///
  /// @param matchRms whether the step is lr 0.2 sqrt(max(rows, cols)) x, PyTorch's
  ///     match_rms_adamw
  public MuonConfig withMatchRms(boolean matchRms) {
    return new MuonConfig(
        lr, weightDecay, momentum, nesterov, nsA, nsB, nsC, eps, nsSteps, matchRms, maximize);
  }

  /// {@return these settings with another `maximize`}
  ///
  /// @param maximize whether the loss is to grow, so that each step goes along g instead of
  ///     against it
  public MuonConfig withMaximize(boolean maximize) {
    return new MuonConfig(
        lr, weightDecay, momentum, nesterov, nsA, nsB, nsC, eps, nsSteps, matchRms, maximize);
  }
}
