package io.github.lanewise.nn;

import io.github.lanewise.core.Affine;
import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.ParameterSpec;
import io.github.lanewise.core.ServedLayer;
import io.github.lanewise.core.Shape;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/// A linear layer: y = x W^T + b. Its parameters are `weight`, W of shape `[out, in]`, and `bias`,
/// b of shape `[out]`.
///
/// Source: PyTorch's `torch.nn.Linear`.
///
/// @param in the number of features of a row of x
/// @param out the number of features of a row of y
/// @param initializer gives W and b their first values
public record Linear(int in, int out, Initializer initializer) implements Layer {
  /// Checks the sizes.
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
  /// @param in the number of features of a row of x
  /// @param out the number of features of a row of y
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

  /// Always [#out].
  ///
  /// @throws IllegalArgumentException if `inputs` is not [#in]
  @Override
  public int outputs(int inputs) {
    if (inputs != in) {
      throw new IllegalArgumentException(this + " takes " + in + " features, but gets " + inputs);
    }
    return out;
  }

  /// Always [#in].
  @Override
  public OptionalInt inputs(OptionalInt outputs) {
    return OptionalInt.of(in);
  }

  @Override
  public List<ParameterSpec> parameters() {
    return List.of(
        new ParameterSpec(
            "weight",
            Shape.of(out, in),
            (values, random) -> initializer.fillWeight(values, in, out, random)),
        new ParameterSpec(
            "bias", Shape.of(out), (values, random) -> initializer.fillBias(values, in, random)));
  }

  @Override
  public void forward(Batch x, List<FloatArray> parameters, Batch y) {
    Affine.forward(x, parameters.get(0), parameters.get(1), y);
  }

  @Override
  public void backward(
      Batch x,
      Batch y,
      Batch gy,
      List<FloatArray> parameters,
      List<FloatArray> gradients,
      Batch gx) {
    Affine.addGradients(x, gy, gradients.get(0), gradients.get(1));
    if (gx != null) {
      Affine.backward(gy, parameters.get(0), gx);
    }
  }

  /// {@return this layer with a packed weight, which takes single rows too}
  ///
  /// @param inputs the number of features of an input row
  /// @param arena the owner of the packed weight
  @Override
  public ServedLayer serve(int inputs, Arena arena) {
    return new ServedLinear(in, out, arena);
  }

  /// {@return this layer with a packed weight in bfloat16, which takes single rows too}
  ///
  /// @param inputs the number of features of an input row
  /// @param arena the owner of the packed weight
  @Override
  public ServedLayer serveCompact(int inputs, Arena arena) {
    return new CompactLinear(in, out, arena);
  }

  @Override
  public String toString() {
    return "Linear(" + in + ", " + out + ")";
  }
}
