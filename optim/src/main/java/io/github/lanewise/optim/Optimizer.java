package io.github.lanewise.optim;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.optim.schedule.ScheduledSettings;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Changes parameters by their gradients, one step at a time, so that a loss falls.
///
/// What a step does is an [UpdateRule], such as [AdamConfig], or one of your own. The optimizer
/// holds the rule's states in the caller's arena, allocated once: [#step] and [#zeroGrad]
/// allocate nothing. Parameters that follow one another in memory, as a model's do, are updated
/// in one pass.
///
/// A gradient of zero counts as a gradient: the step is counted, momentum moves the parameters on
/// and weights decay. Parameters that are [frozen][#freeze], or that have [no gradient][#skip]
/// this time, are left out, and do not count the step.
///
/// Not thread-safe: one thread at a time may use an optimizer. It must be a thread that the arenas
/// of the parameters and of the state admit.
public sealed class Optimizer implements ScheduledSettings permits Adam, Sgd {
  /// The names that [#named] knows.
  public static final List<String> NAMES = Rules.names();

  private final Arena arena;
  private final List<ParameterGroup> groups = new ArrayList<>();

  /// Null after a change by which the next step may take its parameters together in other ways.
  private Run[] runs;

  private boolean isEvaluating;

  Optimizer(Arena arena, List<Parameter> parameters, UpdateRule rule) {
    this.arena = Objects.requireNonNull(arena, "arena is null");
    addGroup(parameters, rule);
  }

  /// {@return a new optimizer}
  ///
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @param rule how: one of the configurations of this package, or a rule of your own
  /// @throws IllegalArgumentException if the list is empty, or two parameters have the same name
  ///     or share memory
  public static Optimizer of(Arena arena, List<Parameter> parameters, UpdateRule rule) {
    return new Optimizer(arena, parameters, rule);
  }

  /// {@return the rule of that name with its default settings, which are PyTorch's where PyTorch
  /// has the rule}
  ///
  /// @param name one of [#NAMES]
  /// @throws IllegalArgumentException if the name is unknown
  public static UpdateRule rule(String name) {
    return Rules.named(name);
  }

  /// {@return a new optimizer with the default settings but for the learning rate}
  ///
  /// @param name one of [#NAMES]
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @param learningRate at least 0
  /// @throws IllegalArgumentException if the name is unknown, the learning rate negative or not
  ///     finite, the list empty, or two parameters have the same name or share memory
  public static Optimizer named(
      String name, Arena arena, List<Parameter> parameters, double learningRate) {
    Optimizer optimizer = of(arena, parameters, Rules.named(name));
    optimizer.setLearningRate(learningRate);
    return optimizer;
  }

  /// Adds parameters with settings of their own.
  ///
  /// @param parameters what the optimizer updates from now on too
  /// @param rule the same rule as that of the other groups, with settings of its own
  /// @return the new group
  /// @throws IllegalArgumentException if the list is empty, a parameter has the name of another
  ///     one or shares memory with it, or the rule is another one
  public final ParameterGroup addGroup(List<Parameter> parameters, UpdateRule rule) {
    Objects.requireNonNull(rule, "rule is null");
    if (!groups.isEmpty() && !groups.getFirst().rule().name().equals(rule.name())) {
      throw new IllegalArgumentException(
          "the rule is " + rule.name() + ", but the optimizer's is " + name());
    }
    Distinct.require(this.parameters(), parameters);
    ParameterGroup group = new ParameterGroup(arena, List.copyOf(parameters), rule);
    groups.add(group);
    runs = null;
    return group;
  }

  /// {@return the name of the rule}
  public final String name() {
    return groups.getFirst().rule().name();
  }

  /// {@return the groups, in the order in which they were added}
  public final List<ParameterGroup> groups() {
    return List.copyOf(groups);
  }

  /// {@return the parameters of all groups}
  public final List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    groups.forEach(group -> all.addAll(group.parameters()));
    return all;
  }

  /// Leaves a parameter as it is, with its states and its number of steps, until [#unfreeze].
  ///
  /// @param name of the parameter
  /// @throws IllegalArgumentException if there is none
  public final void freeze(String name) {
    slot(name).setFrozen(true);
    runs = null;
  }

  /// Lets steps update a parameter again.
  ///
  /// @param name of the parameter
  /// @throws IllegalArgumentException if there is none
  public final void unfreeze(String name) {
    slot(name).setFrozen(false);
    runs = null;
  }

  /// Leaves a parameter out of the next step, because no backward pass has reached it: it has no
  /// gradient, which is not the same as a gradient of zero.
  ///
  /// @param name of the parameter
  /// @throws IllegalArgumentException if there is none
  public final void skip(String name) {
    slot(name).setSkipped(true);
    runs = null;
  }

  /// Updates every parameter once, from its gradient. If this throws, no parameter and no state
  /// has changed and no step has been counted.
  ///
  /// @throws IllegalStateException if the arena of a parameter or of the state is closed
  /// @throws WrongThreadException if it is confined to another thread
  public final void step() {
    requireTraining("step()");
    requireUsable();
    Run[] runs = runs();
    for (Run run : runs) {
      run.prepare(1, Double.POSITIVE_INFINITY);
    }
    for (Run run : runs) {
      run.step(0, run.length());
    }
    for (Run run : runs) {
      run.count();
    }
    endSkips();
  }

  /// Turns the parameters into those that the model is evaluated with, if the rule tells the two
  /// apart, as Schedule-Free ones do. Does nothing after another call.
  ///
  /// @throws IllegalStateException if the arena of a parameter or of the state is closed
  /// @throws WrongThreadException if it is confined to another thread
  public final void evaluate() {
    if (!isEvaluating) {
      requireUsable();
      pull(true);
      isEvaluating = true;
    }
  }

  /// Turns the parameters back into those that [#step] works on. Does nothing before [#evaluate].
  ///
  /// @throws IllegalStateException if the arena of a parameter or of the state is closed
  /// @throws WrongThreadException if it is confined to another thread
  public final void train() {
    if (isEvaluating) {
      requireUsable();
      pull(false);
      isEvaluating = false;
    }
  }

  private void pull(boolean toEvaluate) {
    for (ParameterGroup group : groups) {
      group
          .rule()
          .evaluation(group.live())
          .ifPresent(
              way -> {
                double weight = toEvaluate ? way.toEvaluate() : way.toTrain();
                for (Slot slot : group.slots()) {
                  if (slot.steps() > 0) {
                    FloatArray p = slot.parameter().value();
                    group.states().pull(way.state(), slot.stateFrom(), p, weight);
                  }
                }
              });
    }
  }

  private void requireTraining(String call) {
    if (isEvaluating) {
      throw new IllegalStateException(
          call + " on the parameters of an evaluation: call train() first");
    }
  }

  private Run[] runs() {
    if (runs == null) {
      runs = Run.of(groups);
    }
    return runs;
  }

  private void endSkips() {
    for (int i = 0; i < groups.size(); i++) { // an iterator would be an object per call
      List<Slot> slots = groups.get(i).slots();
      for (int j = 0; j < slots.size(); j++) {
        Slot slot = slots.get(j);
        if (!slot.isActive() && !slot.isFrozen()) {
          slot.setSkipped(false);
          runs = null;
        }
      }
    }
  }

  private void requireUsable() {
    for (int i = 0; i < groups.size(); i++) {
      ParameterGroup group = groups.get(i);
      List<Slot> slots = group.slots();
      for (int j = 0; j < slots.size(); j++) {
        slots.get(j).requireUsable();
      }
      group.states().requireUsable("the state");
    }
  }

  /// Sets every gradient to zero. If this throws, none has changed.
  ///
  /// @throws IllegalStateException if the arena of a gradient is closed
  /// @throws WrongThreadException if it is confined to another thread
  public final void zeroGrad() {
    for (int i = 0; i < groups.size(); i++) {
      List<Slot> slots = groups.get(i).slots();
      for (int j = 0; j < slots.size(); j++) {
        slots.get(j).parameter().gradient().requireUsable(slots.get(j).gradientName());
      }
    }
    for (int i = 0; i < groups.size(); i++) {
      List<Slot> slots = groups.get(i).slots();
      for (int j = 0; j < slots.size(); j++) {
        slots.get(j).parameter().gradient().fill(0f);
      }
    }
  }

  /// {@return the learning rate of the first group in the next step}
  @Override
  public final double learningRate() {
    return groups.getFirst().learningRate();
  }

  /// Sets the learning rate of all groups from the next step on.
  ///
  /// @param learningRate at least 0
  /// @throws IllegalArgumentException if it is negative or not finite
  @Override
  public final void setLearningRate(double learningRate) {
    for (int i = 0; i < groups.size(); i++) {
      groups.get(i).setLearningRate(learningRate);
    }
  }

  /// {@return a copy of the state under PyTorch's names, after the parameter's, such as
  /// `0.weight.exp_avg`}
  ///
  /// Where PyTorch's optimizer counts steps, `0.weight.step` of shape `[]` holds their number.
  /// Settings are not in it.
  ///
  /// @param arena owns the copy
  /// @throws IllegalStateException if the arena of the state is closed
  /// @throws WrongThreadException if it is confined to another thread
  public final StateDict stateDict(Arena arena) {
    requireTraining("stateDict()");
    return OptimizerState.copy(arena, groups);
  }

  /// Copies a [state][#stateDict] of the same kind of optimizer for the same parameters. The next
  /// step then does, bit for bit, what the optimizer that the state came from would do. If this
  /// throws, nothing has changed.
  ///
  /// @param state what [#stateDict] gave; it is copied
  /// @throws IllegalArgumentException if names or shapes differ, or if a `step` is not a whole
  ///     number of at least 0
  /// @throws IllegalStateException if the arena of an array on either side is closed
  /// @throws WrongThreadException if it is confined to another thread
  public final void loadStateDict(StateDict state) {
    requireTraining("loadStateDict()");
    requireUsable();
    OptimizerState.load(state, groups);
    runs = null;
  }

  private Slot slot(String name) {
    for (ParameterGroup group : groups) {
      for (Slot slot : group.slots()) {
        if (slot.parameter().name().equals(name)) {
          return slot;
        }
      }
    }
    throw new IllegalArgumentException(
        "there is no parameter "
            + name
            + ", only "
            + String.join(", ", parameters().stream().map(Parameter::name).toList()));
  }
}
