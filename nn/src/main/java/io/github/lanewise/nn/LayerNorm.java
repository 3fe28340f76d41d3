package io.github.lanewise.nn;

import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.LayerNormalization;
import io.github.lanewise.core.ParameterSpec;
import io.github.lanewise.core.Shape;
import java.util.List;
import java.util.OptionalInt;

/// Layer normalisation over the features of each row: (x - mean) / sqrt(variance + eps), times
/// `weight` and plus `bias`. Its parameters are `weight`, which begins at 1, and `bias`, which
/// begins at 0, each of shape `[features]`.
///
/// Source: PyTorch's `torch.nn.LayerNorm` over the last dimension.
///
/// @param features the number of features of a row, PyTorch's `normalized_shape`
/// @param eps is added to the variance
public record LayerNorm(int features, double eps) implements Layer {
  private static final double DEFAULT_EPS = 1e-5;

  /// Checks the settings.
  ///
  /// @throws IllegalArgumentException if `features` is not positive, or `eps` is negative or not
  ///     finite
  public LayerNorm {
    if (features < 1) {
      throw new IllegalArgumentException("LayerNorm(" + features + ") is not possible: at least 1");
    }
    if (!(eps >= 0 && Float.isFinite((float) eps))) {
      throw new IllegalArgumentException("eps is " + eps + ", must be finite and at least 0");
    }
  }

  /// {@return a layer with PyTorch's default `eps`, 1e-5}
  ///
  /// @param features the number of features of a row
  /// @throws IllegalArgumentException if `features` is not positive
  public static LayerNorm of(int features) {
    return new LayerNorm(features, DEFAULT_EPS);
  }

  /// As many features as came in.
  ///
  /// @throws IllegalArgumentException if `inputs` is not [#features]
  @Override
  public int outputs(int inputs) {
    if (inputs != features) {
      throw new IllegalArgumentException(
          this + " takes " + features + " features, but gets " + inputs);
    }
    return inputs;
  }

  /// Always [#features].
  @Override
  public OptionalInt inputs(OptionalInt outputs) {
    return OptionalInt.of(features);
  }

  @Override
  public List<ParameterSpec> parameters() {
    return List.of(
        ParameterSpec.constant("weight", Shape.of(features), 1),
        ParameterSpec.constant("bias", Shape.of(features), 0));
  }

  @Override
  public void forward(Batch x, List<FloatArray> parameters, Batch y) {
    LayerNormalization.forward(x, parameters.get(0), parameters.get(1), (float) eps, y);
  }

  @Override
  public void backward(
      Batch x,
      Batch y,
      Batch gy,
      List<FloatArray> parameters,
      List<FloatArray> gradients,
      Batch gx) {
    LayerNormalization.addGradients(x, gy, (float) eps, gradients.get(0), gradients.get(1));
    if (gx != null) {
      LayerNormalization.backward(x, parameters.get(0), gy, (float) eps, gx);
    }
  }

  @Override
  public String toString() {
    return eps == DEFAULT_EPS
        ? "LayerNorm(" + features + ")"
        : "LayerNorm(" + features + ", " + eps + ")";
  }
}
