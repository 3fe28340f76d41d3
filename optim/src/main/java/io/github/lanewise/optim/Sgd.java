package io.github.lanewise.optim;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.FusedUpdates;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.util.List;

/// Stochastic gradient descent: p -= lr g. With momentum, b = momentum b + (1 - dampening) g and
/// p -= lr b; Nesterov's variant is p -= lr (g + momentum b). The first step sets b = g.
///
/// Source: Sutskever et al. (2013), On the Importance of Initialization and Momentum in Deep
/// Learning. Unlike there, lr scales b and not the gradient that enters b, as in PyTorch.
///
/// State: `momentum_buffer` (b) with momentum, with one float for each element of the parameters.
/// As in PyTorch, the dictionary has no such entry before the first step, and never a number of
/// steps.
public final class Sgd implements Optimizer {
  private final SgdConfig config;
  private final Slabs slabs;
  private final FloatArray[] buffer;

  private Sgd(Slabs slabs, SgdConfig config) {
    this.config = config;
    this.slabs = slabs;
    buffer = config.momentum() > 0 ? slabs.add("momentum_buffer") : null;
  }

  /// {@return a new optimizer with PyTorch's defaults}
  ///
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @throws IllegalArgumentException if the list is empty, or two parameters have the same name or
  ///     share memory
  public static Sgd of(Arena arena, List<Parameter> parameters) {
    return of(arena, parameters, SgdConfig.DEFAULT);
  }

  /// {@return a new optimizer whose state lies in `arena`}
  ///
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @param config the hyper-parameters
  /// @throws IllegalArgumentException if the list is empty, or two parameters have the same name or
  ///     share memory
  public static Sgd of(Arena arena, List<Parameter> parameters, SgdConfig config) {
    return new Sgd(new Slabs(arena, parameters, config.lr()), config);
  }

  @Override
  public void step() {
    long t = slabs.nextStep();
    for (int run = 0; run < slabs.runs(); run++) {
      FloatArray p = slabs.value(run);
      FloatArray g = slabs.gradient(run);
      if (buffer == null) {
        FusedUpdates.sgd(p, g, slabs.learningRate(), config.weightDecay(), config.maximize());
      } else {
        FusedUpdates.sgdMomentum(
            p,
            g,
            buffer[run],
            t,
            slabs.learningRate(),
            config.momentum(),
            config.dampening(),
            config.nesterov(),
            config.weightDecay(),
            config.maximize());
      }
    }
  }

  @Override
  public void zeroGrad() {
    slabs.zeroGrad();
  }

  @Override
  public double learningRate() {
    return slabs.learningRate();
  }

  @Override
  public void setLearningRate(double learningRate) {
    slabs.setLearningRate(learningRate);
  }

  @Override
  public StateDict stateDict() {
    return slabs.steps() == 0 ? new StateDict() : slabs.stateDict(false);
  }

  @Override
  public void loadStateDict(StateDict state) {
    boolean beforeFirstStep = state.names().isEmpty();
    if (!beforeFirstStep) {
      slabs.stateDict(false).copyFrom(state);
    }
    // A step asks no more of the count than whether it is the first, which sets the buffer.
    slabs.setSteps(beforeFirstStep ? 0 : 1);
  }
}
