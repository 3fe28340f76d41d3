package io.github.lanewise.optim.schedule;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Sets the learning rate of an optimizer as a schedule says, step by step, and the momentum if the
/// schedule moves it.
///
/// A scheduler sets the rate of step 0 when it is made, and the next one at each [#step], which is
/// to be called after the optimizer's own step. It takes the rate that it finds, so that a rate
/// which the caller has changed meanwhile is changed further and not overwritten, unless the
/// schedule sets it outright.
///
/// A [state][#state] is what a checkpoint keeps. A scheduler with the same schedule that
/// [loads][#loadState] it goes on bit for bit.
///
/// Not thread-safe. After construction, [#step] allocates nothing.
public final class Scheduler {
  private final Schedule schedule;
  private final ScheduledSettings[] groups;
  private final double[] base;
  private final double[] rates;
  private final double[] momenta;
  private final double[] ratesBefore;
  private final double[] momentaBefore;
  private final boolean movesMomentum;
  private long step;

  private Scheduler(Schedule schedule, List<? extends ScheduledSettings> groups) {
    this.schedule = Objects.requireNonNull(schedule, "schedule is null");
    this.groups = groups.toArray(ScheduledSettings[]::new);
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("the list of groups is empty");
    }
    movesMomentum = schedule.movesMomentum();
    base = new double[this.groups.length];
    rates = new double[base.length];
    momenta = new double[base.length];
    ratesBefore = new double[base.length];
    momentaBefore = new double[base.length];
    for (int i = 0; i < base.length; i++) {
      if (movesMomentum && !this.groups[i].hasMomentum()) {
        throw new IllegalArgumentException(
            schedule.name()
                + " moves the momentum, but the optimizer has none; make it withoutMomentum()");
      }
      base[i] = this.groups[i].learningRate();
    }
    compute(0);
    apply();
  }

  /// {@return a scheduler for an optimizer, whose learning rate is the base}
  ///
  /// @param schedule says what to set
  /// @param optimizer its learning rate is set at once to that of step 0
  /// @throws IllegalArgumentException if the schedule moves the momentum and the optimizer has
  ///     none, or if the first rate is negative or not finite; nothing has been set then
  public static Scheduler of(Schedule schedule, ScheduledSettings optimizer) {
    return new Scheduler(schedule, List.of(optimizer));
  }

  /// {@return a scheduler for groups of parameters, each of whose learning rates is its base}
  ///
  /// @param schedule says what to set
  /// @param groups such as those of an optimizer; their learning rates are set at once to those of
  ///     step 0
  /// @throws IllegalArgumentException if there is no group, if the schedule moves the momentum and
  ///     a group has none, or if a first rate is negative or not finite; nothing has been set then
  public static Scheduler of(Schedule schedule, List<? extends ScheduledSettings> groups) {
    return new Scheduler(schedule, groups);
  }

  /// Goes on to the next step and sets its learning rate, and its momentum if the schedule moves
  /// it. If this throws, nothing has been set and no step has been counted.
  ///
  /// @throws IllegalArgumentException if the schedule has ended, or gives a learning rate that is
  ///     negative or not finite, or a momentum outside [0, 1)
  public void step() {
    compute(step + 1);
    apply();
    step++;
  }

  /// {@return the number of the step whose learning rate is set, from 0 on}
  public long lastStep() {
    return step;
  }

  /// {@return the number of the step, the bases, and what is set, as text that is exact}
  public Map<String, String> state() {
    StateText.Writer state = new StateText.Writer();
    state.put("schedule", schedule.name());
    state.put("last_step", step);
    for (int i = 0; i < groups.length; i++) {
      state.put("base_lr." + i, base[i]);
      state.put("last_lr." + i, groups[i].learningRate());
      if (movesMomentum) {
        state.put("last_momentum." + i, groups[i].momentum());
      }
    }
    return state.map();
  }

  /// Goes on from a [state][#state], and sets the learning rates and momenta that were set then. If
  /// this throws, nothing has changed.
  ///
  /// @param state of a scheduler with the same kind of schedule for as many groups
  /// @throws IllegalArgumentException if the state is of another kind of schedule, if it has an
  ///     entry too many or too few, or if a number is outside its range
  public void loadState(Map<String, String> state) {
    StateText.Reader reader = new StateText.Reader(state);
    reader.requireText("schedule", schedule.name());
    long loadedStep = reader.count("last_step");
    double[] loadedBase = new double[base.length];
    for (int i = 0; i < groups.length; i++) {
      loadedBase[i] = reader.rate("base_lr." + i);
      rates[i] = reader.rate("last_lr." + i);
      if (movesMomentum) {
        momenta[i] = reader.momentum("last_momentum." + i);
      }
    }
    reader.requireNoOther();
    apply();
    System.arraycopy(loadedBase, 0, base, 0, base.length);
    step = loadedStep;
  }

  private void compute(long next) {
    for (int i = 0; i < groups.length; i++) {
      double previous = next == 0 ? base[i] : groups[i].learningRate();
      rates[i] = schedule.after(previous, next, base[i]);
      if (!(rates[i] >= 0 && rates[i] <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException(
            "the learning rate of step %d is %s, must be finite and at least 0"
                .formatted(next, rates[i]));
      }
      if (movesMomentum) {
        momenta[i] = schedule.momentum(groups[i].momentum(), next);
        if (!(momenta[i] >= 0 && momenta[i] < 1)) {
          throw new IllegalArgumentException(
              "the momentum of step %d is %s, must be at least 0 and below 1"
                  .formatted(next, momenta[i]));
        }
      }
    }
  }

  /// Sets all rates and momenta, or none if one is refused.
  private void apply() {
    for (int i = 0; i < groups.length; i++) {
      ratesBefore[i] = groups[i].learningRate();
      momentaBefore[i] = movesMomentum ? groups[i].momentum() : 0;
    }
    boolean applied = false;
    try {
      set(rates, momenta);
      applied = true;
    } finally {
      if (!applied) {
        set(ratesBefore, momentaBefore);
      }
    }
  }

  private void set(double[] toRates, double[] toMomenta) {
    for (int i = 0; i < groups.length; i++) {
      groups[i].setLearningRate(toRates[i]);
      if (movesMomentum) {
        groups[i].setMomentum(toMomenta[i]);
      }
    }
  }
}
