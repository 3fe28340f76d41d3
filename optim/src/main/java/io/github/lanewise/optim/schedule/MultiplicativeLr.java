package io.github.lanewise.optim.schedule;

import java.util.Objects;
import java.util.function.LongToDoubleFunction;

/// Multiplies the learning rate of the step before by a function of the step, from step 1 on.
/// PyTorch's `MultiplicativeLR`.
///
/// [#learningRate] calls the function once for each step up to the one that is asked for; a
/// [Scheduler] calls it once a step.
///
/// @param lrLambda from the step to a factor; the same for the same step
public record MultiplicativeLr(LongToDoubleFunction lrLambda) implements Schedule {
  /// Creates the schedule.
  public MultiplicativeLr {
    Objects.requireNonNull(lrLambda, "lrLambda is null");
  }

  @Override
  public double learningRate(long step, double base) {
    Require.step(step);
    double rate = base;
    for (long s = 1; s <= step; s++) {
      rate *= lrLambda.applyAsDouble(s);
    }
    return rate;
  }

  @Override
  public double after(double previous, long step, double base) {
    Require.step(step);
    return step > 0 ? previous * lrLambda.applyAsDouble(step) : previous;
  }

  /// {@return the rate that the other schedule has left, times the function at 0}
  @Override
  public double takeOver(double previous, double base) {
    return previous * lrLambda.applyAsDouble(0);
  }
}
