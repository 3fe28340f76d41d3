package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.UpdateRule;
import java.lang.foreign.Arena;

/// A rule whose step looks at a whole parameter, such as at its norm, and not at each element
/// alone.
///
/// Its states belong to each parameter and are in float32. The rule's loop is
/// [io.github.lanewise.core.Updates#KEEP], which leaves the parameters for the passes that follow.
public interface TensorRule extends UpdateRule {
  /// {@return the steps for one parameter}
  ///
  /// @param arena owns the states, and memory to work in
  /// @param parameter what the steps update
  /// @throws IllegalArgumentException if the rule does not take parameters of this shape
  TensorUpdate bind(Arena arena, Parameter parameter);
}
