package io.github.lanewise.bench.lab;

import io.github.lanewise.core.Shape;
import java.util.function.Consumer;

/// An optimizer as a chain of simple transforms, in scalar Java.
@FunctionalInterface
public interface Chain {
  /// Updates the elements of one parameter by a step.
  void step(Cell[] cells, Shape shape);

  /// How many states each element has beside those of the rule.
  default int ownStates() {
    return 0;
  }

  /// Returns the chain that treats each element alone.
  static Chain ofElements(Consumer<Cell> element) {
    return (cells, shape) -> {
      for (Cell cell : cells) {
        element.accept(cell);
      }
    };
  }
}
