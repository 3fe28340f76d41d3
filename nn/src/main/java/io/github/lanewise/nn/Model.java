package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A network with its parameters.
///
/// A model does nothing by itself: an [InferenceSession] answers with it, a [TrainingSession]
/// computes its gradients, and an optimizer changes its parameters. Any number of inference
/// sessions may work at the same time, each in a thread of its own; nobody may train the model or
/// load values into it while a session is made or [refreshed][InferenceSession#refresh].
///
/// Memory: two floats per parameter from the caller's arena. The values of all parameters lie one
/// after another, in the order of the layers, and so do their gradients, so that an optimizer
/// updates them in one pass.
public final class Model {
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
      if (layer instanceof Linear linear) {
        elements += ((long) linear.in() + 1) * linear.out();
      } else if (layer instanceof PRelu relu) {
        elements += relu.slopes();
      }
    }
    FloatArray values = FloatArray.allocate(arena, elements);
    FloatArray gradients = FloatArray.allocate(arena, elements);
    SplittableRandom random = new SplittableRandom(seed);
    List<Parameter> parameters = new ArrayList<>();
    long from = 0;
    for (int i = 0; i < network.layers().size(); i++) {
      if (network.layers().get(i) instanceof Linear linear) {
        Shape weightShape = Shape.of(linear.out(), linear.in());
        Shape biasShape = Shape.of(linear.out());
        Parameter weight = parameter(i + ".weight", weightShape, values, gradients, from);
        from += weightShape.elements();
        Parameter bias = parameter(i + ".bias", biasShape, values, gradients, from);
        from += biasShape.elements();
        linear.initializer().fill(weight.value(), bias.value(), linear.in(), linear.out(), random);
        parameters.add(weight);
        parameters.add(bias);
      } else if (network.layers().get(i) instanceof PRelu relu) {
        Shape shape = Shape.of(relu.slopes());
        Parameter weight = parameter(i + ".weight", shape, values, gradients, from);
        from += shape.elements();
        weight.value().fill(PRelu.INITIAL_SLOPE);
        parameters.add(weight);
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
    return TrainingSession.of(this, arena, maxBatch, loss);
  }

  /// {@return a session that runs this model on at most `maxBatch` rows at a time}
  ///
  /// @param arena owns the session's scratch and its snapshot of the parameters
  /// @param maxBatch the largest number of rows of a call
  /// @throws IllegalArgumentException if `maxBatch` is not positive
  public InferenceSession inference(Arena arena, int maxBatch) {
    return InferenceSession.of(this, arena, maxBatch);
  }

  private static Parameter parameter(
      String name, Shape shape, FloatArray values, FloatArray gradients, long from) {
    return new Parameter(
        name, shape, values.slice(from, shape.elements()), gradients.slice(from, shape.elements()));
  }
}
