package io.github.lanewise.optim;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Setting;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateRun;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.UpdateState;
import io.github.lanewise.core.Updates;
import io.github.lanewise.optim.rule.TensorRule;
import io.github.lanewise.optim.rule.TensorUpdate;
import io.github.lanewise.optim.schedule.ScheduledSettings;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/// Parameters of an [Optimizer] that share their settings. Not thread-safe, as the optimizer.
public final class ParameterGroup implements ScheduledSettings {
  private final UpdateRule rule;
  private final UpdateSettings settings;
  private final Passes passes;
  private final UpdateState states;
  private final UpdateState noStates;
  private final List<Slot> slots;

  /// As long as the states, or null.
  private final FloatArray average;

  private final FloatArray compensation;

  ParameterGroup(Arena arena, List<Parameter> parameters, UpdateRule rule, Passes passes) {
    this.rule = rule;
    this.passes = passes;
    settings = new UpdateSettings(rule, withCommon(rule.settings()));
    List<Slot> made = new ArrayList<>();
    long elements = 0;
    for (Parameter parameter : parameters) {
      StatePrecision precision = passes.statePrecision();
      TensorUpdate tensor =
          rule instanceof TensorRule whole ? whole.bind(arena, parameter, precision) : null;
      made.add(new Slot(this, parameter, elements, tensor));
      long granule = precision.granule();
      elements = Math.ceilDiv(elements + parameter.shape().elements(), granule) * granule;
    }
    slots = List.copyOf(made);
    states = UpdateState.allocate(arena, passes.statePrecision(), rule.states(), elements);
    noStates = UpdateState.allocate(arena, StatePrecision.FLOAT32, List.of(), elements);
    average = passes.averaging().isKept() ? FloatArray.allocate(arena, elements) : null;
    compensation =
        passes.parameterPrecision() == ParameterPrecision.BFLOAT16_COMPENSATED
            ? FloatArray.allocate(arena, elements)
            : null;
  }

  /// Adds the settings that work for every rule to those of the rule.
  private static List<Setting> withCommon(List<Setting> own) {
    List<Setting> all = new ArrayList<>(own);
    for (Setting common :
        List.of(
            Setting.atLeastZero("weightDecay", 0),
            Setting.flag("decoupledWeightDecay", false),
            Setting.flag("maximize", false))) {
      if (own.stream().noneMatch(setting -> setting.name().equals(common.name()))) {
        all.add(common);
      }
    }
    return all;
  }

  /// {@return the parameters, in their order}
  public List<Parameter> parameters() {
    return slots.stream().map(Slot::parameter).toList();
  }

  /// {@return the rule with the settings that the group was made with}
  public UpdateRule rule() {
    return rule;
  }

  /// {@return all settings with their present values}
  public List<Setting> settings() {
    return settings.all();
  }

  /// {@return whether the group has a setting of this name}
  ///
  /// @param name such as `momentum`
  public boolean has(String name) {
    return settings.has(name);
  }

  /// {@return the present value of a setting; 0 or 1 for a flag}
  ///
  /// @param name such as `lr` or `weightDecay`
  /// @throws IllegalArgumentException if the rule has no such setting
  public double get(String name) {
    return settings.get(name);
  }

  /// Changes a setting from the next step on. If this throws, it is as it was.
  ///
  /// @param name such as `lr`, `weightDecay` or `beta1`
  /// @param value its new value; 0 or 1 for a flag
  /// @throws IllegalArgumentException if the rule has no such setting, or it may not have this
  ///     value
  public void set(String name, double value) {
    settings.set(name, value);
  }

  @Override
  public double learningRate() {
    return settings.get("lr");
  }

  @Override
  public void setLearningRate(double learningRate) {
    settings.set("lr", learningRate);
  }

  /// {@return whether there is a momentum to set: `beta1`, or a `momentum` that is not 0}
  @Override
  public boolean hasMomentum() {
    return has("beta1") || (has("momentum") && get("momentum") > 0);
  }

  @Override
  public double momentum() {
    return get(momentumName());
  }

  @Override
  public void setMomentum(double momentum) {
    set(momentumName(), momentum);
  }

  private String momentumName() {
    return has("beta1") ? "beta1" : "momentum";
  }

  UpdateSettings live() {
    return settings;
  }

  Passes passes() {
    return passes;
  }

  /// The average of a parameter, or null if none is kept.
  FloatArray average(Slot slot) {
    return average == null ? null : average.slice(slot.stateFrom(), slot.length());
  }

  /// What the rounding of a parameter left, or null if it is not rounded so.
  FloatArray compensation(Slot slot) {
    return compensation == null ? null : compensation.slice(slot.stateFrom(), slot.length());
  }

  /// The loops over parameters that lie side by side, from the one of a slot on.
  UpdateRun run(Slot first, FloatArray values, FloatArray gradients) {
    long from = first.stateFrom();
    UpdateRun run = UpdateRun.of(rule.loop(), values, gradients, states, from);
    if (average != null) {
      run = run.withAverage(average.slice(from, values.length()));
    }
    return compensation == null
        ? run
        : run.withCompensation(compensation.slice(from, values.length()));
  }

  /// A loop that adds to a parameter what its rounding left, and zeroes that; null if nothing is
  /// kept of it. It is SGD with the rest in place of a gradient, for a rate of -1.
  UpdateRun join(Slot slot) {
    FloatArray rest = compensation(slot);
    return rest == null
        ? null
        : UpdateRun.of(Updates.SGD, slot.parameter().value(), rest, noStates, 0);
  }

  void requireUsable() {
    states.requireUsable("the state");
    if (average != null) {
      average.requireUsable("the average");
    }
    if (compensation != null) {
      compensation.requireUsable("the compensation");
    }
  }

  UpdateState states() {
    return states;
  }

  List<Slot> slots() {
    return slots;
  }
}
