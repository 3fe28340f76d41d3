package io.github.lanewise.nn.io;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Turns the classes of a file, which are any texts, into indices.
///
/// If all classes are whole numbers from 0 on, they are the indices themselves. Otherwise the
/// index of a class is its place among the sorted texts, so that it does not depend on the order
/// of rows.
final class Classes {
  /// The names that are allowed, with their indices; empty if any name is.
  private final Map<String, Integer> known = new HashMap<>();

  /// The number of each name, in the order of their first appearance.
  private final Map<String, Integer> numbers = new HashMap<>();

  private final List<String> names = new ArrayList<>();

  /// @param known the classes that are allowed, in the order of their indices; empty for any
  Classes(List<String> known) {
    for (String name : known) {
      this.known.put(name, this.known.size());
    }
  }

  /// Whether only the known classes are allowed.
  boolean areKnown() {
    return !known.isEmpty();
  }

  /// Returns a number for the class, which [#indices] later turns into its index.
  ///
  /// @throws IllegalArgumentException if the class is empty or not allowed, or there are too many
  int number(String text) {
    String name = text.strip();
    Integer number = numbers.get(name);
    if (number != null) {
      return number;
    }
    if (name.isEmpty()) {
      throw new IllegalArgumentException("the class is empty");
    }
    if (areKnown() && indexOfKnown(name) == null) {
      throw new IllegalArgumentException(
          "class %s is not one of the %d that are known: %s"
              .formatted(FileException.shown(name), known.size(), shownClasses()));
    }
    if (names.size() == DataSet.MAX_CLASSES) {
      throw new IllegalArgumentException(
          "class %s is one more than the %d that can be told apart"
              .formatted(FileException.shown(name), DataSet.MAX_CLASSES));
    }
    numbers.put(name, names.size());
    names.add(name);
    return names.size() - 1;
  }

  private String shownClasses() {
    List<String> all = new ArrayList<>(known.keySet());
    all.sort((a, b) -> known.get(a) - known.get(b));
    return all.size() <= 10
        ? String.join(", ", all)
        : String.join(", ", all.subList(0, 9)) + " ... " + all.getLast();
  }

  /// Returns the index of an allowed class, or null. A file may hold a whole number as `3.0`.
  private Integer indexOfKnown(String name) {
    Integer index = known.get(name);
    int whole = whole(name);
    return index == null && whole >= 0 ? known.get(Integer.toString(whole)) : index;
  }

  /// Returns the index for each number that [#number] gave.
  int[] indices() {
    int[] indices = new int[names.size()];
    List<String> sorted = sorted();
    for (int i = 0; i < indices.length; i++) {
      String name = names.get(i);
      if (areKnown()) {
        indices[i] = indexOfKnown(name);
      } else {
        indices[i] = areIndices() ? whole(name) : Collections.binarySearch(sorted, name);
      }
    }
    return indices;
  }

  /// Returns the name of each index.
  List<String> names() {
    if (areKnown()) {
      List<String> ordered = new ArrayList<>(Collections.nCopies(known.size(), ""));
      known.forEach((name, index) -> ordered.set(index, name));
      return ordered;
    }
    return areIndices()
        ? numbered(1 + names.stream().mapToInt(Classes::whole).max().orElse(-1))
        : sorted();
  }

  /// Returns the names of classes that are whole numbers.
  static List<String> numbered(int classes) {
    List<String> numbered = new ArrayList<>();
    for (int i = 0; i < classes; i++) {
      numbered.add(Integer.toString(i));
    }
    return numbered;
  }

  private boolean areIndices() {
    return names.stream().allMatch(name -> whole(name) >= 0);
  }

  private List<String> sorted() {
    return names.stream().sorted().toList();
  }

  /// Returns the whole number of a text, or -1 if it is none that can be an index.
  private static int whole(String name) {
    char[] text = name.toCharArray();
    double value = CsvLine.number(text, 0, text.length);
    return value >= 0 && value < DataSet.MAX_CLASSES && value == Math.rint(value)
        ? (int) value
        : -1;
  }
}
