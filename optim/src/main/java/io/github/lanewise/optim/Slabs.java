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

/// What all optimizers share: parameters, states as slabs in their order, steps, learning rate.
///
/// Parameters that adjoin in memory form a run, which one pass updates; each state is cut alike.
///
/// One count serves all parameters, since each of them has a gradient at every step. It is a long,
/// beside the floats that PyTorch counts in and that stop at 2^24.
final class Slabs {
  private final Arena arena;
  private final List<Parameter> parameters;
  private final Parameter[] runs;
  private final Map<String, FloatArray> states = new LinkedHashMap<>();
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
  }

  /// Adds a state of zeros and returns its part for each run.
  FloatArray[] add(String name) {
    long elements = 0;
    for (Parameter run : runs) {
      elements += run.value().length();
    }
    FloatArray slab = FloatArray.allocate(arena, elements);
    states.put(name, slab);
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
    this.steps = steps;
    stepNumbers.fill((float) steps);
  }

  /// Counts a step and returns its number, from 1.
  long nextStep() {
    setSteps(steps + 1);
    return steps;
  }

  void zeroGrad() {
    for (Parameter run : runs) {
      run.gradient().fill(0f);
    }
  }

  /// The number of steps and the states of each parameter.
  StateDict stateDict() {
    return stateDict(true);
  }

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

  void load(StateDict source) {
    long loaded = stepsOf(source);
    stateDict().copyFrom(source);
    setSteps(loaded);
  }

  private long stepsOf(StateDict source) {
    float common = Float.NaN;
    for (Parameter parameter : parameters) {
      String name = parameter.name() + ".step";
      StateDict.Entry entry = source.get(name);
      if (entry.shape().rank() != 0) {
        throw new IllegalArgumentException(
            name + " has shape " + entry.shape() + ", but [] is needed");
      }
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
        ranges.add(Range.of("the value of " + parameter.name(), parameter.value()));
        ranges.add(Range.of("the gradient of " + parameter.name(), parameter.gradient()));
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
