package io.github.lanewise.optim;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.optim.rule.TensorState;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The states of an optimizer as a dictionary under PyTorch's names, and back.
final class OptimizerState {
  private static final Pattern OF_PYTORCH = Pattern.compile("state\\.(\\d{1,9})\\.([^.]+)");

  private static final String AVERAGE = "average";
  private static final String COMPENSATION = "compensation";
  private static final String GRADIENT = "gradient";

  private OptimizerState() {}

  /// @param isAccumulating whether the gradients are sums that the next step goes on with
  static StateDict copy(Arena arena, List<ParameterGroup> groups, boolean isAccumulating) {
    StateDict dictionary = new StateDict();
    for (ParameterGroup group : groups) {
      group.states().requireUsable("the state");
      for (Slot slot : group.slots()) {
        copy(arena, slot, dictionary);
        if (isAccumulating) {
          FloatArray gradient = slot.parameter().gradient();
          gradient.requireUsable(slot.gradientName());
          putCopy(arena, dictionary, slot.parameter().name() + "." + GRADIENT, slot, gradient);
        }
      }
    }
    return dictionary;
  }

  private static void copy(Arena arena, Slot slot, StateDict dictionary) {
    UpdateRule rule = slot.group().rule();
    String name = slot.parameter().name() + ".";
    if (countsSteps(slot)) {
      dictionary.put(name + "step", Shape.of(), FloatArray.of(arena, (float) slot.steps()));
    } else if (slot.steps() == 0) {
      return; // as in PyTorch, where the first step makes the state
    }
    for (int k = 0; k < rule.memory().size(); k++) {
      UpdateRule.Memory scalar = rule.memory().get(k);
      double value = slot.memory()[k];
      float high = (float) value;
      if (scalar.isDouble()) {
        FloatArray both = FloatArray.of(arena, high, (float) (value - high));
        dictionary.put(name + scalar.name(), Shape.of(2), both);
      } else {
        dictionary.put(name + scalar.name(), Shape.of(), FloatArray.of(arena, high));
      }
    }
    for (TensorState state : slot.states()) {
      FloatArray values = FloatArray.allocate(arena, state.shape().elements());
      state.kept().read(state.index(), state.from(), values);
      dictionary.put(name + state.name(), state.shape(), values);
    }
    putCopy(arena, dictionary, name + AVERAGE, slot, slot.group().average(slot));
    putCopy(arena, dictionary, name + COMPENSATION, slot, slot.group().compensation(slot));
  }

  /// Whether the number of steps is in the dictionary. Where PyTorch's optimizer does not count
  /// them, an average or random bits may still depend on them.
  private static boolean countsSteps(Slot slot) {
    Passes passes = slot.group().passes();
    return slot.group().rule().countsSteps()
        || passes.averaging().isKept()
        || passes.parameterPrecision() == ParameterPrecision.BFLOAT16_AT_RANDOM;
  }

  private static void putCopy(
      Arena arena, StateDict dictionary, String name, Slot slot, FloatArray values) {
    if (values != null) {
      FloatArray copy = FloatArray.allocate(arena, values.length()).copyFrom(values);
      dictionary.put(name, slot.parameter().shape(), copy);
    }
  }

  /// Rounds a scalar to what a dictionary can hold: a float, or the sum of two.
  static double rounded(double value, boolean isDouble) {
    float high = (float) value;
    return isDouble ? (double) high + (float) (value - high) : high;
  }

  /// Copies a dictionary into the states, or changes nothing if it does not fit.
  static void load(
      StateDict state,
      Map<String, String> metadata,
      List<ParameterGroup> groups,
      Gradients gradients) {
    String rule = groups.getFirst().rule().name();
    List<UpdateSettings> settings = Metadata.settings(metadata, rule, groups);
    List<Set<Integer>> frozen = Metadata.frozen(metadata, groups);
    Gradients.Progress progress = gradients.progress(metadata);
    boolean isAccumulating = progress.accumulated() > 0;
    StateDict source = renamed(state, groups);
    List<Loaded> all = new ArrayList<>();
    Set<String> used = new LinkedHashSet<>();
    for (ParameterGroup group : groups) {
      for (Slot slot : group.slots()) {
        all.add(Loaded.of(source, metadata, slot, isAccumulating, used));
      }
    }
    if (!used.containsAll(source.names())) {
      Set<String> unused = new LinkedHashSet<>(source.names());
      unused.removeAll(used);
      throw new IllegalArgumentException(
          "the dictionary has entries that this optimizer does not know: " + unused);
    }
    all.forEach(Loaded::store);
    for (int i = 0; i < settings.size(); i++) {
      groups.get(i).live().copyFrom(settings.get(i));
      List<Slot> slots = groups.get(i).slots();
      for (int k = 0; k < slots.size() && frozen.get(i) != null; k++) {
        slots.get(k).setFrozen(frozen.get(i).contains(k));
      }
    }
    gradients.restore(progress);
  }

  /// Gives PyTorch's tensors, such as `state.0.exp_avg`, the names of our parameters. Parameters
  /// are numbered in the order of the groups.
  private static StateDict renamed(StateDict state, List<ParameterGroup> groups) {
    if (state.names().isEmpty()
        || !state.names().stream().allMatch(name -> OF_PYTORCH.matcher(name).matches())) {
      return state;
    }
    List<Slot> slots = groups.stream().flatMap(group -> group.slots().stream()).toList();
    StateDict renamed = new StateDict();
    for (String name : state.names()) {
      Matcher matcher = OF_PYTORCH.matcher(name);
      matcher.matches();
      int number = Integer.parseInt(matcher.group(1));
      if (number >= slots.size()) {
        throw new IllegalArgumentException(
            name + " does not fit: the optimizer has " + slots.size() + " parameters");
      }
      StateDict.Entry entry = state.get(name);
      String own = slots.get(number).parameter().name() + "." + matcher.group(2);
      renamed.put(own, entry.shape(), entry.values());
    }
    return renamed;
  }

  /// What a dictionary says about one parameter.
  private record Loaded(
      Slot slot,
      long steps,
      List<Double> memory,
      List<FloatArray> states,
      FloatArray average,
      FloatArray compensation,
      FloatArray gradient) {
    static Loaded of(
        StateDict source,
        Map<String, String> metadata,
        Slot slot,
        boolean isAccumulating,
        Set<String> used) {
      UpdateRule rule = slot.group().rule();
      Parameter parameter = slot.parameter();
      String name = parameter.name() + ".";
      long steps =
          1; // the only question that a rule without a count asks is whether it is the first
      if (countsSteps(slot)) {
        steps = wholeNumber(name + "step", scalar(source, name + "step", used));
        steps = Metadata.steps(metadata, parameter.name(), steps);
      } else if (source.names().stream().noneMatch(key -> isState(slot, name, key))) {
        steps = 0;
      }
      List<Double> memory = new ArrayList<>();
      for (UpdateRule.Memory scalar : rule.memory()) {
        memory.add(memory(source, name + scalar.name(), scalar.isDouble(), used));
      }
      List<FloatArray> states = new ArrayList<>();
      if (steps > 0 || countsSteps(slot)) {
        for (TensorState state : slot.states()) {
          states.add(array(source, name + state.name(), state.shape(), used));
        }
      }
      FloatArray average = null;
      FloatArray compensation = null;
      if (steps > 0 || countsSteps(slot)) {
        average = extra(source, name + AVERAGE, slot, slot.group().average(slot), used);
        compensation =
            extra(source, name + COMPENSATION, slot, slot.group().compensation(slot), used);
      }
      FloatArray gradient =
          isAccumulating ? array(source, name + GRADIENT, parameter.shape(), used) : null;
      return new Loaded(slot, steps, memory, states, average, compensation, gradient);
    }

    /// An array that the optimizer has besides its states; null if it has none.
    private static FloatArray extra(
        StateDict source, String name, Slot slot, FloatArray own, Set<String> used) {
      return own == null ? null : array(source, name, slot.parameter().shape(), used);
    }

    void store() {
      slot.setSteps(steps);
      for (int k = 0; k < memory.size(); k++) {
        slot.memory()[k] = memory.get(k);
      }
      for (int k = 0; k < slot.states().size(); k++) {
        TensorState state = slot.states().get(k);
        if (states.isEmpty()) {
          state.kept().reset(state.index(), state.from(), state.shape().elements());
        } else {
          state.kept().write(state.index(), state.from(), states.get(k));
        }
      }
      store(average, slot.group().average(slot));
      store(compensation, slot.group().compensation(slot));
      if (gradient != null) {
        slot.parameter().gradient().copyFrom(gradient);
      }
    }

    private static void store(FloatArray from, FloatArray to) {
      if (to != null && from != null) {
        to.copyFrom(from);
      } else if (to != null) {
        to.fill(0f);
      }
    }

    private static FloatArray array(StateDict source, String name, Shape shape, Set<String> used) {
      StateDict.Entry entry = source.get(name);
      used.add(name);
      if (!entry.shape().equals(shape)) {
        throw new IllegalArgumentException(
            name + " has shape " + entry.shape() + ", but " + shape + " is needed");
      }
      entry.values().requireUsable(name + " of the source");
      return entry.values();
    }

    /// Whether a name of the dictionary is that of a state of this parameter.
    private static boolean isState(Slot slot, String prefix, String name) {
      return slot.states().stream().anyMatch(state -> name.equals(prefix + state.name()));
    }

    private static double memory(
        StateDict source, String name, boolean isDouble, Set<String> used) {
      double value;
      if (isDouble) {
        FloatArray both = array(source, name, Shape.of(2), used);
        value = (double) both.get(0) + both.get(1);
      } else {
        value = scalar(source, name, used);
      }
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException(name + " is " + value + ", must be finite");
      }
      return value;
    }

    private static float scalar(StateDict source, String name, Set<String> used) {
      return array(source, name, Shape.of(), used).get(0);
    }

    private static long wholeNumber(String name, float value) {
      if (!(value >= 0 && value < Long.MAX_VALUE && value == (float) (long) value)) {
        throw new IllegalArgumentException(name + " is " + value + ", not a number of steps");
      }
      return (long) value;
    }
  }
}
