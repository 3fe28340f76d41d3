package io.github.lanewise.nn;

import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.ParameterSpec;
import io.github.lanewise.core.ParametricRelu;
import io.github.lanewise.core.Shape;
import java.util.List;
import java.util.OptionalInt;

/// Parametric ReLU: y = max(x, 0) + a min(x, 0), where the slope a is learnt. Its parameter is
/// `weight`, the slopes, of shape `[slopes]`; each begins at 0.25.
///
/// Source: PyTorch's `torch.nn.PReLU`.
///
/// @param slopes 1 for all features together, or as many as a row has features
public record PRelu(int slopes) implements Layer {
  static final float INITIAL_SLOPE = 0.25f;

  /// Checks the number of slopes.
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
  /// @param features the number of features of a row
  /// @throws IllegalArgumentException if `features` is not positive
  public static PRelu of(int features) {
    return new PRelu(features);
  }

  /// As many features as came in.
  ///
  /// @throws IllegalArgumentException if there is more than one slope, and not one for each feature
  @Override
  public int outputs(int inputs) {
    if (slopes != 1 && slopes != inputs) {
      throw new IllegalArgumentException(
          this + " takes " + slopes + " features, but gets " + inputs);
    }
    return inputs;
  }

  /// The number of slopes; with one slope for all features, as many as go out.
  @Override
  public OptionalInt inputs(OptionalInt outputs) {
    return slopes == 1 ? outputs : OptionalInt.of(slopes);
  }

  @Override
  public List<ParameterSpec> parameters() {
    return List.of(ParameterSpec.constant("weight", Shape.of(slopes), INITIAL_SLOPE));
  }

  @Override
  public void forward(Batch x, List<FloatArray> parameters, Batch y) {
    ParametricRelu.forward(x, parameters.get(0), y);
  }

  @Override
  public void backward(
      Batch x,
      Batch y,
      Batch gy,
      List<FloatArray> parameters,
      List<FloatArray> gradients,
      Batch gx) {
    ParametricRelu.addSlopeGradient(x, gy, gradients.get(0));
    if (gx != null) {
      ParametricRelu.backward(x, parameters.get(0), gy, gx);
    }
  }

  @Override
  public String toString() {
    return "PRelu(" + slopes + ")";
  }
}
