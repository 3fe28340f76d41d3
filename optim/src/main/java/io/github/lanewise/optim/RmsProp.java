package io.github.lanewise.optim;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.FusedUpdates;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.util.List;

/// RMSprop: v = alpha v + (1 - alpha) g g, p -= lr g / (sqrt(v) + eps).
///
/// Tieleman and Hinton (2012), Coursera lecture 6.5; eps is outside the root, as in PyTorch, unlike
/// TensorFlow. Centered (Graves, 2013, Generating Sequences With Recurrent Neural Networks) takes
/// v - a a for v there, a the running mean of g; momentum adds up the quotients in a buffer.
///
/// State: `square_avg` (v), centered `grad_avg` (a), with momentum `momentum_buffer`; n floats
/// each.
public final class RmsProp implements Optimizer {
  private final RmsPropConfig config;
  private final Slabs slabs;
  private final FloatArray[] squareAvg;
  private final FloatArray[] momentumBuffer;
  private final FloatArray[] gradAvg;

  private RmsProp(Slabs slabs, RmsPropConfig config) {
    this.config = config;
    this.slabs = slabs;
    squareAvg = slabs.add("square_avg");
    momentumBuffer = config.momentum() > 0 ? slabs.add("momentum_buffer") : null;
    gradAvg = config.centered() ? slabs.add("grad_avg") : null;
  }

  /// {@return a new optimizer with PyTorch's defaults}
  ///
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @throws IllegalArgumentException if the list is empty, or two parameters have the same name or
  ///     share memory
  public static RmsProp of(Arena arena, List<Parameter> parameters) {
    return of(arena, parameters, RmsPropConfig.DEFAULT);
  }

  /// {@return a new optimizer whose state lies in `arena`}
  ///
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @param config the hyper-parameters
  /// @throws IllegalArgumentException if the list is empty, or two parameters have the same name or
  ///     share memory
  public static RmsProp of(Arena arena, List<Parameter> parameters, RmsPropConfig config) {
    return new RmsProp(new Slabs(arena, parameters, config.lr()), config);
  }

  @Override
  public void step() {
    slabs.nextStep();
    for (int run = 0; run < slabs.runs(); run++) {
      FloatArray p = slabs.value(run);
      FloatArray g = slabs.gradient(run);
      if (gradAvg != null && momentumBuffer != null) {
        FusedUpdates.rmsPropCenteredMomentum(
            p,
            g,
            squareAvg[run],
            gradAvg[run],
            momentumBuffer[run],
            slabs.learningRate(),
            config.alpha(),
            config.eps(),
            config.momentum(),
            config.weightDecay(),
            config.maximize());
      } else if (gradAvg != null) {
        FusedUpdates.rmsPropCentered(
            p,
            g,
            squareAvg[run],
            gradAvg[run],
            slabs.learningRate(),
            config.alpha(),
            config.eps(),
            config.weightDecay(),
            config.maximize());
      } else if (momentumBuffer != null) {
        FusedUpdates.rmsPropMomentum(
            p,
            g,
            squareAvg[run],
            momentumBuffer[run],
            slabs.learningRate(),
            config.alpha(),
            config.eps(),
            config.momentum(),
            config.weightDecay(),
            config.maximize());
      } else {
        FusedUpdates.rmsProp(
            p,
            g,
            squareAvg[run],
            slabs.learningRate(),
            config.alpha(),
            config.eps(),
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
    return slabs.stateDict();
  }

  @Override
  public void loadStateDict(StateDict state) {
    slabs.load(state);
  }
}
