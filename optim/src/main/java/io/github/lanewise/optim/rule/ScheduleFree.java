package io.github.lanewise.optim.rule;

import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import java.util.List;
import java.util.Optional;

/// What Schedule-Free SGD and AdamW have in common: the mean of the sequence z, whose weights are
/// t^r times a power of the largest learning rate so far.
final class ScheduleFree {
  static final List<UpdateRule.Memory> MEMORY =
      List.of(
          new UpdateRule.Memory("weight_sum", 0, true), new UpdateRule.Memory("lr_max", 0, true));

  private ScheduleFree() {}

  /// Computes the first four scalars of a step.
  ///
  /// @param beta the place of y between z and x
  static void scalars(UpdateSettings settings, double beta, long t, double[] memory, float[] c) {
    double warmup = settings.get("warmupSteps");
    double lr = settings.get("lr") * (t <= warmup ? t / warmup : 1);
    memory[1] = Math.max(lr, memory[1]);
    double power = Power.of(memory[1], settings.get("weightLrPower"));
    double weight = Power.of((double) t, settings.get("r")) * power;
    memory[0] += weight;
    double share = memory[0] == 0 ? 0 : weight / memory[0];
    c[0] = (float) share;
    c[1] = (float) (lr * (beta * (1 - share) - 1));
    c[2] = (float) -lr;
    c[3] = t == 1 ? 1f : 0f;
  }

  /// x lies beyond y, seen from z: y = lerp(x, z, 1 - beta).
  static Optional<UpdateRule.Evaluation> evaluation(double beta) {
    return Optional.of(new UpdateRule.Evaluation(0, 1 - 1 / beta, 1 - beta));
  }
}
