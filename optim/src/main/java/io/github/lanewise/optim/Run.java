package io.github.lanewise.optim;

import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateRun;
import io.github.lanewise.core.UpdateScalars;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.Updates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Parameters of a group that a step updates in one pass: they lie side by side in memory, and have
/// taken the same number of steps.
final class Run {
  private final ParameterGroup group;
  private final Slot[] slots;
  private final UpdateRun updates;
  private final UpdateScalars scalars;

  /// What becomes of the gradient of a rule that looks at the whole parameter.
  private final UpdateScalars gradient;

  /// Adds to parameters what their rounding left, before a rule that looks at the whole of them;
  /// null if nothing is kept of it.
  private final UpdateRun join;

  private final UpdateScalars ofJoin = new UpdateScalars(1);

  private final double[] memory;
  private final boolean[] isDouble;

  private Run(List<Slot> slots) {
    this.slots = slots.toArray(Slot[]::new);
    group = slots.getFirst().group();
    List<Parameter> joined = Parameter.joinAdjacent(slots.stream().map(Slot::parameter).toList());
    updates = group.run(slots.getFirst(), joined.getFirst().value(), joined.getFirst().gradient());
    scalars = new UpdateScalars(group.rule().scalarCount());
    gradient = new UpdateScalars(group.rule().scalarCount());
    join = slots.getFirst().tensor() == null ? null : group.join(slots.getFirst());
    ofJoin.values()[0] = 1f;
    ofJoin.after(Double.NaN, true, 0);
    memory = slots.getFirst().memory().clone();
    isDouble = new boolean[memory.length];
    for (int k = 0; k < isDouble.length; k++) {
      isDouble[k] = group.rule().memory().get(k).isDouble();
    }
  }

  /// Returns the runs of the parameters that the next step updates.
  static Run[] of(List<ParameterGroup> groups) {
    List<Run> runs = new ArrayList<>();
    for (ParameterGroup group : groups) {
      List<Slot> together = new ArrayList<>();
      for (Slot slot : group.slots()) {
        if (!together.isEmpty() && !slot.continues(together.getLast())) {
          runs.add(new Run(together));
          together.clear();
        }
        if (slot.isActive()) {
          together.add(slot);
        }
      }
      if (!together.isEmpty()) {
        runs.add(new Run(together));
      }
    }
    return runs.toArray(Run[]::new);
  }

  long length() {
    return updates.length();
  }

  /// How many elements one thread takes at a time: all, if the rule looks at whole parameters.
  long part() {
    return slots[0].tensor() == null ? UpdateRun.PART : Math.max(1, length());
  }

  /// Computes the scalars of the next step. Nothing is counted yet.
  ///
  /// @param scale what the gradient is multiplied by
  /// @param clip the largest absolute value of an element of the gradient
  void prepare(double scale, double clip) {
    UpdateRule rule = group.rule();
    UpdateSettings settings = group.live();
    double[] before = slots[0].memory();
    System.arraycopy(before, 0, memory, 0, memory.length);
    long t = slots[0].steps() + 1;
    rule.scalars(settings, t, memory, scalars.values());
    for (int k = 0; k < memory.length; k++) {
      memory[k] = OptimizerState.rounded(memory[k], isDouble[k]);
    }
    double decay = settings.get("weightDecay");
    UpdateRule.Decay kind = rule.decay(settings);
    double penalty = kind == UpdateRule.Decay.L2 ? decay : 0;
    boolean isMaximized = settings.is("maximize");
    if (slots[0].tensor() == null) {
      scalars.gradient(scale, clip, isMaximized, penalty);
    } else {
      gradient.gradient(scale, clip, isMaximized, penalty);
    }
    Passes passes = group.passes();
    scalars.after(passes.averaging().weight(t), passes.zeroesGradient(), roundingKey(passes, t));
    scalars.shrink(kind == UpdateRule.Decay.DECOUPLED ? 1 - settings.get("lr") * decay : 1);
  }

  /// A key of the random bits of step t, never 0.
  private static int roundingKey(Passes passes, long t) {
    if (passes.parameterPrecision() != ParameterPrecision.BFLOAT16_AT_RANDOM) {
      return 0;
    }
    long mixed = (passes.seed() ^ t * 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L; // SplitMix64
    return (int) (mixed >>> 32) | 1;
  }

  boolean isShared() {
    return updates.isShared();
  }

  /// The sum of the squares of the gradients, parameter by parameter.
  double sumOfSquares() {
    double sum = 0;
    for (Slot slot : slots) {
      sum += Updates.sumOfSquares(slot.parameter().gradient());
    }
    return sum;
  }

  /// Updates the parameters from `from` to `to`, the first part before all others.
  void step(long from, long to) {
    if (from == 0 && slots[0].tensor() != null) {
      if (join != null) {
        join.step(0, length(), ofJoin);
      }
      slots[0].tensor().step(group.live(), slots[0].steps() + 1, gradient);
    }
    updates.step(from, to, scalars);
  }

  /// Counts the step.
  void count() {
    for (Slot slot : slots) {
      slot.setSteps(slot.steps() + 1);
      System.arraycopy(memory, 0, slot.memory(), 0, memory.length);
    }
  }

  void zeroGradient() {
    for (Slot slot : slots) {
      slot.parameter().gradient().fill(0f);
    }
  }

  /// The names of the parameters.
  @Override
  public String toString() {
    return Arrays.stream(slots).map(slot -> slot.parameter().name()).toList().toString();
  }
}
