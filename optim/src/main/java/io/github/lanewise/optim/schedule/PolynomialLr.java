package io.github.lanewise.optim.schedule;

/// Lets the learning rate fall to 0 in `totalIters` steps, along a power:
/// base (1 - min(step, totalIters) / totalIters)^power. PyTorch's `PolynomialLR`.
///
/// @param totalIters steps, at least 1; PyTorch's default is 5
/// @param power finite and at least 0; PyTorch's default is 1, a straight line
public record PolynomialLr(long totalIters, double power) implements Schedule {
  /// PyTorch's defaults.
  public static final PolynomialLr DEFAULT = new PolynomialLr(5, 1);

  /// Creates the schedule.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public PolynomialLr {
    Require.atLeastOne("totalIters", totalIters);
    Require.atLeastZero("power", power);
  }

  @Override
  public double learningRate(long step, double base) {
    Require.step(step);
    double left = 1 - Math.min(totalIters, step) / (double) totalIters;
    return base * StrictMath.pow(left, power);
  }

  @Override
  public double after(double previous, long step, double base) {
    Require.step(step);
    if (step == 0 || step > totalIters) {
      return previous;
    }
    double left = 1 - step / (double) totalIters;
    double leftBefore = 1 - (step - 1) / (double) totalIters;
    return previous * StrictMath.pow(left / leftBefore, power);
  }
}
