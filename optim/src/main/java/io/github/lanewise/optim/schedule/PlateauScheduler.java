package io.github.lanewise.optim.schedule;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Lowers the learning rate of an optimizer when a metric no longer improves, as
/// [ReduceLrOnPlateau] says.
///
/// A [state][#state] is what a checkpoint keeps. A scheduler with the same settings that
/// [loads][#loadState] it goes on bit for bit.
///
/// Not thread-safe. After construction, [#step] allocates nothing.
public final class PlateauScheduler {
  private final ReduceLrOnPlateau settings;
  private final ScheduledSettings[] groups;
  private double best;
  private long badSteps;
  private long cooldownLeft;
  private long step;

  private PlateauScheduler(ReduceLrOnPlateau settings, List<? extends ScheduledSettings> groups) {
    this.settings = Objects.requireNonNull(settings, "settings is null");
    this.groups = groups.toArray(ScheduledSettings[]::new);
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("the list of groups is empty");
    }
    best = settings.worst();
  }

  /// {@return a scheduler for an optimizer, whose learning rate stays until the first plateau}
  ///
  /// @param settings say when and how far the learning rate falls
  /// @param optimizer its learning rate is lowered
  public static PlateauScheduler of(ReduceLrOnPlateau settings, ScheduledSettings optimizer) {
    return new PlateauScheduler(settings, List.of(optimizer));
  }

  /// {@return a scheduler for groups of parameters, each with a learning rate of its own}
  ///
  /// @param settings say when and how far the learning rates fall
  /// @param groups their learning rates are lowered
  /// @throws IllegalArgumentException if there is no group
  public static PlateauScheduler of(
      ReduceLrOnPlateau settings, List<? extends ScheduledSettings> groups) {
    return new PlateauScheduler(settings, groups);
  }

  /// Takes in the metric of a step, or of an epoch, and lowers the learning rates if it is time.
  ///
  /// @param metric any number; NaN is no improvement
  public void step(double metric) {
    step++;
    if (settings.isBetter(metric, best)) {
      best = metric;
      badSteps = 0;
    } else {
      badSteps++;
    }
    if (cooldownLeft > 0) {
      cooldownLeft--;
      badSteps = 0;
    }
    if (badSteps > settings.patience()) {
      for (ScheduledSettings group : groups) {
        group.setLearningRate(settings.reduced(group.learningRate()));
      }
      cooldownLeft = settings.cooldown();
      badSteps = 0;
    }
  }

  /// {@return the best metric so far; infinite before the first}
  public double best() {
    return best;
  }

  /// {@return what has been counted and what is set, as text that is exact}
  public Map<String, String> state() {
    StateText.Writer state = new StateText.Writer();
    state.put("schedule", ReduceLrOnPlateau.class.getSimpleName());
    state.put("last_step", step);
    state.put("best", best);
    state.put("num_bad_steps", badSteps);
    state.put("cooldown_counter", cooldownLeft);
    for (int i = 0; i < groups.length; i++) {
      state.put("last_lr." + i, groups[i].learningRate());
    }
    return state.map();
  }

  /// Goes on from a [state][#state], and sets the learning rates that were set then. If this
  /// throws, nothing has changed.
  ///
  /// @param state of a plateau scheduler for as many groups
  /// @throws IllegalArgumentException if the state is of another kind of schedule, if it has an
  ///     entry too many or too few, or if a number is outside its range
  public void loadState(Map<String, String> state) {
    StateText.Reader reader = new StateText.Reader(state);
    reader.requireText("schedule", ReduceLrOnPlateau.class.getSimpleName());
    final long loadedStep = reader.count("last_step");
    final double loadedBest = reader.number("best");
    final long loadedBad = reader.count("num_bad_steps");
    final long loadedCooldown = reader.count("cooldown_counter");
    double[] rates = new double[groups.length];
    for (int i = 0; i < rates.length; i++) {
      rates[i] = reader.rate("last_lr." + i);
    }
    reader.requireNoOther();
    step = loadedStep;
    best = loadedBest;
    badSteps = loadedBad;
    cooldownLeft = loadedCooldown;
    for (int i = 0; i < rates.length; i++) {
      groups[i].setLearningRate(rates[i]);
    }
  }
}
