package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.ParameterSpec;
import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;

/// A network with its parameters and their gradients: what is trained.
///
/// A model does nothing by itself: a [TrainingSession] computes its gradients, an optimizer changes
/// its parameters, and an [InferenceSession] or a [ServedModel] answers with a copy of them. Nobody
/// may train the model or load values into it while such a copy is made.
///
/// Memory: two floats per parameter from the caller's arena. The values of all parameters lie one
/// after another, in the order of the layers, and so do their gradients, so that an optimizer
/// updates them in one pass.
public final class Model {
  /// Values and gradients are read at the same time. Where they lie a multiple of 4096 bytes apart,
  /// loads wait for stores to other addresses; so the gradients begin an odd number of cache lines
  /// beyond such a multiple.
  private static final long PAGE = 1024;

  private static final long STAGGER = 272;

  private final Sequential network;
  private final List<Parameter> parameters;
  private final FloatArray values;
  private final FloatArray gradients;

  private Model(
      Sequential network, List<Parameter> parameters, FloatArray values, FloatArray gradients) {
    this.network = network;
    this.parameters = parameters;
    this.values = values;
    this.gradients = gradients;
  }

  static Model of(Sequential network, Arena arena, long seed) {
    long elements = 0;
    for (Layer layer : network.layers()) {
      for (ParameterSpec spec : layer.parameters()) {
        elements += spec.shape().elements();
      }
    }
    long distance = (elements + PAGE - 1) / PAGE * PAGE + STAGGER;
    FloatArray slab = FloatArray.allocate(arena, distance + elements);
    FloatArray values = slab.slice(0, elements);
    FloatArray gradients = slab.slice(distance, elements);
    SplittableRandom random = new SplittableRandom(seed);
    List<Parameter> parameters = new ArrayList<>();
    long from = 0;
    for (int i = 0; i < network.layers().size(); i++) {
      for (ParameterSpec spec : network.layers().get(i).parameters()) {
        long n = spec.shape().elements();
        FloatArray value = values.slice(from, n);
        spec.initializer().fill(value, random);
        String name = i + "." + spec.name();
        parameters.add(new Parameter(name, spec.shape(), value, gradients.slice(from, n)));
        from += n;
      }
    }
    return new Model(network, List.copyOf(parameters), values, gradients);
  }

  /// {@return the description of this model}
  public Sequential network() {
    return network;
  }

  /// {@return the parameters in the order of the layers, named as in PyTorch: `0.weight`, `0.bias`
  /// and so on}
  public List<Parameter> parameters() {
    return parameters;
  }

  /// The values of all parameters.
  FloatArray values() {
    return values;
  }

  /// The gradients of all parameters.
  FloatArray gradients() {
    return gradients;
  }

  /// {@return the values of the parameters under their names} The arrays are those of this model,
  /// so that `model.stateDict().copyFrom(...)` loads values into it.
  public StateDict stateDict() {
    StateDict values = new StateDict();
    for (Parameter parameter : parameters) {
      values.put(parameter.name(), parameter.shape(), parameter.value());
    }
    return values;
  }

  /// {@return a session that trains this model with batches of at most `maxBatch` rows}
  ///
  /// @param arena owns the session's scratch
  /// @param maxBatch the largest number of rows of a call
  /// @param loss is made smaller
  /// @throws IllegalArgumentException if `maxBatch` is not positive
  public TrainingSession training(Arena arena, int maxBatch, Loss loss) {
    return new TrainingSession(this, arena, maxBatch, loss);
  }

  /// {@return a session that answers with a snapshot of this model, which it can
  /// [refresh][InferenceSession#refresh]}
  ///
  /// @param arena owns the session's scratch and two copies of the parameters: one that answers,
  ///     one that the next refresh fills
  /// @param maxBatch the largest number of rows of a call
  /// @throws IllegalArgumentException if `maxBatch` is not positive
  public InferenceSession inference(Arena arena, int maxBatch) {
    return InferenceSession.following(this, arena, maxBatch);
  }

  /// {@return a snapshot of this model for any number of sessions, which all share its memory}
  ///
  /// @param arena owns the copy of the parameters; a shared arena if several threads use the model
  public ServedModel serve(Arena arena) {
    return serve(arena, WeightPrecision.FLOAT32);
  }

  /// {@return a snapshot of this model for any number of sessions, which all share its memory}
  ///
  /// @param arena owns the copy of the parameters; a shared arena if several threads use the model
  /// @param precision of the copied weights
  public ServedModel serve(Arena arena, WeightPrecision precision) {
    ServedModel served = ServedModel.allocate(network, arena, precision);
    served.load(perLayer(network, parameters.stream().map(Parameter::value).toList()));
    return served;
  }

  /// Runs steps of training until they are compiled, so that the first ones are fast too. The steps
  /// train a model of their own: this one does not change.
  ///
  /// ```java
  /// model.warmUpTraining(
  ///     32, loss, (arena, p) -> Optimizer.of(arena, p, AdamConfig.DEFAULT)::step);
  /// ```
  ///
  /// @param rows the number of rows of a batch
  /// @param loss is made smaller
  /// @param optimizer makes what a step calls after backward, for the given parameters
  /// @return what was done, and how steps run after it
  /// @throws IllegalArgumentException if `rows` is not positive
  public WarmUp warmUpTraining(
      int rows, Loss loss, BiFunction<Arena, List<Parameter>, Runnable> optimizer) {
    return Warmups.training(network, rows, loss, optimizer);
  }

  /// The arrays, one for each parameter, by layers.
  static List<List<FloatArray>> perLayer(Sequential network, List<FloatArray> arrays) {
    List<List<FloatArray>> layers = new ArrayList<>();
    int from = 0;
    for (Layer layer : network.layers()) {
      int to = from + layer.parameters().size();
      layers.add(List.copyOf(arrays.subList(from, to)));
      from = to;
    }
    return List.copyOf(layers);
  }
}
