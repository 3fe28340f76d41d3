package io.github.lanewise.bench.lab;

import io.github.lanewise.nn.io.DataSet;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The problems of the lab, by their names.
public final class Problems {
  private Problems() {}

  /// {@return the names, in the order of the page}
  public static List<String> names() {
    List<String> names = new ArrayList<>();
    Arrays.stream(TestFunction.values()).map(TestFunction::key).forEach(names::add);
    names.addAll(List.of("logistic", "digits"));
    return names;
  }

  /// {@return the problem of a name; digits are drawn}
  ///
  /// @param arena owns its data; it must admit every thread
  /// @param name one of [#names]
  /// @throws IllegalArgumentException if there is no such problem
  public static Problem named(Arena arena, String name) {
    for (TestFunction function : TestFunction.values()) {
      if (function.key().equals(name)) {
        return function;
      }
    }
    return switch (name) {
      case "logistic" -> new LogisticRegression();
      case "digits" -> DigitsNetwork.drawn(arena);
      default -> throw new IllegalArgumentException("there is no problem " + name);
    };
  }

  /// {@return a network that learns the rows of a file}
  ///
  /// @param data with classes, and at least two rows; it is scaled and put into another order
  /// @param file what the page calls it
  public static Problem digits(DataSet data, String file) {
    return DigitsNetwork.of(data, file);
  }
}
