package io.github.lanewise.optim.lbfgs;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Parameters seen as one vector, in their order.
final class FlatParameters {
  private final List<Parameter> parameters;
  private final List<Run> runs = new ArrayList<>();
  private final long n;

  /// Parameters that follow one another in memory, with the names that messages give them: to
  /// compose those at each check would allocate.
  private record Run(
      FloatArray value,
      FloatArray gradient,
      MemorySegment values,
      MemorySegment gradients,
      String valueName,
      String gradientName) {
    static Run of(Parameter p) {
      return new Run(
          p.value(),
          p.gradient(),
          p.value().segment(),
          p.gradient().segment(),
          "the value of " + p.name(),
          "the gradient of " + p.name());
    }

    long bytes() {
      return value.length() * Float.BYTES;
    }
  }

  FlatParameters(List<Parameter> parameters) {
    this.parameters = List.copyOf(parameters);
    if (parameters.isEmpty()) {
      throw new IllegalArgumentException("the list of parameters is empty");
    }
    requireDistinct();
    long elements = 0;
    for (Parameter run : Parameter.joinAdjacent(this.parameters)) {
      runs.add(Run.of(run));
      elements += run.value().length();
    }
    n = elements;
  }

  long length() {
    return n;
  }

  /// The name of the first parameter, under which PyTorch keeps a state of all of them.
  String firstName() {
    return parameters.getFirst().name();
  }

  void requireUsable() {
    for (int i = 0; i < runs.size(); i++) { // an iterator would be an object per call
      runs.get(i).value.requireUsable(runs.get(i).valueName);
    }
    requireUsableGradients();
  }

  void zeroGrad() {
    requireUsableGradients();
    for (int i = 0; i < runs.size(); i++) {
      runs.get(i).gradients.fill((byte) 0);
    }
  }

  void copyGradientsTo(FlatVector target) {
    long byteOffset = 0;
    for (int i = 0; i < runs.size(); i++) {
      Run run = runs.get(i);
      MemorySegment.copy(run.gradients, 0, target.memory(), byteOffset, run.bytes());
      byteOffset += run.bytes();
    }
  }

  void copyValuesTo(FlatVector target) {
    long byteOffset = 0;
    for (int i = 0; i < runs.size(); i++) {
      Run run = runs.get(i);
      MemorySegment.copy(run.values, 0, target.memory(), byteOffset, run.bytes());
      byteOffset += run.bytes();
    }
  }

  void copyValuesFrom(FlatVector source) {
    long byteOffset = 0;
    for (int i = 0; i < runs.size(); i++) {
      Run run = runs.get(i);
      MemorySegment.copy(source.memory(), byteOffset, run.values, 0, run.bytes());
      byteOffset += run.bytes();
    }
  }

  /// Adds alpha x to the values, where alpha is rounded to a float first.
  void add(double alpha, FlatVector x) {
    long from = 0;
    for (int i = 0; i < runs.size(); i++) {
      Run run = runs.get(i);
      FlatVector.addTo(run.values, 0, run.value.length(), alpha, x.memory(), from);
      from += run.value.length();
    }
  }

  private void requireUsableGradients() {
    for (int i = 0; i < runs.size(); i++) {
      runs.get(i).gradient.requireUsable(runs.get(i).gradientName);
    }
  }

  private void requireDistinct() {
    Set<String> names = new HashSet<>();
    List<FloatArray> arrays = new ArrayList<>();
    List<String> arrayNames = new ArrayList<>();
    for (Parameter parameter : parameters) {
      if (!names.add(parameter.name())) {
        throw new IllegalArgumentException("two parameters are named " + parameter.name());
      }
      arrays.add(parameter.value());
      arrayNames.add("the value of " + parameter.name());
      arrays.add(parameter.gradient());
      arrayNames.add("the gradient of " + parameter.name());
    }
    for (int i = 0; i < arrays.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (arrays.get(i).overlaps(arrays.get(j))) {
          throw new IllegalArgumentException(arrayNames.get(i) + " overlaps " + arrayNames.get(j));
        }
      }
    }
  }
}
