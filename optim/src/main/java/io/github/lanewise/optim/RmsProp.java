package io.github.lanewise.optim;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.FusedUpdates;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.util.List;

/// RMSprop: v = alpha v + (1 - alpha) g g, p -= lr g / (sqrt(v) + eps).
///
/// Source: Tieleman and Hinton (2012), Coursera lecture 6.5. eps is added to the square root, as in
/// PyTorch, and not under it, as in TensorFlow.
///
/// With momentum, the step is p -= lr b, where b = momentum b + g / (sqrt(v) + eps). Centered
/// (Graves, 2013, Generating Sequences With Recurrent Neural Networks), v - a a replaces v under
/// the square root, where a is the running mean of g.
///
/// State: `square_avg` (v), `grad_avg` (a) if centered, and `momentum_buffer` (b) with momentum,
/// each with one float for each element of the parameters.
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
