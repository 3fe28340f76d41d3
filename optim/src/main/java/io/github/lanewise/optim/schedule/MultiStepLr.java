package io.github.lanewise.optim.schedule;

import java.util.List;
import java.util.stream.LongStream;

/// Multiplies the learning rate by `gamma` at each milestone: base gamma^k, where k is the number
/// of milestones that are at most the step. PyTorch's `MultiStepLR`.
///
/// @param milestones steps, at least 0, in any order; one that is given twice counts twice
/// @param gamma finite and at least 0; PyTorch's default is 0.1
public record MultiStepLr(List<Long> milestones, double gamma) implements Schedule {
  /// Creates the schedule.
  ///
  /// @throws IllegalArgumentException if a value is NaN, infinite or outside its range
  public MultiStepLr {
    milestones = List.copyOf(milestones);
    for (long milestone : milestones) {
      Require.countAtLeastZero("a milestone", milestone);
    }
    Require.atLeastZero("gamma", gamma);
  }

  /// {@return the schedule with PyTorch's default `gamma`, 0.1}
  ///
  /// @param milestones steps, at least 0
  /// @throws IllegalArgumentException if one is negative
  public static MultiStepLr of(long... milestones) {
    return new MultiStepLr(LongStream.of(milestones).boxed().toList(), 0.1);
  }

  @Override
  public double learningRate(long step, double base) {
    Require.step(step);
    int passed = 0;
    for (int i = 0; i < milestones.size(); i++) {
      passed += milestones.get(i) <= step ? 1 : 0;
    }
    return base * StrictMath.pow(gamma, passed);
  }

  @Override
  public double after(double previous, long step, double base) {
    Require.step(step);
    int met = 0;
    for (int i = 0; i < milestones.size(); i++) {
      met += milestones.get(i) == step ? 1 : 0;
    }
    return previous * StrictMath.pow(gamma, met);
  }
}
