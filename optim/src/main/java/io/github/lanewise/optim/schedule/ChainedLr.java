package io.github.lanewise.optim.schedule;

import java.util.List;

/// Applies several schedules at each step, one after the other: each changes the rate that the one
/// before it has left. PyTorch's `ChainedScheduler`.
///
/// A schedule that sets the rate, whatever it was, hides those before it in the list: [LambdaLr],
/// [CosineAnnealingWarmRestarts], [OneCycleLr], [CyclicLr], and one that has only a formula for
/// [#learningRate].
///
/// [#learningRate] goes through all steps up to the one that is asked for; a [Scheduler] takes one
/// step at a time.
///
/// @param schedules in the order in which they are applied, at least one
public record ChainedLr(List<Schedule> schedules) implements Schedule {
  /// Creates the schedule.
  ///
  /// @throws IllegalArgumentException if the list is empty
  public ChainedLr {
    schedules = Require.notEmpty(schedules);
  }

  /// {@return the chain of these schedules}
  ///
  /// @param schedules in the order in which they are applied, at least one
  /// @throws IllegalArgumentException if there is none
  public static ChainedLr of(Schedule... schedules) {
    return new ChainedLr(List.of(schedules));
  }

  @Override
  public double learningRate(long step, double base) {
    Require.step(step);
    double rate = base;
    for (long s = 0; s <= step; s++) {
      rate = after(rate, s, base);
    }
    return rate;
  }

  @Override
  public double after(double previous, long step, double base) {
    double rate = previous;
    for (int i = 0; i < schedules.size(); i++) {
      rate = schedules.get(i).after(rate, step, base);
    }
    return rate;
  }

  @Override
  public boolean movesMomentum() {
    return schedules.stream().anyMatch(Schedule::movesMomentum);
  }

  @Override
  public double momentum(double current, long step) {
    double momentum = current;
    for (int i = 0; i < schedules.size(); i++) {
      momentum = schedules.get(i).momentum(momentum, step);
    }
    return momentum;
  }
}
