package io.github.lanewise.optim.schedule;

/// Multiplies the learning rate by `factor` for the first `totalIters` steps, and then leaves it at
/// the base. PyTorch's `ConstantLR`.
///
/// @param factor above 0 and at most 1; PyTorch's default is 1/3. PyTorch takes 0 too, and then
///     divides by it after `totalIters` steps.
/// @param totalIters steps, at least 1; PyTorch's default is 5
public record ConstantLr(double factor, long totalIters) implements Schedule {
  /// PyTorch's defaults.
  public static final ConstantLr DEFAULT = new ConstantLr(1.0 / 3, 5);

  /// Creates the schedule.
  ///
  /// @throws IllegalArgumentException if a value is NaN or outside its range
  public ConstantLr {
    Require.positiveFraction("factor", factor);
    Require.atLeastOne("totalIters", totalIters);
  }

  @Override
  public double learningRate(long step, double base) {
    Require.step(step);
    return step < totalIters ? base * factor : base;
  }

  @Override
  public double after(double previous, long step, double base) {
    Require.step(step);
    if (step == 0) {
      return previous * factor;
    }
    return step == totalIters ? previous * (1 / factor) : previous;
  }
}
