package io.github.lanewise.optim.schedule;

/// Multiplies the learning rate by `gamma` every `stepSize` steps: base gamma^floor(step /
/// stepSize). PyTorch's `StepLR`.
///
/// @param stepSize steps between two changes, at least 1
/// @param gamma finite and at least 0; PyTorch's default is 0.1
public record StepLr(long stepSize, double gamma) implements Schedule {
  /// Creates the schedule.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public StepLr {
    Require.atLeastOne("stepSize", stepSize);
    Require.atLeastZero("gamma", gamma);
  }

  /// {@return the schedule with PyTorch's default `gamma`, 0.1}
  ///
  /// @param stepSize steps between two changes, at least 1
  /// @throws IllegalArgumentException if it is below 1
  public static StepLr of(long stepSize) {
    return new StepLr(stepSize, 0.1);
  }

  @Override
  public double learningRate(long step, double base) {
    Require.step(step);
    long changes = step / stepSize;
    return base * StrictMath.pow(gamma, (double) changes);
  }

  @Override
  public double after(double previous, long step, double base) {
    Require.step(step);
    return step > 0 && step % stepSize == 0 ? previous * gamma : previous;
  }
}
