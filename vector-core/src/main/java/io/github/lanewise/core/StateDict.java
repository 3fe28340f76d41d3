package io.github.lanewise.core;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Named arrays with their shapes, in order: what a model or an optimizer saves and loads.
///
/// The arrays are shared, not copied: a model's dictionary shows the parameters themselves. Names
/// are PyTorch's, such as `0.weight`. Not thread-safe.
public final class StateDict {
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /// An array and its shape.
  ///
  /// @param shape row-major
  /// @param values as many as the shape's elements
  public record Entry(Shape shape, FloatArray values) {
    /// @throws IllegalArgumentException if `values` does not have the shape's elements
    public Entry {
      Objects.requireNonNull(shape, "shape is null");
      Checks.usable("values", values);
      if (values.length() != shape.elements()) {
        throw new IllegalArgumentException(
            "values has %d elements, shape %s asks for %d"
                .formatted(values.length(), shape, shape.elements()));
      }
    }
  }

  /// Creates an empty dictionary.
  public StateDict() {}

  /// Adds an array under a new name, and returns this dictionary.
  ///
  /// @throws IllegalArgumentException if the name is taken, or the array does not fit the shape
  public StateDict put(String name, Shape shape, FloatArray values) {
    Objects.requireNonNull(name, "name is null");
    Entry entry = new Entry(shape, values);
    if (entries.putIfAbsent(name, entry) != null) {
      throw new IllegalArgumentException("the dictionary already has an entry " + name);
    }
    return this;
  }

  /// The names, in the order they were added.
  public Set<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  /// Returns the array and shape of a name.
  ///
  /// @throws IllegalArgumentException if there is none
  public Entry get(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException(
          "the dictionary has no entry " + name + ", only " + names());
    }
    return entry;
  }

  /// Copies the values of `source` into the arrays of this dictionary.
  ///
  /// @throws IllegalArgumentException if the two do not have the same names and shapes; nothing is
  ///     copied then
  public void copyFrom(StateDict source) {
    if (!names().equals(source.names())) {
      throw new IllegalArgumentException(
          "the entries are " + source.names() + ", but " + names() + " are needed");
    }
    entries.forEach((name, entry) -> requireSameShape(name, entry, source.get(name)));
    entries.forEach((name, entry) -> entry.values().copyFrom(source.get(name).values()));
  }

  private static void requireSameShape(String name, Entry needed, Entry found) {
    if (!needed.shape().equals(found.shape())) {
      throw new IllegalArgumentException(
          name + " has shape " + found.shape() + ", but " + needed.shape() + " is needed");
    }
  }
}
