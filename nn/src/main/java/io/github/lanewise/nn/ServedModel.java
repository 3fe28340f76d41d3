package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.ParameterSpec;
import io.github.lanewise.core.ServedLayer;
import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/// A network with parameters that do not change, for answers: one copy of the parameters, laid out
/// for speed, however many [sessions][#session] there are, and no gradients.
///
/// It is immutable, and any number of threads may use sessions of it at the same time, if its arena
/// is shared.
public final class ServedModel {
  private final Sequential network;
  private final List<ServedLayer> layers;
  private final WeightPrecision precision;

  /// Is closed when the parameters are.
  private final FloatArray witness;

  private ServedModel(
      Sequential network, List<ServedLayer> layers, WeightPrecision precision, FloatArray witness) {
    this.network = network;
    this.layers = layers;
    this.precision = precision;
    this.witness = witness;
  }

  /// Returns a model without values, to be [loaded][#load].
  static ServedModel allocate(Sequential network, Arena arena, WeightPrecision precision) {
    List<ServedLayer> layers = new ArrayList<>();
    int width = network.inputs();
    for (Layer layer : network.layers()) {
      layers.add(serve(layer, width, arena, precision));
      width = layer.outputs(width);
    }
    return new ServedModel(network, List.copyOf(layers), precision, FloatArray.allocate(arena, 1));
  }

  static ServedLayer serve(Layer layer, int inputs, Arena arena, WeightPrecision precision) {
    return switch (precision) {
      case FLOAT32 -> layer.serve(inputs, arena);
      case BFLOAT16 -> layer.serveCompact(inputs, arena);
    };
  }

  static ServedModel of(
      Sequential network, Arena arena, StateDict values, WeightPrecision precision) {
    List<FloatArray> arrays = new ArrayList<>();
    for (int i = 0; i < network.layers().size(); i++) {
      for (ParameterSpec spec : network.layers().get(i).parameters()) {
        String name = i + "." + spec.name();
        StateDict.Entry entry = values.get(name);
        if (!entry.shape().equals(spec.shape())) {
          throw new IllegalArgumentException(
              name + " has shape " + entry.shape() + ", but " + spec.shape() + " is needed");
        }
        arrays.add(entry.values());
      }
    }
    if (values.names().size() != arrays.size()) {
      throw new IllegalArgumentException(
          "the entries are "
              + values.names()
              + ", but the network has "
              + arrays.size()
              + " parameters");
    }
    ServedModel served = allocate(network, arena, precision);
    served.load(Model.perLayer(network, arrays));
    return served;
  }

  /// Copies the parameters of all layers.
  void load(List<List<FloatArray>> parameters) {
    for (int i = 0; i < layers.size(); i++) {
      layers.get(i).load(parameters.get(i));
    }
  }

  /// Requires that the calling thread may read the parameters.
  ///
  /// @throws IllegalStateException if the arena of this model is closed
  /// @throws WrongThreadException if it is confined to another thread
  void requireUsable() {
    witness.requireUsable("this model");
  }

  List<ServedLayer> layers() {
    return layers;
  }

  /// {@return how the weights are kept}
  public WeightPrecision precision() {
    return precision;
  }

  /// {@return the description of this model}
  public Sequential network() {
    return network;
  }

  /// {@return a session that answers with this model, on at most `maxBatch` rows at a time}
  ///
  /// @param arena owns the session's scratch
  /// @param maxBatch the largest number of rows of a call
  /// @throws IllegalArgumentException if `maxBatch` is not positive
  public InferenceSession session(Arena arena, int maxBatch) {
    return InferenceSession.sharing(this, arena, maxBatch);
  }

  /// Runs what sessions of this model run until it is compiled, so that the first request does not
  /// wait for that. On a virtual thread, the model needs a shared arena.
  ///
  /// @param batchSizes the numbers of rows of the calls that will come; no others are warmed up
  /// @return what was done, and how calls run after it
  /// @throws IllegalArgumentException if there is no number, or one that is not positive
  public WarmUp warmUp(int... batchSizes) {
    return Warmups.serving(this, batchSizes);
  }
}
