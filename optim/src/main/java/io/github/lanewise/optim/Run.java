package io.github.lanewise.optim;

import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateRun;
import io.github.lanewise.core.UpdateScalars;
import io.github.lanewise.core.UpdateSettings;
import java.util.ArrayList;
import java.util.List;

/// Parameters of a group that a step updates in one pass: they lie side by side in memory, and have
/// taken the same number of steps.
final class Run {
  private final ParameterGroup group;
  private final Slot[] slots;
  private final UpdateRun updates;
  private final UpdateScalars scalars;
  private final double[] memory;
  private final boolean[] isDouble;

  private Run(List<Slot> slots) {
    this.slots = slots.toArray(Slot[]::new);
    group = slots.getFirst().group();
    List<Parameter> joined = Parameter.joinAdjacent(slots.stream().map(Slot::parameter).toList());
    updates =
        new UpdateRun(
            group.rule().loop(),
            joined.getFirst().value(),
            joined.getFirst().gradient(),
            group.states(),
            slots.getFirst().stateFrom());
    scalars = new UpdateScalars(group.rule().scalarCount());
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

  /// Computes the scalars of the next step. Nothing is counted yet.
  ///
  /// @param scale what the gradient is multiplied by
  /// @param clip the largest absolute value of an element of the gradient
  void prepare(double scale, double clip) {
    UpdateRule rule = group.rule();
    UpdateSettings settings = group.live();
    double[] before = slots[0].memory();
    System.arraycopy(before, 0, memory, 0, memory.length);
    rule.scalars(settings, slots[0].steps() + 1, memory, scalars.values());
    for (int k = 0; k < memory.length; k++) {
      memory[k] = OptimizerState.rounded(memory[k], isDouble[k]);
    }
    double decay = settings.get("weightDecay");
    UpdateRule.Decay kind = rule.decay(settings);
    double penalty = kind == UpdateRule.Decay.L2 ? decay : 0;
    scalars.gradient(scale, clip, settings.is("maximize"), penalty);
    scalars.shrink(kind == UpdateRule.Decay.DECOUPLED ? 1 - settings.get("lr") * decay : 1);
  }

  void step(long from, long to) {
    updates.step(from, to, scalars);
  }

  /// Counts the step.
  void count() {
    for (Slot slot : slots) {
      slot.setSteps(slot.steps() + 1);
      System.arraycopy(memory, 0, slot.memory(), 0, memory.length);
    }
  }
}
