package io.github.lanewise.optim.schedule;

import java.util.Objects;

/// Lets the learning rate rise to `maxLr` and then fall far below where it began, once, while the
/// momentum falls and rises. PyTorch's `OneCycleLR`.
///
/// The rate begins at maxLr / divFactor, is `maxLr` at step pctStart totalSteps - 1, and ends at
/// maxLr / divFactor / finalDivFactor at step totalSteps - 1. With `threePhase` it falls to where
/// it began, as fast as it rose, and from there to the end. The base is not used.
///
/// PyTorch's driver asks for step totalSteps too, after the last step of the run. That step
/// continues the last curve, and a straight line then leads below 0, where a [Scheduler] sets 0.
/// Later steps are refused.
///
/// Source: Smith and Topin (2018), Super-Convergence: Very Fast Training of Neural Networks Using
/// Large Learning Rates. There the cycle has three phases.
///
/// @param maxLr the highest learning rate, finite and at least 0
/// @param totalSteps steps of the cycle, at least 1
/// @param pctStart the share of the steps in which the rate rises, between 0 and 1; PyTorch's
///     default is 0.3
/// @param annealStrategy the shape of the curves; PyTorch's default is a cosine
/// @param cycleMomentum whether the momentum moves too; PyTorch's default is true
/// @param baseMomentum the momentum at the highest rate, at least 0 and below 1; PyTorch's default
///     is 0.85
/// @param maxMomentum the momentum at the beginning and at the end, at least 0 and below 1;
///     PyTorch's default is 0.95
/// @param divFactor `maxLr` over the first rate, finite and above 0; PyTorch's default is 25
/// @param finalDivFactor the first rate over the last, finite and above 0; PyTorch's default is 1e4
/// @param threePhase whether the rate falls to where it began in a phase of its own; PyTorch's
///     default is false
public record OneCycleLr(
    double maxLr,
    long totalSteps,
    double pctStart,
    AnnealStrategy annealStrategy,
    boolean cycleMomentum,
    double baseMomentum,
    double maxMomentum,
    double divFactor,
    double finalDivFactor,
    boolean threePhase)
    implements Schedule {

  /// What a straight line past the last step may reach and an optimizer still takes.
  private static final double MOST_MOMENTUM = Math.nextDown(1.0);

  /// The curve from one rate to another.
  public enum AnnealStrategy {
    /// Half a cosine: flat at both ends.
    COS,
    /// A straight line.
    LINEAR
  }

  /// Creates the schedule.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public OneCycleLr {
    Require.atLeastZero("maxLr", maxLr);
    Require.atLeastOne("totalSteps", totalSteps);
    Require.fraction("pctStart", pctStart);
    Objects.requireNonNull(annealStrategy, "annealStrategy is null");
    Require.belowOne("baseMomentum", baseMomentum);
    Require.belowOne("maxMomentum", maxMomentum);
    Require.positive("divFactor", divFactor);
    Require.positive("finalDivFactor", finalDivFactor);
  }

  /// {@return the schedule with PyTorch's defaults}
  ///
  /// @param maxLr the highest learning rate, finite and at least 0
  /// @param totalSteps steps of the cycle, at least 1
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public static OneCycleLr of(double maxLr, long totalSteps) {
    return new OneCycleLr(
        maxLr, totalSteps, 0.3, AnnealStrategy.COS, true, 0.85, 0.95, 25, 1e4, false);
  }

  /// {@return these settings with another `pctStart`}
  ///
  /// @param pctStart between 0 and 1
  public OneCycleLr withPctStart(double pctStart) {
    return new OneCycleLr(
        maxLr,
        totalSteps,
        pctStart,
        annealStrategy,
        cycleMomentum,
        baseMomentum,
        maxMomentum,
        divFactor,
        finalDivFactor,
        threePhase);
  }

  /// {@return these settings with another `annealStrategy`}
  ///
  /// @param annealStrategy the shape of the curves
  public OneCycleLr withAnnealStrategy(AnnealStrategy annealStrategy) {
    return new OneCycleLr(
        maxLr,
        totalSteps,
        pctStart,
        annealStrategy,
        cycleMomentum,
        baseMomentum,
        maxMomentum,
        divFactor,
        finalDivFactor,
        threePhase);
  }

  /// {@return these settings for an optimizer whose momentum stays, or that has none}
  public OneCycleLr withoutMomentum() {
    return withMomentum(false, baseMomentum, maxMomentum);
  }

  /// {@return these settings with other momenta}
  ///
  /// @param baseMomentum the momentum at the highest rate, at least 0 and below 1
  /// @param maxMomentum the momentum at the beginning and at the end, at least 0 and below 1
  public OneCycleLr withMomentum(double baseMomentum, double maxMomentum) {
    return withMomentum(true, baseMomentum, maxMomentum);
  }

  private OneCycleLr withMomentum(boolean cycleMomentum, double baseMomentum, double maxMomentum) {
    return new OneCycleLr(
        maxLr,
        totalSteps,
        pctStart,
        annealStrategy,
        cycleMomentum,
        baseMomentum,
        maxMomentum,
        divFactor,
        finalDivFactor,
        threePhase);
  }

  /// {@return these settings with other quotients of rates}
  ///
  /// @param divFactor `maxLr` over the first rate, finite and above 0
  /// @param finalDivFactor the first rate over the last, finite and above 0
  public OneCycleLr withDivFactors(double divFactor, double finalDivFactor) {
    return new OneCycleLr(
        maxLr,
        totalSteps,
        pctStart,
        annealStrategy,
        cycleMomentum,
        baseMomentum,
        maxMomentum,
        divFactor,
        finalDivFactor,
        threePhase);
  }

  /// {@return these settings with another `threePhase`}
  ///
  /// @param threePhase whether the rate falls to where it began in a phase of its own
  public OneCycleLr withThreePhase(boolean threePhase) {
    return new OneCycleLr(
        maxLr,
        totalSteps,
        pctStart,
        annealStrategy,
        cycleMomentum,
        baseMomentum,
        maxMomentum,
        divFactor,
        finalDivFactor,
        threePhase);
  }

  @Override
  public double learningRate(long step, double base) {
    double first = maxLr / divFactor;
    double last = first / finalDivFactor;
    return along(step, first, maxLr, threePhase ? first : last, last);
  }

  @Override
  public double after(double previous, long step, double base) {
    return Math.max(0, learningRate(step, base));
  }

  @Override
  public boolean movesMomentum() {
    return cycleMomentum;
  }

  @Override
  public double momentum(double current, long step) {
    return cycleMomentum
        ? Math.min(MOST_MOMENTUM, along(step, maxMomentum, baseMomentum, maxMomentum, maxMomentum))
        : current;
  }

  /// The value at a step of a curve that goes from `first` to `top`, then to `second`, and then, in
  /// the third phase if there is one, to `last`.
  private double along(long step, double first, double top, double second, double last) {
    Require.step(step);
    if (step > totalSteps) {
      throw new IllegalArgumentException(
          "step is " + step + ", but the cycle has " + totalSteps + " steps");
    }
    double lastStep = totalSteps - 1.0;
    double topStep = pctStart * totalSteps - 1;
    if (step <= topStep) {
      return anneal(first, top, step, 0, topStep);
    }
    double secondStep = threePhase ? 2 * pctStart * totalSteps - 2 : lastStep;
    if (step <= secondStep || !threePhase) {
      return anneal(top, second, step, topStep, secondStep);
    }
    return anneal(second, last, step, secondStep, lastStep);
  }

  private double anneal(double from, double to, long step, double fromStep, double toStep) {
    // A phase without a length is at its end; PyTorch divides by zero.
    double passed =
        toStep > fromStep || toStep < fromStep ? (step - fromStep) / (toStep - fromStep) : 1;
    return annealStrategy == AnnealStrategy.COS
        ? to + (from - to) / 2 * (Cosine.cos(Math.PI * passed) + 1)
        : (to - from) * passed + from;
  }
}
