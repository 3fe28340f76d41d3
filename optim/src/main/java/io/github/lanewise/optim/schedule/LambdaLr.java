package io.github.lanewise.optim.schedule;

import java.util.Objects;
import java.util.function.LongToDoubleFunction;

/// Multiplies the base by a function of the step. PyTorch's `LambdaLR`.
///
/// @param lrLambda from the step, which counts from 0, to a factor; the same for the same step
public record LambdaLr(LongToDoubleFunction lrLambda) implements Schedule {
  /// Creates the schedule.
  public LambdaLr {
    Objects.requireNonNull(lrLambda, "lrLambda is null");
  }

  @Override
  public double learningRate(long step, double base) {
    Require.step(step);
    return base * lrLambda.applyAsDouble(step);
  }
}
