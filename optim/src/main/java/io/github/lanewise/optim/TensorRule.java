package io.github.lanewise.optim;

import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.UpdateRule;
import java.lang.foreign.Arena;

/// A rule whose step looks at a whole parameter, such as at its norm, and not at each element
/// alone.
public interface TensorRule extends UpdateRule {
  /// {@return the steps for one parameter, with states and memory to work in}
  ///
  /// @param arena the owner of the memory
  /// @param parameter is updated by the steps
  /// @throws IllegalArgumentException if the rule does not take parameters of this shape
  TensorUpdate bind(Arena arena, Parameter parameter);
}
