package io.github.lanewise.nn;

import io.github.lanewise.core.Layer;

/// Parametric ReLU, y = max(x, 0) + a min(x, 0), with a parameter `weight`, the slopes a, of shape
/// `[slopes]`. A slope begins at 0.25.
///
/// Source: PyTorch's `torch.nn.PReLU`.
///
/// @param slopes one for all features, or as many as there are features
public record PRelu(int slopes) implements Layer {
  static final float INITIAL_SLOPE = 0.25f;

  /// Creates a layer.
  ///
  /// @throws IllegalArgumentException if `slopes` is not positive
  public PRelu {
    if (slopes < 1) {
      throw new IllegalArgumentException("PRelu(" + slopes + ") is not possible: at least 1");
    }
  }

  /// {@return a layer with one slope for all features, PyTorch's default}
  public static PRelu of() {
    return new PRelu(1);
  }

  /// {@return a layer with a slope for each feature}
  ///
  /// @param features the number of features, and of slopes
  /// @throws IllegalArgumentException if `features` is not positive
  public static PRelu of(int features) {
    return new PRelu(features);
  }

  @Override
  public int outputs(int inputs) {
    if (slopes != 1 && slopes != inputs) {
      throw new IllegalArgumentException(
          this + " takes " + slopes + " features, but gets " + inputs);
    }
    return inputs;
  }

  @Override
  public String toString() {
    return "PRelu(" + slopes + ")";
  }
}
