package io.github.lanewise.nn;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.Parameter;
import java.lang.foreign.Arena;
import java.util.Iterator;
import java.util.List;

/// The stages of a session, and the scratch between them.
final class Pipeline {
  private final int inputs;
  private final int maxBatch;

  /// The stages that compute. For inference they hold one snapshot of all parameters.
  private Stage[] stages;

  /// The stages that the next refresh fills. In training they are those that compute, since they
  /// read the parameters themselves.
  private Stage[] refreshing;

  /// What each stage writes; a stage that works in place has the array of the stage before.
  private final Rows[] outputs;

  /// The gradient of each stage's output; null for inference. Two runs of memory serve all stages
  /// in turn, because a stage needs only its own gradient and that of the stage before.
  private final Rows[] gradients;

  Pipeline(
      int inputs,
      int maxBatch,
      Stage[] stages,
      Stage[] refreshing,
      Rows[] outputs,
      Rows[] gradients) {
    this.inputs = inputs;
    this.maxBatch = maxBatch;
    this.stages = stages;
    this.refreshing = refreshing;
    this.outputs = outputs;
    this.gradients = gradients;
  }

  static Pipeline forInference(Model model, Arena arena, int maxBatch) {
    requirePositive(maxBatch);
    Pipeline pipeline =
        new Pipeline(
            model.network().inputs(),
            maxBatch,
            stages(model, arena, maxBatch, false),
            stages(model, arena, maxBatch, false),
            outputs(model.network(), arena, maxBatch, false),
            null);
    pipeline.refresh();
    return pipeline;
  }

  static Pipeline forTraining(Model model, Arena arena, int maxBatch) {
    requirePositive(maxBatch);
    Stage[] stages = stages(model, arena, maxBatch, true);
    Pipeline pipeline =
        new Pipeline(
            model.network().inputs(),
            maxBatch,
            stages,
            stages,
            outputs(model.network(), arena, maxBatch, true),
            gradients(model.network(), arena, maxBatch));
    pipeline.refresh();
    return pipeline;
  }

  private static void requirePositive(int maxBatch) {
    if (maxBatch < 1) {
      throw new IllegalArgumentException("maxBatch is " + maxBatch + ", must be at least 1");
    }
  }

  private static Stage[] stages(Model model, Arena arena, int maxBatch, boolean trains) {
    List<Layer> layers = model.network().layers();
    Iterator<Parameter> parameters = model.parameters().iterator();
    Stage[] stages = new Stage[layers.size()];
    int width = model.network().inputs();
    for (int i = 0; i < stages.length; i++) {
      width = layers.get(i).outputs(width);
      stages[i] = stage(layers.get(i), width, parameters, arena, maxBatch, trains);
    }
    return stages;
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
          : LinearStage.forInference(linear, weight, bias, arena, maxBatch);
    }
    if (layer instanceof PRelu) {
      Parameter slope = parameters.next();
      return trains
          ? PReluStage.forTraining(slope, outputs)
          : PReluStage.forInference(slope, outputs, arena);
    }
    if (layer instanceof Glu) {
      return new GluStage(outputs);
    }
    if (layer instanceof Activation activation) {
      return new ActivationStage(activation);
    }
    throw new IllegalArgumentException("a session cannot run a layer " + layer);
  }

  private static Rows[] outputs(Sequential network, Arena arena, int maxBatch, boolean trains) {
    List<Layer> layers = network.layers();
    Rows[] outputs = new Rows[layers.size()];
    int width = network.inputs();
    for (int i = 0; i < outputs.length; i++) {
      Layer layer = layers.get(i);
      width = layer.outputs(width);
      boolean inPlace =
          i > 0 && worksInPlace(layer, trains) && !(trains && needsOutput(layers.get(i - 1)));
      outputs[i] = inPlace ? outputs[i - 1] : Rows.allocate(arena, maxBatch, width);
    }
    return outputs;
  }

  /// Whether a layer may write over what it read. In training its backward must not need that.
  private static boolean worksInPlace(Layer layer, boolean trains) {
    return trains ? needsOutput(layer) : layer instanceof Activation || layer instanceof PRelu;
  }

  /// Whether backward needs what the layer wrote.
  private static boolean needsOutput(Layer layer) {
    return layer instanceof Activation activation && activation.savesOutput();
  }

  private static Rows[] gradients(Sequential network, Arena arena, int maxBatch) {
    int[] widths = new int[network.layers().size()];
    int width = network.inputs();
    int widest = 0;
    for (int i = 0; i < widths.length; i++) {
      width = network.layers().get(i).outputs(width);
      widths[i] = width;
      widest = Math.max(widest, width);
    }
    Rows even = Rows.allocate(arena, maxBatch, widest);
    Rows odd = Rows.allocate(arena, maxBatch, widest);
    Rows[] gradients = new Rows[widths.length];
    for (int i = 0; i < gradients.length; i++) {
      gradients[i] = (i % 2 == 0 ? even : odd).ofWidth(widths[i]);
    }
    return gradients;
  }

  /// Reads the parameters as they are now. For inference, the stages that compute are exchanged
  /// only when all others are filled, so that a failure leaves the snapshot as it was.
  void refresh() {
    for (Stage stage : refreshing) {
      stage.refresh();
    }
    Stage[] filled = refreshing;
    refreshing = stages;
    stages = filled;
  }

  /// Returns how many rows `features` holds.
  ///
  /// @throws IllegalArgumentException if they are not whole rows, or not 1 to `maxBatch`
  int rows(FloatArray features) {
    long rows = features.length() / inputs;
    if (rows * inputs != features.length() || rows < 1 || rows > maxBatch) {
      throw new IllegalArgumentException(
          "features has %d elements, not 1 to %d rows of %d"
              .formatted(features.length(), maxBatch, inputs));
    }
    return (int) rows;
  }

  /// The features of a row that comes out.
  int outputs() {
    return outputs[outputs.length - 1].width();
  }

  /// Requires that `array` has room for the outputs of as many rows.
  ///
  /// @throws IllegalArgumentException if it has another size
  void requireOutputs(String name, FloatArray array, int rows) {
    if (array.length() != (long) rows * outputs()) {
      throw new IllegalArgumentException(
          "%s has %d elements, %d rows of %d are needed"
              .formatted(name, array.length(), rows, outputs()));
    }
  }

  /// Returns the outputs for `features`, in scratch that the next call overwrites.
  FloatArray forward(FloatArray features, int rows) {
    FloatArray x = features;
    for (int i = 0; i < stages.length; i++) {
      FloatArray y = outputs[i].first(rows);
      stages[i].forward(x, y, rows);
      x = y;
    }
    return x;
  }

  /// Returns the array into which the loss writes the gradient of the outputs.
  FloatArray lossGradient(int rows) {
    return gradients[stages.length - 1].first(rows);
  }

  /// Takes the gradient in [#lossGradient] back through all stages: adds to the gradients of the
  /// parameters, and overwrites `gx`, the gradient of `features`, unless it is null.
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
