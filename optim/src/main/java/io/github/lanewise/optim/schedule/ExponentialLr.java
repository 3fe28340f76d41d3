package io.github.lanewise.optim.schedule;

/// Multiplies the learning rate by `gamma` at each step: base gamma^step. PyTorch's
/// `ExponentialLR`.
///
/// @param gamma finite and at least 0
public record ExponentialLr(double gamma) implements Schedule {
  /// Creates the schedule.
  ///
  /// @throws IllegalArgumentException if `gamma` is NaN, infinite or negative
  public ExponentialLr {
    Require.atLeastZero("gamma", gamma);
  }

  @Override
  public double learningRate(long step, double base) {
    Require.step(step);
    return base * StrictMath.pow(gamma, (double) step);
  }

  @Override
  public double after(double previous, long step, double base) {
    Require.step(step);
    return step > 0 ? previous * gamma : previous;
  }
}
