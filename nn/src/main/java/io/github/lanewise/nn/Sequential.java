package io.github.lanewise.nn;

import io.github.lanewise.core.Layer;
import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/// A network of layers, each of which reads what the one before wrote. It is an immutable
/// description, without parameters, of layers that are known to fit each other.
///
/// Source: PyTorch's `torch.nn.Sequential`.
public final class Sequential {
  private final List<Layer> layers;
  private final int inputs;
  private final int outputs;

  private Sequential(List<Layer> layers) {
    this.layers = layers;
    this.inputs = inputs(layers);
    int width = inputs;
    for (int i = 0; i < layers.size(); i++) {
      try {
        width = layers.get(i).outputs(width);
      } catch (IllegalArgumentException e) {
        throw doesNotFit(i, e);
      }
    }
    this.outputs = width;
  }

  /// {@return the network of the given layers, in order}
  ///
  /// How many features go in follows from the first layer that fixes a width, such as [Linear], and
  /// from the layers before it: in `Sequential.of(Glu.LAYER, Linear.of(4, 2))` it is 8.
  ///
  /// @param layers the first takes the inputs
  /// @throws IllegalArgumentException if a layer does not take what the one before gives, or no
  ///     layer fixes how many features it takes
  public static Sequential of(Layer... layers) {
    return new Sequential(List.of(layers));
  }

  /// {@return a model of this network with new parameters, which depend on `seed` alone}
  ///
  /// @param arena owns the parameters and their gradients
  /// @param seed of the random numbers from which the weights are drawn
  public Model initialize(Arena arena, long seed) {
    return Model.of(this, arena, seed);
  }

  /// {@return a model of this network that answers with the given parameters and is not trained}
  ///
  /// @param arena owns the copy of the parameters; a shared arena if several threads use the model
  /// @param parameters under their names, such as a file of safetensors holds; they are copied
  /// @throws IllegalArgumentException if names or shapes are not those of this network
  public ServedModel serve(Arena arena, StateDict parameters) {
    return serve(arena, parameters, WeightPrecision.FLOAT32);
  }

  /// {@return a model of this network that answers with the given parameters and is not trained}
  ///
  /// @param arena owns the copy of the parameters; a shared arena if several threads use the model
  /// @param parameters under their names, such as a file of safetensors holds; they are copied
  /// @param precision of the copied weights
  /// @throws IllegalArgumentException if names or shapes are not those of this network
  public ServedModel serve(Arena arena, StateDict parameters, WeightPrecision precision) {
    Objects.requireNonNull(parameters, "parameters is null");
    Objects.requireNonNull(precision, "precision is null");
    return ServedModel.of(this, arena, parameters, precision);
  }

  /// {@return the layers, in order; the index of one begins the names of its parameters}
  public List<Layer> layers() {
    return layers;
  }

  /// {@return the features of a row that goes in}
  public int inputs() {
    return inputs;
  }

  /// {@return the features of a row that comes out}
  public int outputs() {
    return outputs;
  }

  @Override
  public String toString() {
    return "Sequential" + layers;
  }

  /// Asks the layers from last to first how wide their input is, given the width of their output.
  private static int inputs(List<Layer> layers) {
    OptionalInt width = OptionalInt.empty();
    for (int i = layers.size() - 1; i >= 0; i--) {
      try {
        width = layers.get(i).inputs(width);
      } catch (IllegalArgumentException e) {
        throw doesNotFit(i, e);
      }
    }
    return width.orElseThrow(
        () ->
            new IllegalArgumentException(
                "a network needs a Linear layer, or another that fixes how many features it takes,"
                    + " but has "
                    + layers));
  }

  private static IllegalArgumentException doesNotFit(int layer, IllegalArgumentException cause) {
    return new IllegalArgumentException(
        "layer " + layer + " does not fit: " + cause.getMessage(), cause);
  }
}
