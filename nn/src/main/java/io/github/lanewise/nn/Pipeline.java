package io.github.lanewise.nn;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.Parameter;
import java.lang.foreign.Arena;
import java.util.Iterator;
import java.util.List;

/// The stages of a session and what flows between them.
final class Pipeline {
  private final Model model;
  private final int maxBatch;
  private final Stage[] stages;

  /// What each stage writes; the same as it reads where it works in place.
  private final Rows[] outputs;

  /// The gradients of the outputs, alternately in two runs of memory; null for inference.
  private final Rows[] gradients;

  private Pipeline(Model model, int maxBatch, Stage[] stages, Rows[] outputs, Rows[] gradients) {
    this.model = model;
    this.maxBatch = maxBatch;
    this.stages = stages;
    this.outputs = outputs;
    this.gradients = gradients;
  }

  static Pipeline of(Model model, Arena arena, int maxBatch, boolean trains) {
    if (maxBatch < 1) {
      throw new IllegalArgumentException("maxBatch is " + maxBatch + ", must be at least 1");
    }
    List<Layer> layers = model.network().layers();
    Stage[] stages = new Stage[layers.size()];
    Rows[] outputs = new Rows[layers.size()];
    Iterator<Parameter> parameters = model.parameters().iterator();
    int width = model.network().inputs();
    int widest = 0;
    for (int i = 0; i < stages.length; i++) {
      Layer layer = layers.get(i);
      width = layer.outputs(width);
      widest = Math.max(widest, width);
      stages[i] = stage(layer, width, parameters, arena, maxBatch, trains);
      boolean inPlace =
          i > 0 && worksInPlace(layer, trains) && !(trains && needsOutput(layers.get(i - 1)));
      outputs[i] = inPlace ? outputs[i - 1] : Rows.allocate(arena, maxBatch, width);
    }
    Rows[] gradients = trains ? gradients(layers, arena, maxBatch, model, widest) : null;
    Pipeline pipeline = new Pipeline(model, maxBatch, stages, outputs, gradients);
    pipeline.refresh();
    return pipeline;
  }

  private static Stage stage(
      Layer layer,
      int outputs,
      Iterator<Parameter> parameters,
      Arena arena,
      int maxBatch,
      boolean trains) {
    if (layer instanceof Linear linear) {
      Parameter weight = parameters.next();
      Parameter bias = parameters.next();
      return trains
          ? LinearStage.forTraining(linear, weight, bias, arena, maxBatch)
          : LinearStage.forInference(linear, weight, bias, arena);
    }
    if (layer instanceof PRelu) {
      return new PReluStage(parameters.next(), outputs);
    }
    if (layer instanceof Glu) {
      return new GluStage(outputs);
    }
    if (layer instanceof Activation activation) {
      return new ActivationStage(activation);
    }
    throw new IllegalArgumentException("a session cannot run a layer " + layer);
  }

  /// Whether a layer may write over what it read: backward must not need it.
  private static boolean worksInPlace(Layer layer, boolean trains) {
    return trains ? needsOutput(layer) : layer instanceof Activation || layer instanceof PRelu;
  }

  /// Whether backward needs what the layer wrote.
  private static boolean needsOutput(Layer layer) {
    return layer instanceof Activation activation && activation.savesOutput();
  }

  private static Rows[] gradients(
      List<Layer> layers, Arena arena, int maxBatch, Model model, int widest) {
    Rows even = Rows.allocate(arena, maxBatch, widest);
    Rows odd = Rows.allocate(arena, maxBatch, widest);
    Rows[] gradients = new Rows[layers.size()];
    int width = model.network().inputs();
    for (int i = 0; i < gradients.length; i++) {
      width = layers.get(i).outputs(width);
      gradients[i] = (i % 2 == 0 ? even : odd).ofWidth(width);
    }
    return gradients;
  }

  /// Takes over the parameters as they are now.
  void refresh() {
    for (Stage stage : stages) {
      stage.refresh();
    }
  }

  /// Returns how many rows `features` holds.
  int rows(FloatArray features) {
    int inputs = model.network().inputs();
    long rows = features.length() / inputs;
    if (rows * inputs != features.length() || rows < 1 || rows > maxBatch) {
      throw new IllegalArgumentException(
          "features has %d elements, not 1 to %d rows of %d"
              .formatted(features.length(), maxBatch, inputs));
    }
    return (int) rows;
  }

  /// Returns the output for `features`, in scratch that the next call overwrites.
  FloatArray forward(FloatArray features, int rows) {
    FloatArray x = features;
    for (int i = 0; i < stages.length; i++) {
      FloatArray y = outputs[i].first(rows);
      stages[i].forward(x, y, rows);
      x = y;
    }
    return x;
  }

  /// Where the loss writes its gradient.
  FloatArray lossGradient(int rows) {
    return gradients[stages.length - 1].first(rows);
  }

  /// Goes back from [#lossGradient] to the parameters, and to `gx` unless it is null.
  void backward(FloatArray features, FloatArray gx, int rows) {
    for (int i = stages.length - 1; i >= 0; i--) {
      FloatArray x = i == 0 ? features : outputs[i - 1].first(rows);
      stages[i].backward(
          x,
          outputs[i].first(rows),
          gradients[i].first(rows),
          i == 0 ? gx : gradients[i - 1].first(rows),
          rows);
    }
  }
}
