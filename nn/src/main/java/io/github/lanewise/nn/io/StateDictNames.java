package io.github.lanewise.nn.io;

import io.github.lanewise.core.Layer;
import io.github.lanewise.core.ParameterSpec;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.Sequential;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Finds the parameters of a network in a dictionary, whatever their names are.
final class StateDictNames {
  private StateDictNames() {}

  /// The shapes of a network's parameters, under their names, in their order.
  private static Map<String, Shape> shapes(Sequential network) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (int i = 0; i < network.layers().size(); i++) {
      Layer layer = network.layers().get(i);
      for (ParameterSpec spec : layer.parameters()) {
        shapes.put(i + "." + spec.name(), spec.shape());
      }
    }
    return shapes;
  }

  /// Requires that the dictionary holds the parameters of the network and nothing else.
  ///
  /// @throws IllegalArgumentException if it does not
  static void require(Sequential network, StateDict parameters) {
    Map<String, Shape> shapes = shapes(network);
    if (!shapes.keySet().equals(parameters.names())) {
      throw new IllegalArgumentException(
          "the parameters are %s, but the network has %s"
              .formatted(parameters.names(), shapes.keySet()));
    }
    shapes.forEach((name, shape) -> requireShape(name, shape, parameters.get(name).shape()));
  }

  private static void requireShape(String name, Shape needed, Shape found) {
    if (!needed.equals(found)) {
      throw new IllegalArgumentException(
          name + " has shape " + found + ", but " + needed + " is needed");
    }
  }

  /// Returns the parameters under the names that the network gives them.
  ///
  /// @throws IllegalArgumentException if there are too few or too many, or their shapes do not fit
  static StateDict matched(Sequential network, StateDict found) {
    Map<String, Shape> shapes = shapes(network);
    if (shapes.keySet().equals(found.names())) {
      require(network, found);
      return found;
    }
    List<String> names = new ArrayList<>(found.names());
    names.sort(
        Comparator.comparing(StateDictNames::layer, StateDictNames::compareNaturally)
            .thenComparing(name -> !name.endsWith("weight")));
    if (names.size() != shapes.size()) {
      throw new IllegalArgumentException(
          "has the %d parameters %s, but the network has %d: %s"
              .formatted(names.size(), names, shapes.size(), shapes.keySet()));
    }
    StateDict matched = new StateDict();
    shapes.forEach(
        (name, shape) -> {
          String there = names.get(matched.names().size());
          StateDict.Entry entry = found.get(there);
          requireShape(there, shape, entry.shape());
          matched.put(name, shape, entry.values());
        });
    return matched;
  }

  private static String layer(String name) {
    return name.substring(0, Math.max(name.lastIndexOf('.'), 0));
  }

  /// Compares texts so that `fc2` is before `fc10`.
  private static int compareNaturally(String a, String b) {
    String[] as = a.split("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)", -1);
    String[] bs = b.split("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)", -1);
    for (int i = 0; i < Math.min(as.length, bs.length); i++) {
      int order = as[i].compareTo(bs[i]);
      if (order != 0 && isNumber(as[i]) && isNumber(bs[i])) {
        int byLength = as[i].length() - bs[i].length();
        return byLength != 0 ? byLength : order;
      }
      if (order != 0) {
        return order;
      }
    }
    return as.length - bs.length;
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty() && text.charAt(0) >= '0' && text.charAt(0) <= '9';
  }
}
