package io.github.lanewise.bench.accuracy;

import io.github.lanewise.core.Activation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The activations under test, made from the rows of [OpTable]: an activation of
/// [Activation#defaults] without a row fails the build.
public final class Ops {
  private Ops() {}

  /// The activations of [Activation#defaults], then others with other parameters.
  public static List<Op> all() {
    List<Op> ops = new ArrayList<>(defaults());
    Set<String> names = new HashSet<>();
    ops.forEach(op -> names.add(op.name()));
    for (Row row : OpTable.rows()) {
      if (!names.contains(row.name())) {
        ops.add(row.op());
      }
    }
    return ops;
  }

  /// The activations of [Activation#defaults] that have a row, in their order.
  public static List<Op> defaults() {
    List<Row> rows = OpTable.rows();
    List<Op> ops = new ArrayList<>();
    for (Activation activation : Activation.defaults()) {
      for (Row row : rows) {
        if (row.name().equals(activation.toString())) {
          ops.add(row.op(activation));
        }
      }
    }
    return ops;
  }

  /// The activations of [Activation#defaults] that have no row.
  public static List<Activation> missing() {
    List<Activation> missing = new ArrayList<>(Activation.defaults());
    for (Op op : defaults()) {
      missing.remove(op.activation());
    }
    return missing;
  }

  /// Returns the op of [#all] with this name.
  ///
  /// @throws IllegalArgumentException if there is none
  public static Op named(String name) {
    return all().stream()
        .filter(op -> op.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("no row '" + name + "': there are " + all()));
  }

  /// Returns a function with any values of its parameters. Its oracle computes with them as the
  /// kernel has them, rounded to float.
  ///
  /// @param parameters by PyTorch's names; empty for a function without parameters
  /// @throws IllegalArgumentException if there is no such function, or it has other parameters
  public static Op of(String name, Map<String, Double> parameters) {
    for (Family family : OpTable.FAMILIES) {
      if (family.name().equals(name)) {
        return family.row(family.values(parameters)).op();
      }
    }
    return fixed(name, parameters);
  }

  /// Returns the same as [#of], with an oracle that computes with the parameters as they are.
  ///
  /// @throws IllegalArgumentException if there is no such function, or it has other parameters
  public static Op exact(String name, Map<String, Double> parameters) {
    for (Family family : OpTable.FAMILIES) {
      if (family.name().equals(name)) {
        return family.exactRow(family.values(parameters)).op();
      }
    }
    return fixed(name, parameters);
  }

  private static Op fixed(String name, Map<String, Double> parameters) {
    if (!parameters.isEmpty()) {
      throw new IllegalArgumentException(name + " has no parameters, not " + parameters.keySet());
    }
    return named(name);
  }
}
