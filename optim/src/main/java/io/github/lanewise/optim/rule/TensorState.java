package io.github.lanewise.optim.rule;

import io.github.lanewise.core.Shape;
import io.github.lanewise.core.UpdateState;
import java.util.Objects;

/// One state of a parameter: what the state dictionary calls it, and where it is kept.
///
/// @param name as in PyTorch's state dictionary, such as `exp_avg`
/// @param shape its shape in the dictionary
/// @param kept holds it between steps, in whatever precision
/// @param index its position among the states there
/// @param from its first element there
public record TensorState(String name, Shape shape, UpdateState kept, int index, long from) {
  /// Requires a name, a shape and a place.
  public TensorState {
    Objects.requireNonNull(name, "name is null");
    Objects.requireNonNull(shape, "shape is null");
    Objects.requireNonNull(kept, "kept is null");
  }
}
