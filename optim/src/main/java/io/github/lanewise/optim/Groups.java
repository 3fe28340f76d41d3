package io.github.lanewise.optim;

import io.github.lanewise.core.Parameter;
import java.util.ArrayList;
import java.util.List;

/// The parameter groups of an optimizer. What a step calls allocates nothing, not even an iterator.
final class Groups {
  private final List<ParameterGroup> groups = new ArrayList<>();

  void add(ParameterGroup group) {
    groups.add(group);
  }

  List<ParameterGroup> all() {
    return List.copyOf(groups);
  }

  ParameterGroup first() {
    return groups.getFirst();
  }

  List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    groups.forEach(group -> all.addAll(group.parameters()));
    return all;
  }

  Slot slot(String name) {
    for (ParameterGroup group : groups) {
      for (Slot slot : group.slots()) {
        if (slot.parameter().name().equals(name)) {
          return slot;
        }
      }
    }
    throw new IllegalArgumentException(
        "there is no parameter "
            + name
            + ", only "
            + String.join(", ", parameters().stream().map(Parameter::name).toList()));
  }

  void setLearningRate(double learningRate) {
    for (int i = 0; i < groups.size(); i++) {
      groups.get(i).setLearningRate(learningRate);
    }
  }

  /// Requires that this thread may use every array of a step.
  void requireUsable() {
    for (int i = 0; i < groups.size(); i++) {
      List<Slot> slots = groups.get(i).slots();
      for (int j = 0; j < slots.size(); j++) {
        slots.get(j).requireUsable();
      }
      groups.get(i).requireUsable();
    }
  }

  void requireGradients() {
    for (int i = 0; i < groups.size(); i++) {
      List<Slot> slots = groups.get(i).slots();
      for (int j = 0; j < slots.size(); j++) {
        slots.get(j).parameter().gradient().requireUsable(slots.get(j).gradientName());
      }
    }
  }

  void zeroGradients() {
    for (int i = 0; i < groups.size(); i++) {
      List<Slot> slots = groups.get(i).slots();
      for (int j = 0; j < slots.size(); j++) {
        slots.get(j).parameter().gradient().fill(0f);
      }
    }
  }

  /// Lets the next step update the parameters that had no gradient in this one. Returns whether
  /// there were any.
  boolean endSkips() {
    boolean found = false;
    for (int i = 0; i < groups.size(); i++) {
      List<Slot> slots = groups.get(i).slots();
      for (int j = 0; j < slots.size(); j++) {
        if (slots.get(j).isSkipped()) {
          slots.get(j).setSkipped(false);
          found = true;
        }
      }
    }
    return found;
  }
}
