package io.github.lanewise.optim.schedule;

/// Lets the learning rate fall from the base towards `etaMin` along half a cosine, again and again:
/// the first cycle has `t0` steps, and each has `tMult` times as many as the one before. PyTorch's
/// `CosineAnnealingWarmRestarts`.
///
/// Source: Loshchilov and Hutter (2017), SGDR: Stochastic Gradient Descent with Warm Restarts.
///
/// @param t0 steps of the first cycle, at least 1
/// @param tMult at least 1; PyTorch's default is 1
/// @param etaMin the lowest learning rate, finite and at least 0; PyTorch's default is 0
public record CosineAnnealingWarmRestarts(long t0, long tMult, double etaMin) implements Schedule {
  /// Creates the schedule.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public CosineAnnealingWarmRestarts {
    Require.atLeastOne("t0", t0);
    Require.atLeastOne("tMult", tMult);
    Require.atLeastZero("etaMin", etaMin);
  }

  /// {@return the schedule with PyTorch's defaults: cycles of the same length, down to 0}
  ///
  /// @param t0 steps of a cycle, at least 1
  /// @throws IllegalArgumentException if it is below 1
  public static CosineAnnealingWarmRestarts of(long t0) {
    return new CosineAnnealingWarmRestarts(t0, 1, 0);
  }

  @Override
  public double learningRate(long step, double base) {
    Require.step(step);
    long cycle = t0;
    long inCycle = step;
    if (tMult == 1) {
      inCycle = step % t0;
    } else {
      while (inCycle >= cycle) {
        inCycle -= cycle;
        // A cycle that would be too long for a long lasts for ever.
        cycle = cycle > Long.MAX_VALUE / tMult ? Long.MAX_VALUE : cycle * tMult;
      }
    }
    return etaMin + (base - etaMin) * (1 + Cosine.cos(Math.PI * inCycle / cycle)) / 2;
  }
}
