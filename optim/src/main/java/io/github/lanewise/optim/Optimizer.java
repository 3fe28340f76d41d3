package io.github.lanewise.optim;

import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.optim.rule.Rules;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;

/// Changes parameters by their gradients, one step at a time, so that a loss falls.
///
/// What a step does is an [UpdateRule], such as `AdamConfig`, or one of your own. The optimizer
/// holds the rule's states in the caller's arena, allocated once: [#step] and [#zeroGrad]
/// allocate nothing. Parameters that follow one another in memory, as a model's do, are updated
/// in one pass.
///
/// A gradient of zero counts as a gradient: the step is counted, momentum moves the parameters on
/// and weights decay. Parameters that are [frozen][#freeze], or that have [no gradient][#skip]
/// this time, are left out, and do not count the step.
///
/// Not thread-safe: one thread at a time may use it, a thread that the arenas of its arrays admit.
public final class Optimizer {
  private final Arena arena;
  private final Groups groups = new Groups();

  private final ParallelStep parallel = new ParallelStep();

  private boolean isEvaluating;

  private final Passes passes;
  private final Gradients gradients;
  private final Steps steps;

  private Optimizer(Arena arena, List<Parameter> parameters, UpdateRule rule, Passes passes) {
    this.arena = Objects.requireNonNull(arena, "arena is null");
    this.passes = Objects.requireNonNull(passes, "passes is null");
    gradients = new Gradients(passes);
    steps = new Steps(groups, gradients);
    addGroup(parameters, rule);
  }

  /// {@return a new optimizer}
  ///
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @param rule how: a record of `optim.rule`, or a rule of your own
  /// @throws IllegalArgumentException if the list is empty, or two parameters have the same name
  ///     or share memory
  public static Optimizer of(Arena arena, List<Parameter> parameters, UpdateRule rule) {
    return of(arena, parameters, rule, Passes.NONE);
  }

  /// {@return a new optimizer with passes around its rule}
  ///
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @param rule how: a record of `optim.rule`, or a rule of your own
  /// @param passes clipping, accumulation, averaging, precision and the like
  /// @throws IllegalArgumentException if the list is empty, or two parameters have the same name or
  ///     share memory
  public static Optimizer of(
      Arena arena, List<Parameter> parameters, UpdateRule rule, Passes passes) {
    return new Optimizer(arena, parameters, rule, passes);
  }

  /// {@return a new optimizer with the default settings but for the learning rate}
  ///
  /// @param name one of [Rules#NAMES], or `muon`
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
  public ParameterGroup addGroup(List<Parameter> parameters, UpdateRule rule) {
    Objects.requireNonNull(rule, "rule is null");
    if (!groups.all().isEmpty() && !groups.first().rule().name().equals(rule.name())) {
      throw new IllegalArgumentException(
          "the rule is " + rule.name() + ", but the optimizer's is " + name());
    }
    Distinct.require(this.parameters(), parameters);
    ParameterGroup group = new ParameterGroup(arena, List.copyOf(parameters), rule, passes);
    groups.add(group);
    steps.change();
    return group;
  }

  /// {@return the name of the rule}
  public String name() {
    return groups.first().rule().name();
  }

  /// {@return the groups, in the order in which they were added}
  public List<ParameterGroup> groups() {
    return groups.all();
  }

  /// {@return the parameters of all groups}
  public List<Parameter> parameters() {
    return groups.parameters();
  }

  /// Leaves a parameter as it is, with its states and its number of steps, until [#unfreeze].
  ///
  /// @param name of the parameter
  /// @throws IllegalArgumentException if there is none
  public void freeze(String name) {
    groups.slot(name).setFrozen(true);
    steps.change();
  }

  /// Lets steps update a parameter again.
  ///
  /// @param name of the parameter
  /// @throws IllegalArgumentException if there is none
  public void unfreeze(String name) {
    groups.slot(name).setFrozen(false);
    steps.change();
  }

  /// Leaves a parameter out of the next step, because no backward pass has reached it: it has no
  /// gradient, which is not the same as a gradient of zero.
  ///
  /// @param name of the parameter
  /// @throws IllegalArgumentException if there is none
  public void skip(String name) {
    groups.slot(name).setSkipped(true);
    steps.change();
  }

  /// Updates every parameter once, from its gradient. If this throws, no parameter and no state
  /// has changed and no step has been counted.
  ///
  /// @throws IllegalStateException if the arena of a parameter or of the state is closed
  /// @throws WrongThreadException if it is confined to another thread
  public void step() {
    requireTraining("step()");
    if (steps.begin()) {
      for (Run run : steps.runs()) {
        run.step(0, run.length());
      }
      steps.end();
    }
  }

  /// Does what [#step()] does, with the same bits, on several threads: the calling one and others
  /// of an executor. The parameters are cut into fixed parts of 32,768 elements, which the threads
  /// take in turn, so more threads pay from some 100,000 parameters on. Allocates nothing beside
  /// what the executor allocates for a task.
  ///
  /// @param executor runs up to `threads - 1` tasks, which may begin late; what it refuses to run,
  ///     the calling thread does
  /// @param threads the number of threads, with the calling one; at least 1
  /// @throws IllegalArgumentException if `threads` is below 1
  /// @throws IllegalStateException if an array can only be used by the thread that opened its
  ///     arena, or as for [#step()]
  public void step(Executor executor, int threads) {
    Objects.requireNonNull(executor, "executor is null");
    if (threads < 1) {
      throw new IllegalArgumentException("threads is " + threads + ", must be at least 1");
    }
    if (threads > 1) {
      ParallelStep.requireShared(steps.runs());
    }
    requireTraining("step()");
    if (steps.begin()) {
      parallel.step(steps.runs(), executor, threads);
      steps.end();
    }
  }

  /// {@return how many steps were left out because a gradient was infinite or NaN}
  public long skippedSteps() {
    return gradients.skippedSteps();
  }

  /// {@return the norm of all gradients before they were clipped; NaN if it was never measured}
  public double gradientNorm() {
    return gradients.norm();
  }

  /// Sets the largest norm of all gradients together, from the next step on.
  ///
  /// @param maxNorm above 0; infinity for no limit
  /// @throws IllegalArgumentException if it is NaN, 0 or negative
  public void setMaxNorm(double maxNorm) {
    gradients.setMaxNorm(maxNorm);
  }

  /// Sets the largest absolute value of an element of a gradient, from the next step on.
  ///
  /// @param clipValue above 0; infinity for no limit
  /// @throws IllegalArgumentException if it is NaN, 0 or negative
  public void setClipValue(double clipValue) {
    gradients.setClipValue(clipValue);
  }

  /// Turns the parameters into those that the model is evaluated with, if the rule tells the two
  /// apart, as Schedule-Free ones do. Does nothing after another call.
  ///
  /// @throws IllegalStateException if the arena of a parameter or of the state is closed
  /// @throws WrongThreadException if it is confined to another thread
  public void evaluate() {
    if (!isEvaluating) {
      groups.requireUsable();
      Evaluations.turn(groups.all(), true);
      isEvaluating = true;
    }
  }

  /// Turns the parameters back into those that [#step] works on. Does nothing before [#evaluate].
  ///
  /// @throws IllegalStateException if the arena of a parameter or of the state is closed
  /// @throws WrongThreadException if it is confined to another thread
  public void train() {
    if (isEvaluating) {
      groups.requireUsable();
      Evaluations.turn(groups.all(), false);
      isEvaluating = false;
    }
  }

  private void requireTraining(String call) {
    if (isEvaluating) {
      String why = " on the parameters of an evaluation: call train() first";
      throw new IllegalStateException(call + why);
    }
  }

  /// Sets every gradient to zero, unless steps are being accumulated. If this throws, none has
  /// changed.
  ///
  /// @throws IllegalStateException if the arena of a gradient is closed
  /// @throws WrongThreadException if it is confined to another thread
  public void zeroGrad() {
    groups.requireGradients();
    if (!gradients.isAccumulating()) {
      groups.zeroGradients();
    }
  }

  /// {@return the learning rate of the first group in the next step}
  public double learningRate() {
    return groups.first().learningRate();
  }

  /// Sets the learning rate of all groups from the next step on.
  ///
  /// @param learningRate at least 0
  /// @throws IllegalArgumentException if it is negative or not finite
  public void setLearningRate(double learningRate) {
    groups.setLearningRate(learningRate);
  }

  /// {@return a copy of the state under PyTorch's names, after the parameter's, such as
  /// `0.weight.exp_avg`}
  ///
  /// Where PyTorch's optimizer counts steps, `0.weight.step` of shape `[]` holds their number.
  /// While gradients are being added up, `0.weight.gradient` holds their sum so far. Settings are
  /// not in it.
  ///
  /// @param arena owns the copy
  /// @throws IllegalStateException if the arena of the state is closed
  /// @throws WrongThreadException if it is confined to another thread
  public StateDict stateDict(Arena arena) {
    requireTraining("stateDict()");
    return OptimizerState.copy(arena, groups.all(), gradients.isAccumulating());
  }

  /// Copies a [state][#stateDict], and leaves the settings as they are. Gradients that were being
  /// added up are forgotten.
  ///
  /// @param state as for [#loadStateDict(StateDict, Map)]
  public void loadStateDict(StateDict state) {
    loadStateDict(state, Map.of());
  }

  /// {@return the settings as strings under PyTorch's names, such as `param_groups.0.lr`, for the
  /// metadata of a file}
  ///
  /// With them go the limits of clipping, the frozen parameters, and the numbers of gradients that
  /// have been added up and of steps that were left out.
  public Map<String, String> metadata() {
    return Metadata.of(name(), groups.all(), gradients);
  }

  /// Copies a [state][#loadStateDict(StateDict)] and settings, so that a run goes on bit for bit.
  /// If this throws, nothing has changed.
  ///
  /// PyTorch's own state is taken too, with tensors named `state.0.exp_avg` and settings named
  /// `param_groups.0.lr`, as the description of the package shows.
  ///
  /// @param state what [#stateDict] gave; it is copied
  /// @param metadata what [#metadata] gave; settings that it does not name stay as they are
  /// @throws IllegalArgumentException if names or shapes differ, a `step` is not a whole number of
  ///     at least 0, the metadata is that of another rule or has a value that is none of a
  ///     setting's, or more gradients had been added up than this optimizer adds
  /// @throws IllegalStateException if the arena of an array on either side is closed
  /// @throws WrongThreadException if it is confined to another thread
  public void loadStateDict(StateDict state, Map<String, String> metadata) {
    requireTraining("loadStateDict()");
    groups.requireUsable();
    OptimizerState.load(state, metadata, groups.all(), gradients);
    steps.change();
  }
}
