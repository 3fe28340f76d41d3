package io.github.lanewise.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// An array that training changes, with its gradient.
///
/// @param name as in PyTorch's `state_dict`, such as `0.weight`
/// @param shape the size of each dimension of `value`, and of `gradient`
/// @param value the elements in row-major order; the model reads them, an optimizer updates them
/// @param gradient of the loss; a backward pass adds to it, an optimizer reads it
public record Parameter(String name, Shape shape, FloatArray value, FloatArray gradient) {
  /// Creates a parameter.
  ///
  /// @throws IllegalArgumentException if `value` or `gradient` has more or fewer elements than the
  ///     shape, or if the two overlap
  /// @throws IllegalStateException if the arena of one of them is closed
  /// @throws WrongThreadException if it is confined to another thread
  public Parameter {
    Objects.requireNonNull(name, "name is null");
    Objects.requireNonNull(shape, "shape is null");
    Checks.disjoint("value", value, "gradient", gradient);
    requireElements(name, "value", value, shape);
    requireElements(name, "gradient", gradient, shape);
  }

  /// {@return the fewest parameters that cover the same memory in the same order}
  ///
  /// Neighbours whose values and gradients both adjoin in memory become one, of shape `[n]`, named
  /// after the first and the last. A model's parameters lie in one slab, so that they all become
  /// one, which an optimizer then updates in one pass.
  ///
  /// @param parameters in the order that is kept
  public static List<Parameter> joinAdjacent(List<Parameter> parameters) {
    List<Parameter> joined = new ArrayList<>();
    for (Parameter next : parameters) {
      Parameter last = joined.isEmpty() ? null : joined.getLast();
      if (last != null
          && last.value.isFollowedBy(next.value)
          && last.gradient.isFollowedBy(next.gradient)) {
        joined.set(joined.size() - 1, last.joinedWith(next));
      } else {
        joined.add(next);
      }
    }
    return List.copyOf(joined);
  }

  private Parameter joinedWith(Parameter next) {
    String first = name.contains("..") ? name.substring(0, name.indexOf("..")) : name;
    FloatArray values = value.joinedWith(next.value);
    return new Parameter(
        first + ".." + next.name,
        Shape.of(values.length()),
        values,
        gradient.joinedWith(next.gradient));
  }

  private static void requireElements(String name, String part, FloatArray array, Shape shape) {
    if (array.length() != shape.elements()) {
      throw new IllegalArgumentException(
          "the %s of %s has %d elements, its shape %s asks for %d"
              .formatted(part, name, array.length(), shape, shape.elements()));
    }
  }
}
