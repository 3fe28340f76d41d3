package io.github.lanewise.nn;

import io.github.lanewise.core.Layer;
import java.lang.foreign.Arena;
import java.util.List;

/// Layers one after another, as an immutable description that fits together.
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
      } catch (IllegalArgumentException doesNotFit) {
        throw new IllegalArgumentException(
            "layer " + i + " does not fit: " + doesNotFit.getMessage(), doesNotFit);
      }
    }
    this.outputs = width;
  }

  /// {@return the network of the given layers, in order}
  ///
  /// @param layers the first takes the inputs
  /// @throws IllegalArgumentException if a layer does not take what the one before gives, or none
  ///     of them is [Linear]
  public static Sequential of(Layer... layers) {
    return new Sequential(List.of(layers));
  }

  /// {@return a model of this network with new parameters, which depend on `seed` alone}
  ///
  /// @param arena owns the parameters and their gradients
  /// @param seed equal seeds give equal parameters
  public Model initialize(Arena arena, long seed) {
    return Model.of(this, arena, seed);
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

  private static int inputs(List<Layer> layers) {
    for (Layer layer : layers) {
      if (layer instanceof Linear linear) {
        return linear.in();
      }
    }
    throw new IllegalArgumentException("a network needs a Linear layer, but has " + layers);
  }
}
