package io.github.lanewise.optim;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.FusedUpdates;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.util.List;

/// Adam: m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g g,
/// p -= lr mHat / (sqrt(vHat) + eps), where mHat = m / (1 - beta1^t), vHat = v / (1 - beta2^t).
///
/// Source: Kingma and Ba (2015), Adam: A Method for Stochastic Optimization, Algorithm 1. As there,
/// eps is added after the bias correction. Weight decay is added to g, unlike in [AdamW]. AMSGrad
/// (Reddi et al., 2018, On the Convergence of Adam and Beyond) replaces v in the step of p by the
/// largest v so far, before the bias correction.
///
/// State: `exp_avg` (m), `exp_avg_sq` (v) and, with AMSGrad, `max_exp_avg_sq`, each with one float
/// for each element of the parameters.
public final class Adam implements Optimizer {
  private final AdamConfig config;
  private final Slabs slabs;
  private final FloatArray[] expAvg;
  private final FloatArray[] expAvgSq;
  private final FloatArray[] maxExpAvgSq;

  private Adam(Slabs slabs, AdamConfig config) {
    this.config = config;
    this.slabs = slabs;
    expAvg = slabs.add("exp_avg");
    expAvgSq = slabs.add("exp_avg_sq");
    maxExpAvgSq = config.amsgrad() ? slabs.add("max_exp_avg_sq") : null;
  }

  /// {@return a new optimizer with PyTorch's defaults}
  ///
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @throws IllegalArgumentException if the list is empty, or two parameters have the same name or
  ///     share memory
  public static Adam of(Arena arena, List<Parameter> parameters) {
    return of(arena, parameters, AdamConfig.DEFAULT);
  }

  /// {@return a new optimizer whose state lies in `arena`}
  ///
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @param config the hyper-parameters
  /// @throws IllegalArgumentException if the list is empty, or two parameters have the same name or
  ///     share memory
  public static Adam of(Arena arena, List<Parameter> parameters, AdamConfig config) {
    return new Adam(new Slabs(arena, parameters, config.lr()), config);
  }

  @Override
  public void step() {
    long t = slabs.nextStep();
    for (int run = 0; run < slabs.runs(); run++) {
      FloatArray p = slabs.value(run);
      FloatArray g = slabs.gradient(run);
      if (maxExpAvgSq == null) {
        FusedUpdates.adam(
            p,
            g,
            expAvg[run],
            expAvgSq[run],
            t,
            slabs.learningRate(),
            config.beta1(),
            config.beta2(),
            config.eps(),
            config.weightDecay(),
            config.maximize());
      } else {
        FusedUpdates.amsGrad(
            p,
            g,
            expAvg[run],
            expAvgSq[run],
            maxExpAvgSq[run],
            t,
            slabs.learningRate(),
            config.beta1(),
            config.beta2(),
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
