package io.github.lanewise.nn;

import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.Parameter;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.function.Function;

/// The way of a batch through the layers of a model in training, forward and backward, and the
/// memory for what lies between the layers.
final class Passes {
  private final List<Layer> layers;
  private final List<List<FloatArray>> values;
  private final List<List<FloatArray>> gradients;

  /// What each layer reads, and, last, the outputs.
  private final Batch[] batches;

  /// The gradients of the same, in two runs of memory that take turns.
  private final Batch[] gradientBatches;

  private final Batch targets;

  Passes(Model model, Arena arena, int maxBatch) {
    this.layers = model.network().layers();
    this.values = perLayer(model, Parameter::value);
    this.gradients = perLayer(model, Parameter::gradient);
    Widths widths = new Widths(model.network());
    int outputs = model.network().outputs();
    FloatArray scratch = FloatArray.allocate(arena, Batch.elements(maxBatch, widths.widest()));
    this.batches = widths.apart(arena, scratch, maxBatch);
    this.gradientBatches = widths.inTurns(arena, scratch, maxBatch);
    FloatArray memory = FloatArray.allocate(arena, Batch.elements(maxBatch, outputs));
    this.targets = Batch.in(memory, scratch, maxBatch, outputs);
  }

  private static List<List<FloatArray>> perLayer(
      Model model, Function<Parameter, FloatArray> part) {
    return Model.perLayer(model.network(), model.parameters().stream().map(part).toList());
  }

  /// Computes the outputs.
  ///
  /// @param trains whether layers such as [Dropout] do what they do in training
  void forward(FloatArray features, int rows, long step, boolean trains) {
    batches[0].resize(rows, step);
    batches[0].load(features, 0);
    for (int i = 0; i < layers.size(); i++) {
      batches[i + 1].resize(rows, step);
      if (trains) {
        layers.get(i).forwardInTraining(batches[i], values.get(i), batches[i + 1]);
      } else {
        layers.get(i).forward(batches[i], values.get(i), batches[i + 1]);
      }
    }
  }

  /// What the last forward computed.
  Batch outputs() {
    return batches[layers.size()];
  }

  /// The rows of `array` as a batch of targets for the outputs.
  Batch targets(FloatArray array) {
    targets.resize(outputs().rows(), outputs().step());
    targets.load(array, 0);
    return targets;
  }

  /// The gradient from which [#backward] starts, to be overwritten.
  Batch gradientOfOutputs() {
    Batch gradient = gradientBatches[layers.size()];
    gradient.resize(outputs().rows(), outputs().step());
    return gradient;
  }

  /// Takes the gradient of the outputs back through all layers.
  ///
  /// @param gx is overwritten by the gradient of the features; null if nobody needs it
  void backward(FloatArray gx) {
    for (int i = layers.size() - 1; i >= 0; i--) {
      Batch below = i > 0 || gx != null ? gradientBatches[i] : null;
      if (below != null) {
        below.resize(batches[i].rows(), batches[i].step());
      }
      layers
          .get(i)
          .backward(
              batches[i],
              batches[i + 1],
              gradientBatches[i + 1],
              values.get(i),
              gradients.get(i),
              below);
    }
    if (gx != null) {
      gradientBatches[0].store(gx, 0);
    }
  }
}
