package io.github.lanewise.optim;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.Updates;
import java.lang.foreign.Arena;
import java.util.List;

/// The parameters that a model is evaluated with, in place of those of training, and back.
final class Evaluations {
  private Evaluations() {}

  /// Turns the parameters that have taken a step.
  static void turn(List<ParameterGroup> groups, boolean toEvaluate) {
    for (ParameterGroup group : groups) {
      for (Slot slot : group.slots()) {
        if (slot.steps() > 0) {
          turn(slot, toEvaluate);
        }
      }
    }
  }

  private static void turn(Slot slot, boolean toEvaluate) {
    FloatArray value = slot.parameter().value();
    FloatArray average = slot.group().average(slot);
    try (Arena arena = Arena.ofConfined()) {
      FloatArray work = FloatArray.allocate(arena, value.length());
      if (average != null) {
        exchange(value, average, work);
        return;
      }
      UpdateRule rule = slot.group().rule();
      rule.evaluation(slot.group().live())
          .ifPresent(
              way -> {
                double weight = toEvaluate ? way.toEvaluate() : way.toTrain();
                slot.group().states().read(way.state(), slot.stateFrom(), work);
                Updates.lerp(value, work, value, weight);
              });
    }
  }

  private static void exchange(FloatArray a, FloatArray b, FloatArray work) {
    work.copyFrom(a);
    a.copyFrom(b);
    b.copyFrom(work);
  }
}
