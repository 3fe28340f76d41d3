package io.github.lanewise.optim;

import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.optim.rule.TensorState;
import io.github.lanewise.optim.rule.TensorUpdate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A parameter of an optimizer, with what the optimizer counts for it.
final class Slot {
  private final ParameterGroup group;
  private final Parameter parameter;
  private final long stateFrom;
  private final double[] memory;
  private final String valueName;
  private final String gradientName;
  private final TensorUpdate tensor;
  private long steps;
  private boolean isFrozen;
  private boolean isSkipped;

  /// @param stateFrom the element of the group's states that belongs to the first element
  /// @param tensor the steps of a rule that looks at whole parameters; null for other rules
  Slot(ParameterGroup group, Parameter parameter, long stateFrom, TensorUpdate tensor) {
    this.tensor = tensor;
    this.group = group;
    this.parameter = parameter;
    this.stateFrom = stateFrom;
    valueName = "the value of " + parameter.name(); // here, since a step must not allocate
    gradientName = "the gradient of " + parameter.name();
    memory = group.rule().memory().stream().mapToDouble(m -> m.initial()).toArray();
  }

  TensorUpdate tensor() {
    return tensor;
  }

  /// The states of the parameter: those of the rule's loop, then those of a rule that looks at
  /// whole parameters.
  List<TensorState> states() {
    List<TensorState> states = new ArrayList<>();
    for (UpdateRule.State state : group.rule().states()) {
      int index = states.size();
      states.add(
          new TensorState(state.name(), parameter.shape(), group.states(), index, stateFrom));
    }
    if (tensor != null) {
      states.addAll(tensor.states());
    }
    return states;
  }

  ParameterGroup group() {
    return group;
  }

  Parameter parameter() {
    return parameter;
  }

  long stateFrom() {
    return stateFrom;
  }

  long length() {
    return parameter.value().length();
  }

  double[] memory() {
    return memory;
  }

  long steps() {
    return steps;
  }

  void setSteps(long steps) {
    this.steps = steps;
  }

  boolean isFrozen() {
    return isFrozen;
  }

  void setFrozen(boolean frozen) {
    isFrozen = frozen;
  }

  boolean isSkipped() {
    return isSkipped;
  }

  void setSkipped(boolean skipped) {
    isSkipped = skipped;
  }

  boolean isActive() {
    return !isFrozen && !isSkipped;
  }

  String valueName() {
    return valueName;
  }

  String gradientName() {
    return gradientName;
  }

  void requireUsable() {
    parameter.value().requireUsable(valueName);
    parameter.gradient().requireUsable(gradientName);
  }

  /// Whether the next step does the same to this parameter as to the one before it, and in the same
  /// pass over memory.
  boolean continues(Slot before) {
    return tensor == null
        && before.isActive()
        && isActive()
        && before.steps == steps
        && Arrays.equals(before.memory, memory)
        && before.stateFrom + before.length() == stateFrom
        && Parameter.joinAdjacent(List.of(before.parameter, parameter)).size() == 1;
  }
}
