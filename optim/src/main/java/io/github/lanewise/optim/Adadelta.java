package io.github.lanewise.optim;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.FusedUpdates;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.util.List;

/// Adadelta: v = rho v + (1 - rho) g g, d = sqrt(u + eps) / sqrt(v + eps) g, p -= lr d,
/// u = rho u + (1 - rho) d d.
///
/// Source: Zeiler (2012), ADADELTA: An Adaptive Learning Rate Method, Algorithm 1, where lr is 1.
/// eps is added under both square roots.
///
/// State: `square_avg` (v) and `acc_delta` (u), each with one float for each element of the
/// parameters.
public final class Adadelta implements Optimizer {
  private final AdadeltaConfig config;
  private final Slabs slabs;
  private final FloatArray[] squareAvg;
  private final FloatArray[] accDelta;

  private Adadelta(Slabs slabs, AdadeltaConfig config) {
    this.config = config;
    this.slabs = slabs;
    squareAvg = slabs.add("square_avg");
    accDelta = slabs.add("acc_delta");
  }

  /// {@return a new optimizer with PyTorch's defaults}
  ///
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @throws IllegalArgumentException if the list is empty, or two parameters have the same name or
  ///     share memory
  public static Adadelta of(Arena arena, List<Parameter> parameters) {
    return of(arena, parameters, AdadeltaConfig.DEFAULT);
  }

  /// {@return a new optimizer whose state lies in `arena`}
  ///
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @param config the hyper-parameters
  /// @throws IllegalArgumentException if the list is empty, or two parameters have the same name or
  ///     share memory
  public static Adadelta of(Arena arena, List<Parameter> parameters, AdadeltaConfig config) {
    return new Adadelta(new Slabs(arena, parameters, config.lr()), config);
  }

  @Override
  public void step() {
    slabs.nextStep();
    for (int run = 0; run < slabs.runs(); run++) {
      FloatArray p = slabs.value(run);
      FloatArray g = slabs.gradient(run);
      FusedUpdates.adadelta(
          p,
          g,
          squareAvg[run],
          accDelta[run],
          slabs.learningRate(),
          config.rho(),
          config.eps(),
          config.weightDecay(),
          config.maximize());
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
