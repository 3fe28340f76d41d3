package io.github.lanewise.optim.schedule;

import java.util.List;

/// Follows one schedule up to a milestone, then the next, which counts its steps from there: a
/// warmup and then a decay. PyTorch's `SequentialLR`.
///
/// Each schedule begins anew from the base, except for [MultiplicativeLr], which goes on from the
/// rate that it finds. [ReduceLrOnPlateau] cannot be part of a sequence, since it needs a metric.
///
/// [#learningRate] goes through all steps up to the one that is asked for; a [Scheduler] takes one
/// step at a time.
///
/// @param schedules in the order in which they are followed, at least one
/// @param milestones the first step of each schedule but the first: rising, at least 1
public record SequentialLr(List<Schedule> schedules, List<Long> milestones) implements Schedule {
  /// Creates the schedule.
  ///
  /// @throws IllegalArgumentException if the list of schedules is empty, if there is not one
  ///     milestone fewer than there are schedules, or if milestones do not rise
  public SequentialLr {
    schedules = Require.notEmpty(schedules);
    milestones = List.copyOf(milestones);
    if (milestones.size() != schedules.size() - 1) {
      throw new IllegalArgumentException(
          "there are %d schedules, which need %d milestones, but there are %d"
              .formatted(schedules.size(), schedules.size() - 1, milestones.size()));
    }
    long last = 0;
    for (long milestone : milestones) {
      if (milestone <= last) {
        throw new IllegalArgumentException(
            "milestones is " + milestones + ", must rise from at least 1");
      }
      last = milestone;
    }
  }

  /// {@return one schedule up to a step, and another from there on}
  ///
  /// @param first until the step before the milestone
  /// @param milestone the first step of `second`, at least 1
  /// @param second counts its steps from the milestone on
  /// @throws IllegalArgumentException if the milestone is below 1
  public static SequentialLr of(Schedule first, long milestone, Schedule second) {
    return new SequentialLr(List.of(first, second), List.of(milestone));
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
    int current = at(step);
    if (current > 0 && step == milestones.get(current - 1)) {
      return schedules.get(current).takeOver(previous, base);
    }
    if (step == 0) {
      return schedules.getFirst().learningRate(0, base);
    }
    return schedules.get(current).after(previous, step - start(current), base);
  }

  @Override
  public boolean movesMomentum() {
    return schedules.stream().anyMatch(Schedule::movesMomentum);
  }

  @Override
  public double momentum(double current, long step) {
    int at = at(step);
    return schedules.get(at).momentum(current, step - start(at));
  }

  private int at(long step) {
    Require.step(step);
    int at = 0;
    while (at < milestones.size() && milestones.get(at) <= step) {
      at++;
    }
    return at;
  }

  private long start(int schedule) {
    return schedule == 0 ? 0 : milestones.get(schedule - 1);
  }
}
