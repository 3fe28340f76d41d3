package io.github.lanewise.nn;

import io.github.lanewise.core.Layer;
import java.util.Objects;

/// A linear layer: y = x W^T + b, with W of shape `[out, in]` and b of shape `[out]`.
///
/// Source: PyTorch's `torch.nn.Linear`.
///
/// @param in features of a row of x
/// @param out features of a row of y
/// @param initializer how W and b begin
public record Linear(int in, int out, Initializer initializer) implements Layer {
  /// Creates a layer.
  ///
  /// @throws IllegalArgumentException if a size is not positive
  public Linear {
    if (in < 1 || out < 1) {
      throw new IllegalArgumentException(
          "Linear(" + in + ", " + out + ") is not possible: sizes are at least 1");
    }
    Objects.requireNonNull(initializer, "initializer is null");
  }

  /// {@return a layer with PyTorch's default initialisation}
  ///
  /// @param in the features that go in
  /// @param out the features that come out
  /// @throws IllegalArgumentException if a size is not positive
  public static Linear of(int in, int out) {
    return new Linear(in, out, Initializer.PYTORCH);
  }

  /// {@return this layer with another initialisation}
  ///
  /// @param initializer fills weight and bias
  public Linear withInitializer(Initializer initializer) {
    return new Linear(in, out, initializer);
  }

  @Override
  public int outputs(int inputs) {
    if (inputs != in) {
      throw new IllegalArgumentException(this + " takes " + in + " features, but gets " + inputs);
    }
    return out;
  }

  @Override
  public String toString() {
    return "Linear(" + in + ", " + out + ")";
  }
}
