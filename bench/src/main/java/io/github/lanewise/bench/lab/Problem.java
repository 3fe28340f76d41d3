package io.github.lanewise.bench.lab;

import io.github.lanewise.core.Parameter;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;

/// A loss to minimise, from a start that depends on a seed. Many threads may open attempts at once.
public interface Problem {
  /// {@return the name by which the command line knows it}
  String key();

  /// {@return what the loss is, and where it starts}
  String description();

  /// {@return the loss that a run is to reach}
  double target();

  /// {@return a new attempt, at its start}
  ///
  /// @param arena owns the parameters
  /// @param seed of the start, and of the order of rows where there are rows
  Attempt open(Arena arena, long seed);

  /// {@return the map of the loss, if it has just two parameters}
  default Optional<Plane> plane() {
    return Optional.empty();
  }

  /// One attempt, for one thread.
  interface Attempt {
    /// {@return what an optimizer changes}
    List<Parameter> parameters();

    /// Overwrites the gradients of the parameters with those of the next step.
    void gradient();

    /// {@return the loss at the parameters}
    double loss();
  }

  /// The part of the plane that is drawn.
  ///
  /// @param loss as a function of the two parameters
  /// @param left the least first parameter
  /// @param right the largest first parameter
  /// @param bottom the least second parameter
  /// @param top the largest second parameter
  /// @param minima of the loss, x and y each
  record Plane(
      DoubleBinaryOperator loss,
      double left,
      double right,
      double bottom,
      double top,
      List<double[]> minima) {}
}
