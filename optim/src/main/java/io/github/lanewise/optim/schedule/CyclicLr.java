package io.github.lanewise.optim.schedule;

import java.util.Objects;

/// Lets the learning rate go up and down in straight lines between `baseLr` and `maxLr`, while the
/// momentum goes down and up. PyTorch's `CyclicLR`.
///
/// The rates are those of the schedule: the base is not used.
///
/// Source: Smith (2017), Cyclical Learning Rates for Training Neural Networks.
///
/// @param baseLr the learning rate at the beginning of each cycle, finite and at least 0
/// @param maxLr the highest learning rate of the first cycle, finite and at least 0
/// @param stepSizeUp steps from `baseLr` to the top, at least 1; PyTorch's default is 2000
/// @param stepSizeDown steps down from there, at least 1; PyTorch's default is `stepSizeUp`
/// @param mode how the height of the cycles changes; PyTorch's default is not at all
/// @param gamma the height's factor for each step in the mode `EXP_RANGE`, finite and at least 0;
///     PyTorch's default is 1
/// @param cycleMomentum whether the momentum moves too; PyTorch's default is true
/// @param baseMomentum the momentum at the highest rate, at least 0 and below 1; PyTorch's default
///     is 0.8
/// @param maxMomentum the momentum at the beginning of each cycle, at least 0 and below 1;
///     PyTorch's default is 0.9
public record CyclicLr(
    double baseLr,
    double maxLr,
    long stepSizeUp,
    long stepSizeDown,
    Mode mode,
    double gamma,
    boolean cycleMomentum,
    double baseMomentum,
    double maxMomentum)
    implements Schedule {

  /// How the height of the cycles changes.
  public enum Mode {
    /// All cycles are equally high.
    TRIANGULAR,
    /// Each cycle is half as high as the one before.
    TRIANGULAR2,
    /// The height is that of the first cycle times gamma^step.
    EXP_RANGE
  }

  /// Creates the schedule.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public CyclicLr {
    Require.atLeastZero("baseLr", baseLr);
    Require.atLeastZero("maxLr", maxLr);
    Require.atLeastOne("stepSizeUp", stepSizeUp);
    Require.atLeastOne("stepSizeDown", stepSizeDown);
    Objects.requireNonNull(mode, "mode is null");
    Require.atLeastZero("gamma", gamma);
    Require.belowOne("baseMomentum", baseMomentum);
    Require.belowOne("maxMomentum", maxMomentum);
  }

  /// {@return the schedule with PyTorch's defaults}
  ///
  /// @param baseLr the learning rate at the beginning of each cycle, finite and at least 0
  /// @param maxLr the highest learning rate, finite and at least 0
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public static CyclicLr of(double baseLr, double maxLr) {
    return new CyclicLr(baseLr, maxLr, 2000, 2000, Mode.TRIANGULAR, 1, true, 0.8, 0.9);
  }

  /// {@return these settings with other lengths of the two sides of a cycle}
  ///
  /// @param stepSizeUp steps from `baseLr` to the top, at least 1
  /// @param stepSizeDown steps down from there, at least 1
  public CyclicLr withStepSizes(long stepSizeUp, long stepSizeDown) {
    return new CyclicLr(
        baseLr,
        maxLr,
        stepSizeUp,
        stepSizeDown,
        mode,
        gamma,
        cycleMomentum,
        baseMomentum,
        maxMomentum);
  }

  /// {@return these settings with another mode}
  ///
  /// @param mode how the height of the cycles changes
  /// @param gamma the height's factor for each step in the mode `EXP_RANGE`, finite and at least 0
  public CyclicLr withMode(Mode mode, double gamma) {
    return new CyclicLr(
        baseLr,
        maxLr,
        stepSizeUp,
        stepSizeDown,
        mode,
        gamma,
        cycleMomentum,
        baseMomentum,
        maxMomentum);
  }

  /// {@return these settings for an optimizer whose momentum stays, or that has none}
  public CyclicLr withoutMomentum() {
    return withMomentum(false, baseMomentum, maxMomentum);
  }

  /// {@return these settings with other momenta}
  ///
  /// @param baseMomentum the momentum at the highest rate, at least 0 and below 1
  /// @param maxMomentum the momentum at the beginning of each cycle, at least 0 and below 1
  public CyclicLr withMomentum(double baseMomentum, double maxMomentum) {
    return withMomentum(true, baseMomentum, maxMomentum);
  }

  private CyclicLr withMomentum(boolean cycleMomentum, double baseMomentum, double maxMomentum) {
    return new CyclicLr(
        baseLr,
        maxLr,
        stepSizeUp,
        stepSizeDown,
        mode,
        gamma,
        cycleMomentum,
        baseMomentum,
        maxMomentum);
  }

  @Override
  public double learningRate(long step, double base) {
    return baseLr + (maxLr - baseLr) * triangle(step) * scale(step);
  }

  @Override
  public boolean movesMomentum() {
    return cycleMomentum;
  }

  @Override
  public double momentum(double current, long step) {
    return cycleMomentum
        ? maxMomentum - (maxMomentum - baseMomentum) * triangle(step) * scale(step)
        : current;
  }

  /// How high the step stands in its cycle, between 0 and 1.
  private double triangle(long step) {
    Require.step(step);
    double total = (double) stepSizeUp + stepSizeDown;
    double top = stepSizeUp / total;
    double x = 1 + step / total - cycle(step);
    return x <= top ? x / top : (x - 1) / (top - 1);
  }

  /// The number of the cycle that the step lies in, from 1 on.
  private double cycle(long step) {
    return Math.floor(1 + step / ((double) stepSizeUp + stepSizeDown));
  }

  private double scale(long step) {
    return switch (mode) {
      case TRIANGULAR -> 1;
      case TRIANGULAR2 -> StrictMath.pow(0.5, cycle(step) - 1);
      case EXP_RANGE -> StrictMath.pow(gamma, (double) step);
    };
  }
}
