package io.github.lanewise.optim;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.FusedUpdates;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.util.List;

/// Adagrad: sum += g g, p -= lr / (1 + (t - 1) lrDecay) g / (sqrt(sum) + eps).
///
/// Source: Duchi et al. (2011), Adaptive Subgradient Methods for Online Learning and Stochastic
/// Optimization. eps is added to the square root and not under it, as in PyTorch.
///
/// State: `sum`, with one float for each element of the parameters.
public final class Adagrad implements Optimizer {
  private final AdagradConfig config;
  private final Slabs slabs;
  private final FloatArray[] sum;

  private Adagrad(Slabs slabs, AdagradConfig config) {
    this.config = config;
    this.slabs = slabs;
    sum = slabs.add("sum");
    for (FloatArray part : sum) {
      part.fill((float) config.initialAccumulatorValue());
    }
  }

  /// {@return a new optimizer with PyTorch's defaults}
  ///
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @throws IllegalArgumentException if the list is empty, or two parameters have the same name or
  ///     share memory
  public static Adagrad of(Arena arena, List<Parameter> parameters) {
    return of(arena, parameters, AdagradConfig.DEFAULT);
  }

  /// {@return a new optimizer whose state lies in `arena`}
  ///
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @param config the hyper-parameters
  /// @throws IllegalArgumentException if the list is empty, or two parameters have the same name or
  ///     share memory
  public static Adagrad of(Arena arena, List<Parameter> parameters, AdagradConfig config) {
    return new Adagrad(new Slabs(arena, parameters, config.lr()), config);
  }

  @Override
  public void step() {
    long t = slabs.nextStep();
    for (int run = 0; run < slabs.runs(); run++) {
      FloatArray p = slabs.value(run);
      FloatArray g = slabs.gradient(run);
      FusedUpdates.adagrad(
          p,
          g,
          sum[run],
          t,
          slabs.learningRate(),
          config.lrDecay(),
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
