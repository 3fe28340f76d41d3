package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateRule;
import java.lang.foreign.Arena;

/// A rule whose step looks at a whole parameter, such as at its norm, and not at each element
/// alone.
///
/// Its states belong to each parameter. The rule's loop is
/// [io.github.lanewise.core.Updates#KEEP], which leaves the parameters for the passes that follow.
public interface TensorRule extends UpdateRule {
  /// {@return the steps for one parameter}
  ///
  /// @param arena owns the states, and memory to work in
  /// @param parameter what the steps update; during a step its elements are exact floats, whatever
  ///     precision they are rounded to after it
  /// @param precision how the states are kept between steps; the steps compute in float32
  /// @throws IllegalArgumentException if the rule does not take parameters of this shape
  TensorUpdate bind(Arena arena, Parameter parameter, StatePrecision precision);
}
