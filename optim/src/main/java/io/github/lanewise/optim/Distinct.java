package io.github.lanewise.optim;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What an optimizer asks of its parameters: names and memory of their own.
final class Distinct {
  private record Range(String name, long begin, long end) {
    static Range of(String name, FloatArray array) {
      long begin = array.segment().address();
      return new Range(name, begin, begin + array.length() * Float.BYTES);
    }
  }

  private Distinct() {}

  /// Requires that no parameter of the two lists has the name or the memory of another.
  static void require(List<Parameter> present, List<Parameter> added) {
    if (added.isEmpty()) {
      throw new IllegalArgumentException("the list of parameters is empty");
    }
    List<Parameter> all = new ArrayList<>(present);
    all.addAll(added);
    requireNames(all);
    requireMemory(all);
  }

  private static void requireNames(List<Parameter> parameters) {
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

  private static void requireMemory(List<Parameter> parameters) {
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
