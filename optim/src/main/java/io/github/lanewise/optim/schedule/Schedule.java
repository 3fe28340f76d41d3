package io.github.lanewise.optim.schedule;

/// Says which learning rate is in force at each step.
///
/// Steps count from 0: the rate of step 0 is in force when the optimizer steps for the first time.
/// A schedule is immutable and keeps no count, so that any number of runs may share it; a
/// [Scheduler] keeps the count of one run.
///
/// [#learningRate] alone describes a schedule, so a lambda can be one. [#after] and [#takeOver]
/// serve those who combine schedules. They matter where a schedule changes the rate that it finds
/// instead of setting it: half the rate after ten steps is half of whatever it is by then.
@FunctionalInterface
public interface Schedule {
  /// {@return the learning rate in force at a step, of a run that has only this schedule}
  ///
  /// @param step from 0 on
  /// @param base the learning rate that the optimizer was made with
  /// @throws IllegalArgumentException if the step is negative, or past the end of a schedule that
  ///     has one
  double learningRate(long step, double base);

  /// {@return the learning rate in force at a step, given the rate that was in force before}
  ///
  /// This is what a [Scheduler] calls. Without anybody else who changes the rate it agrees with
  /// [#learningRate] but for rounding. As it stands here, it sets the rate of [#learningRate]
  /// whatever the rate was.
  ///
  /// @param previous the rate at the step before; for step 0, the rate to begin with
  /// @param step from 0 on
  /// @param base the learning rate that the optimizer was made with
  /// @throws IllegalArgumentException if the step is negative, or past the end of a schedule that
  ///     has one
  default double after(double previous, long step, double base) {
    return learningRate(step, base);
  }

  /// {@return the learning rate of step 0 when this schedule takes over from another}
  ///
  /// A [SequentialLr] calls it. As it stands here, the schedule begins anew from the base.
  ///
  /// @param previous the rate that the other schedule has left
  /// @param base the learning rate that the optimizer was made with
  default double takeOver(double previous, double base) {
    return learningRate(0, base);
  }

  /// {@return whether the schedule also sets the momentum}
  default boolean movesMomentum() {
    return false;
  }

  /// {@return the momentum in force at a step}
  ///
  /// @param current the momentum at the step before, which is the result if the schedule does not
  ///     move the momentum
  /// @param step from 0 on
  /// @throws IllegalArgumentException if the step is negative, or past the end of a schedule that
  ///     has one
  default double momentum(double current, long step) {
    return current;
  }

  /// {@return what a saved state calls this kind of schedule}
  default String name() {
    return getClass().isHidden() ? "Schedule" : getClass().getSimpleName();
  }
}
