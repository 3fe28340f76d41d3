package io.github.lanewise.optim.schedule;

import java.util.Objects;

/// Multiplies the learning rate by `factor` when a metric, such as the loss on held-out data, has
/// not improved for more than `patience` steps. PyTorch's `ReduceLROnPlateau`.
///
/// These are the settings; a [PlateauScheduler] follows them. A NaN is no improvement.
///
/// @param mode whether a smaller or a larger metric is better; PyTorch's default is smaller
/// @param factor at least 0 and below 1; PyTorch's default is 0.1
/// @param patience steps without an improvement that are put up with, at least 0; PyTorch's default
///     is 10
/// @param threshold by how much a metric must be better to count, finite and at least 0; PyTorch's
///     default is 1e-4
/// @param thresholdMode whether `threshold` is a share of the best metric; PyTorch's default is
///     that it is
/// @param cooldown steps after a change in which nothing is counted, at least 0; PyTorch's default
///     is 0
/// @param minLr the learning rate does not fall below it; finite and at least 0; PyTorch's default
///     is 0
/// @param eps a change of the learning rate by no more than this is not made; finite and at least
///     0; PyTorch's default is 1e-8
public record ReduceLrOnPlateau(
    Mode mode,
    double factor,
    long patience,
    double threshold,
    ThresholdMode thresholdMode,
    long cooldown,
    double minLr,
    double eps) {

  /// Which metrics are better.
  public enum Mode {
    /// Smaller ones, such as a loss.
    MIN,
    /// Larger ones, such as an accuracy.
    MAX
  }

  /// What a threshold is measured in.
  public enum ThresholdMode {
    /// A share of the best metric.
    REL,
    /// The metric's own unit.
    ABS
  }

  /// PyTorch's defaults.
  public static final ReduceLrOnPlateau DEFAULT =
      new ReduceLrOnPlateau(Mode.MIN, 0.1, 10, 1e-4, ThresholdMode.REL, 0, 0, 1e-8);

  /// Creates the settings.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public ReduceLrOnPlateau {
    Objects.requireNonNull(mode, "mode is null");
    Require.belowOne("factor", factor);
    Require.countAtLeastZero("patience", patience);
    Require.atLeastZero("threshold", threshold);
    Objects.requireNonNull(thresholdMode, "thresholdMode is null");
    Require.countAtLeastZero("cooldown", cooldown);
    Require.atLeastZero("minLr", minLr);
    Require.atLeastZero("eps", eps);
  }

  /// {@return these settings with another `mode`}
  ///
  /// @param mode whether a smaller or a larger metric is better
  public ReduceLrOnPlateau withMode(Mode mode) {
    return new ReduceLrOnPlateau(
        mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps);
  }

  /// {@return these settings with another `factor`}
  ///
  /// @param factor at least 0 and below 1
  public ReduceLrOnPlateau withFactor(double factor) {
    return new ReduceLrOnPlateau(
        mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps);
  }

  /// {@return these settings with another `patience`}
  ///
  /// @param patience steps without an improvement that are put up with, at least 0
  public ReduceLrOnPlateau withPatience(long patience) {
    return new ReduceLrOnPlateau(
        mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps);
  }

  /// {@return these settings with another threshold}
  ///
  /// @param threshold by how much a metric must be better to count, finite and at least 0
  /// @param thresholdMode whether `threshold` is a share of the best metric
  public ReduceLrOnPlateau withThreshold(double threshold, ThresholdMode thresholdMode) {
    return new ReduceLrOnPlateau(
        mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps);
  }

  /// {@return these settings with another `cooldown`}
  ///
  /// @param cooldown steps after a change in which nothing is counted, at least 0
  public ReduceLrOnPlateau withCooldown(long cooldown) {
    return new ReduceLrOnPlateau(
        mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps);
  }

  /// {@return these settings with another `minLr`}
  ///
  /// @param minLr the learning rate does not fall below it; finite and at least 0
  public ReduceLrOnPlateau withMinLr(double minLr) {
    return new ReduceLrOnPlateau(
        mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps);
  }

  /// {@return these settings with another `eps`}
  ///
  /// @param eps a change of the learning rate by no more than this is not made; finite and at least
  ///     0
  public ReduceLrOnPlateau withEps(double eps) {
    return new ReduceLrOnPlateau(
        mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps);
  }

  /// A metric that every other one is better than.
  double worst() {
    return mode == Mode.MIN ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
  }

  boolean isBetter(double metric, double best) {
    boolean relative = thresholdMode == ThresholdMode.REL;
    return switch (mode) {
      case MIN -> metric < (relative ? best * (1 - threshold) : best - threshold);
      case MAX -> metric > (relative ? best * (1 + threshold) : best + threshold);
    };
  }

  /// The learning rate after a plateau.
  double reduced(double learningRate) {
    double lower = Math.max(learningRate * factor, minLr);
    return learningRate - lower > eps ? lower : learningRate;
  }
}
