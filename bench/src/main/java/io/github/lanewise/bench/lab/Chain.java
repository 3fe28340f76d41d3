package io.github.lanewise.bench.lab;

/// An optimizer as a chain of simple transforms of one element, in scalar Java.
@FunctionalInterface
public interface Chain {
  /// Updates one element by a step.
  void step(Cell cell);
}
