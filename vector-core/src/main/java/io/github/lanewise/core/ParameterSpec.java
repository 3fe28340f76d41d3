package io.github.lanewise.core;

import java.util.Objects;
import java.util.SplittableRandom;

/// What a layer tells of one of its parameters, before there is memory for it.
///
/// @param name within the layer, as in PyTorch: `weight`, `bias`
/// @param shape the size of each dimension
/// @param initializer gives the parameter its first values
public record ParameterSpec(String name, Shape shape, Filler initializer) {
  /// Writes the first values of a parameter.
  @FunctionalInterface
  public interface Filler {
    /// Writes values into an array that holds zeros.
    ///
    /// @param values as many as the shape has
    /// @param random the only source of random numbers; the parameters of a model draw from it in
    ///     their order
    void fill(FloatArray values, SplittableRandom random);
  }

  /// Creates the description of a parameter.
  public ParameterSpec {
    Objects.requireNonNull(name, "name is null");
    Objects.requireNonNull(shape, "shape is null");
    Objects.requireNonNull(initializer, "initializer is null");
  }

  /// {@return a parameter all of whose elements begin with the same value}
  ///
  /// @param name within the layer, as in PyTorch
  /// @param shape the size of each dimension
  /// @param value the first value of each element
  public static ParameterSpec constant(String name, Shape shape, float value) {
    return new ParameterSpec(name, shape, (values, random) -> values.fill(value));
  }
}
