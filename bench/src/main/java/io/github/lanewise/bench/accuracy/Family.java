package io.github.lanewise.bench.accuracy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/// A function with parameters: a row of [Ops] for all of their values.
final class Family {
  private final String name;
  private final List<String> parameters;
  private final BiFunction<double[], double[], Row> row;
  private final List<double[]> values;

  /// @param name PyTorch's name of the function
  /// @param parameters PyTorch's names of the parameters
  /// @param row of an activation with the first parameters, whose oracle has the second ones
  /// @param values of the parameters that are tested, those first that the special values belong to
  Family(
      String name,
      List<String> parameters,
      BiFunction<double[], double[], Row> row,
      double[]... values) {
    this.name = name;
    this.parameters = parameters;
    this.row = row;
    this.values = List.of(values);
  }

  String name() {
    return name;
  }

  /// The rows of the values that are tested.
  List<Row> rows() {
    return values.stream().map(this::row).toList();
  }

  /// The row of other values. Its oracle computes with the parameters as the kernel has them,
  /// rounded to float.
  Row row(double... p) {
    return row(p, Arrays.stream(p).map(value -> (float) value).toArray());
  }

  /// The row of other values, whose oracle computes with the parameters as they are.
  Row exactRow(double... p) {
    return row(p, p);
  }

  private Row row(double[] p, double[] q) {
    Row made = row.apply(p, q);
    return Arrays.equals(p, values.getFirst()) ? made : made.special(null);
  }

  /// The values of the parameters, in the order that [#row] takes.
  ///
  /// @throws IllegalArgumentException if the names are not those of the parameters
  double[] values(Map<String, Double> named) {
    if (!named.keySet().equals(Set.copyOf(parameters))) {
      throw new IllegalArgumentException(
          name + " has the parameters " + parameters + ", not " + named.keySet());
    }
    return parameters.stream().mapToDouble(named::get).toArray();
  }
}
