package io.github.lanewise.optim;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What every optimizer holds: its parameters, their states, the number of steps taken and the
/// learning rate.
///
/// Parameters that follow one another in memory form a run, which is updated in one pass. A state,
/// such as Adam's first moment, is one array (a slab) with an element for each element of the
/// parameters, in their order; it is cut into one part per run.
///
/// One number of steps serves all parameters, since every parameter has a gradient at every step. A
/// long counts them. PyTorch counts in floats, where adding 1 has no effect from 2^24 on; a
/// state dictionary holds such floats, which are written from the long after each step.
final class Slabs {
  private final Arena arena;
  private final List<Parameter> parameters;
  private final Parameter[] runs;
  private final Map<String, FloatArray> states = new LinkedHashMap<>();
  private final List<Named> gradients = new ArrayList<>();
  private final List<Named> usedByStep = new ArrayList<>();

  /// The number of steps once for each parameter, since each has an entry in the dictionary.
  private final FloatArray stepNumbers;

  private double learningRate;
  private long steps;

  Slabs(Arena arena, List<Parameter> parameters, double learningRate) {
    this.arena = arena;
    this.parameters = List.copyOf(parameters);
    this.learningRate = learningRate;
    if (parameters.isEmpty()) {
      throw new IllegalArgumentException("the list of parameters is empty");
    }
    requireDistinctNames();
    requireDistinctMemory();
    runs = Parameter.joinAdjacent(this.parameters).toArray(Parameter[]::new);
    stepNumbers = FloatArray.allocate(arena, parameters.size());
    for (Parameter run : runs) {
      gradients.add(new Named(gradientOf(run), run.gradient()));
      usedByStep.add(new Named(valueOf(run), run.value()));
    }
    usedByStep.addAll(gradients);
    usedByStep.add(new Named("the number of steps", stepNumbers));
  }

  /// An array and what messages call it: to compose the name at each check would allocate.
  private record Named(String name, FloatArray array) {}

  private static void requireUsable(List<Named> arrays) {
    for (int i = 0; i < arrays.size(); i++) { // an iterator would be an object per call
      arrays.get(i).array.requireUsable(arrays.get(i).name);
    }
  }

  private static String valueOf(Parameter parameter) {
    return "the value of " + parameter.name();
  }

  private static String gradientOf(Parameter parameter) {
    return "the gradient of " + parameter.name();
  }

  /// Adds a state of zeros under PyTorch's name and returns its part for each run.
  FloatArray[] add(String name) {
    long elements = 0;
    for (Parameter run : runs) {
      elements += run.value().length();
    }
    FloatArray slab = FloatArray.allocate(arena, elements);
    states.put(name, slab);
    usedByStep.add(new Named("the state " + name, slab));
    FloatArray[] parts = new FloatArray[runs.length];
    long from = 0;
    for (int run = 0; run < runs.length; run++) {
      parts[run] = slab.slice(from, runs[run].value().length());
      from += parts[run].length();
    }
    return parts;
  }

  int runs() {
    return runs.length;
  }

  FloatArray value(int run) {
    return runs[run].value();
  }

  FloatArray gradient(int run) {
    return runs[run].gradient();
  }

  double learningRate() {
    return learningRate;
  }

  void setLearningRate(double lr) {
    learningRate = Require.atLeastZero("lr", lr);
  }

  long steps() {
    return steps;
  }

  void setSteps(long steps) {
    stepNumbers.fill((float) steps); // first, since it fails where the arena cannot be used
    this.steps = steps;
  }

  /// Counts a step and returns its number, from 1.
  ///
  /// Nothing has been counted or written if this throws. It asks of every array of the step what
  /// the update of each run asks again, so that a refusal comes before the first run is updated.
  ///
  /// @throws IllegalStateException if the arena of an array is closed
  /// @throws WrongThreadException if it is confined to another thread
  long nextStep() {
    requireUsable(usedByStep);
    setSteps(steps + 1);
    return steps;
  }

  /// Sets every gradient to zero, or none if one of them cannot be used.
  void zeroGrad() {
    requireUsable(gradients);
    for (Parameter run : runs) {
      run.gradient().fill(0f);
    }
  }

  /// The number of steps and the states of each parameter.
  StateDict stateDict() {
    return stateDict(true);
  }

  /// The states of each parameter, after the number of steps if asked for.
  StateDict stateDict(boolean withStep) {
    StateDict dictionary = new StateDict();
    long from = 0;
    for (int i = 0; i < parameters.size(); i++) {
      String name = parameters.get(i).name() + ".";
      Shape shape = parameters.get(i).shape();
      if (withStep) {
        dictionary.put(name + "step", Shape.of(), stepNumbers.slice(i, 1));
      }
      for (Map.Entry<String, FloatArray> state : states.entrySet()) {
        dictionary.put(
            name + state.getKey(), shape, state.getValue().slice(from, shape.elements()));
      }
      from += shape.elements();
    }
    return dictionary;
  }

  /// Copies the states and takes over the number of steps, or changes nothing if that fails.
  void load(StateDict source) {
    long loaded = stepsOf(source);
    stateDict().copyFrom(source);
    setSteps(loaded);
  }

  /// Returns the number of steps that `source` gives for every parameter.
  private long stepsOf(StateDict source) {
    float common = Float.NaN;
    for (Parameter parameter : parameters) {
      String name = parameter.name() + ".step";
      StateDict.Entry entry = source.get(name);
      if (entry.shape().rank() != 0) {
        throw new IllegalArgumentException(
            name + " has shape " + entry.shape() + ", but [] is needed");
      }
      entry.values().requireUsable(name + " of the source");
      float step = entry.values().get(0);
      if (!(step >= 0 && step < Long.MAX_VALUE && step == (float) (long) step)) {
        throw new IllegalArgumentException(name + " is " + step + ", not a number of steps");
      }
      if (step < common || step > common) {
        throw new IllegalArgumentException(
            name + " is " + step + ", but others have taken " + common + " steps");
      }
      common = step;
    }
    return (long) common;
  }

  private void requireDistinctNames() {
    Map<String, Parameter> byName = new HashMap<>();
    for (Parameter parameter : parameters) {
      Parameter other = byName.put(parameter.name(), parameter);
      if (parameter.equals(other)) {
        throw new IllegalArgumentException("parameter " + parameter.name() + " is given twice");
      }
      if (other != null) {
        throw new IllegalArgumentException("two parameters are named " + parameter.name());
      }
    }
  }

  private record Range(String name, long begin, long end) {
    static Range of(String name, FloatArray array) {
      long begin = array.segment().address();
      return new Range(name, begin, begin + array.length() * Float.BYTES);
    }
  }

  private void requireDistinctMemory() {
    List<Range> ranges = new ArrayList<>();
    for (Parameter parameter : parameters) {
      if (parameter.shape().elements() > 0) {
        ranges.add(Range.of(valueOf(parameter), parameter.value()));
        ranges.add(Range.of(gradientOf(parameter), parameter.gradient()));
      }
    }
    ranges.sort(Comparator.comparingLong(Range::begin));
    for (int i = 1; i < ranges.size(); i++) {
      Range last = ranges.get(i - 1);
      if (ranges.get(i).begin < last.end) {
        throw new IllegalArgumentException(ranges.get(i).name + " overlaps " + last.name);
      }
    }
  }
}
