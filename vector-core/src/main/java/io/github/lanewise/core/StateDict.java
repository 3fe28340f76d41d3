package io.github.lanewise.core;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Named arrays with their shapes, in the order they were added: what a model or an optimizer saves
/// and loads.
///
/// The dictionary refers to the arrays that it was given and copies none, so a model's dictionary
/// shows its parameters as they are at the moment. Names are PyTorch's, such as `0.weight`. Not
/// thread-safe.
public final class StateDict {
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /// An array and its shape.
  ///
  /// @param shape the size of each dimension
  /// @param values the elements in row-major order, as many as the shape has
  public record Entry(Shape shape, FloatArray values) {
    /// Creates an entry.
    ///
    /// @throws IllegalArgumentException if `values` has more or fewer elements than the shape
    /// @throws IllegalStateException if the arena of `values` is closed
    /// @throws WrongThreadException if it is confined to another thread
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
  /// @param name such as `0.weight`
  /// @param shape the shape under which it is saved
  /// @param values shared, not copied
  /// @return this dictionary
  /// @throws IllegalArgumentException if the name is taken, or the array does not fit the shape
  /// @throws IllegalStateException if the arena of `values` is closed
  /// @throws WrongThreadException if it is confined to another thread
  public StateDict put(String name, Shape shape, FloatArray values) {
    Objects.requireNonNull(name, "name is null");
    Checks.usable(name, values);
    Entry entry = new Entry(shape, values);
    if (entries.putIfAbsent(name, entry) != null) {
      throw new IllegalArgumentException("the dictionary already has an entry " + name);
    }
    return this;
  }

  /// Adds all entries of another dictionary, each under its name behind a prefix, and returns this
  /// dictionary. So a model and its optimizer go into one file.
  ///
  /// @param prefix such as `optimizer.`
  /// @param other shared, not copied
  /// @return this dictionary
  /// @throws IllegalArgumentException if a name is taken; entries before it have then been added
  public StateDict putAll(String prefix, StateDict other) {
    other.entries.forEach((name, entry) -> put(prefix + name, entry.shape(), entry.values()));
    return this;
  }

  /// {@return the entries whose names begin with a prefix, under the rest of their names}
  ///
  /// @param prefix such as `optimizer.`
  public StateDict startingWith(String prefix) {
    StateDict part = new StateDict();
    entries.forEach(
        (name, entry) -> {
          if (name.startsWith(prefix)) {
            part.put(name.substring(prefix.length()), entry.shape(), entry.values());
          }
        });
    return part;
  }

  /// {@return the names, in the order they were added}
  public Set<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  /// {@return the array and shape of a name}
  ///
  /// @param name such as `0.weight`
  /// @throws IllegalArgumentException if there is none
  public Entry get(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException(
          "the dictionary has no entry " + name + ", only " + names());
    }
    return entry;
  }

  /// Copies the values of `source` into the arrays of this dictionary, and nothing at all if one
  /// of them cannot be copied.
  ///
  /// @param source has the same names and shapes
  /// @throws IllegalArgumentException if the two do not have the same names and shapes
  /// @throws IllegalStateException if the arena of an array is closed
  /// @throws WrongThreadException if it is confined to another thread
  public void copyFrom(StateDict source) {
    if (!names().equals(source.names())) {
      throw new IllegalArgumentException(
          "the entries are " + source.names() + ", but " + names() + " are needed");
    }
    entries.forEach((name, entry) -> requireCopyable(name, source.get(name), entry));
    entries.forEach((name, entry) -> entry.values().copyFrom(source.get(name).values()));
  }

  private static void requireCopyable(String name, Entry from, Entry to) {
    if (!to.shape().equals(from.shape())) {
      throw new IllegalArgumentException(
          name + " has shape " + from.shape() + ", but " + to.shape() + " is needed");
    }
    Checks.usable(name + " of the source", from.values());
    Checks.usable(name, to.values());
  }
}
