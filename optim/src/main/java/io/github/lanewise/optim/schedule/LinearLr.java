package io.github.lanewise.optim.schedule;

/// Multiplies the learning rate by a factor that goes in a straight line from `startFactor` at step
/// 0 to `endFactor` at step `totalIters`, and stays there: a warmup. PyTorch's `LinearLR`.
///
/// @param startFactor above 0 and at most 1; PyTorch's default is 1/3
/// @param endFactor between 0 and 1; PyTorch's default is 1
/// @param totalIters steps, at least 1; PyTorch's default is 5
public record LinearLr(double startFactor, double endFactor, long totalIters) implements Schedule {
  /// PyTorch's defaults.
  public static final LinearLr DEFAULT = new LinearLr(1.0 / 3, 1, 5);

  /// Creates the schedule.
  ///
  /// @throws IllegalArgumentException if a value is NaN or outside its range
  public LinearLr {
    Require.positiveFraction("startFactor", startFactor);
    Require.fraction("endFactor", endFactor);
    Require.atLeastOne("totalIters", totalIters);
  }

  @Override
  public double learningRate(long step, double base) {
    Require.step(step);
    double passed = Math.min(totalIters, step);
    return base * (startFactor + (endFactor - startFactor) * passed / totalIters);
  }

  @Override
  public double after(double previous, long step, double base) {
    Require.step(step);
    if (step == 0) {
      return previous * startFactor;
    }
    if (step > totalIters) {
      return previous;
    }
    double rise = endFactor - startFactor;
    // On the way to 0, rounding would end below it.
    return Math.max(0, previous * (1 + rise / (totalIters * startFactor + (step - 1) * rise)));
  }
}
