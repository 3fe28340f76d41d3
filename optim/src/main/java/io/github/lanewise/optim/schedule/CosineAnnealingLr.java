package io.github.lanewise.optim.schedule;

/// Lets the learning rate fall from the base to `etaMin` in `tMax` steps, along half a cosine:
/// etaMin + (base - etaMin) (1 + cos(pi step / tMax)) / 2. Later steps go on along the cosine, up
/// and down again. PyTorch's `CosineAnnealingLR`.
///
/// Source: Loshchilov and Hutter (2017), SGDR: Stochastic Gradient Descent with Warm Restarts,
/// without the restarts; those are [CosineAnnealingWarmRestarts].
///
/// @param tMax steps from the base to the minimum, at least 1
/// @param etaMin the lowest learning rate, finite and at least 0; PyTorch's default is 0
public record CosineAnnealingLr(long tMax, double etaMin) implements Schedule {
  /// Creates the schedule.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public CosineAnnealingLr {
    Require.atLeastOne("tMax", tMax);
    Require.atLeastZero("etaMin", etaMin);
  }

  /// {@return the schedule with PyTorch's default `etaMin`, 0}
  ///
  /// @param tMax steps from the base to the minimum, at least 1
  /// @throws IllegalArgumentException if it is below 1
  public static CosineAnnealingLr of(long tMax) {
    return new CosineAnnealingLr(tMax, 0);
  }

  @Override
  public double learningRate(long step, double base) {
    Require.step(step);
    return etaMin + (base - etaMin) * height(step) / 2;
  }

  @Override
  public double after(double previous, long step, double base) {
    Require.step(step);
    if (step == 0) {
      return previous;
    }
    if (step > tMax && (step - 1 - tMax) % (2 * tMax) == 0) {
      // The step before was the lowest, from which no ratio leads up again.
      return previous + (base - etaMin) * (1 - Cosine.cos(Math.PI / tMax)) / 2;
    }
    return height(step) / height(step - 1) * (previous - etaMin) + etaMin;
  }

  private double height(long step) {
    return 1 + Cosine.cos(Math.PI * step / tMax);
  }
}
