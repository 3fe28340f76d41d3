package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.util.Objects;

/// A model in training: forward to the loss, backward to the gradients of its parameters.
///
/// A step is `forward`, the optimizer's `zeroGrad`, `backward`, the optimizer's `step`. Gradients
/// are added to, as in PyTorch. One thread uses a session at a time, and no other session of the
/// model then. Once compiled, a step allocates nothing.
public final class TrainingSession {
  private final Pipeline pipeline;
  private final Loss loss;
  private final int outputs;

  /// What the last forward read, until backward has used it.
  private FloatArray pending;

  TrainingSession(Model model, Arena arena, int maxBatch, Loss loss) {
    this.loss = Objects.requireNonNull(loss, "loss is null");
    this.pipeline = Pipeline.of(model, arena, maxBatch, true);
    this.outputs = model.network().outputs();
  }

  /// {@return the mean loss of a batch whose rows have a class each}
  ///
  /// @param features `[rows, inputs]`, with 1 to `maxBatch` rows; unchanged until backward is done
  /// @param labels the class of each row, from 0 to the number of outputs - 1, or the one that the
  ///     loss ignores
  /// @throws IllegalArgumentException if the sizes do not fit, a class does not exist, or the loss
  ///     takes targets
  public float forward(FloatArray features, int[] labels) {
    Objects.requireNonNull(labels, "labels is null");
    int rows = begin(features);
    if (labels.length != rows) {
      throw new IllegalArgumentException(
          "labels has " + labels.length + " elements, features has " + rows + " rows");
    }
    FloatArray y = pipeline.forward(features, rows);
    float value = loss.ofClasses(y, labels, pipeline.lossGradient(rows), outputs);
    pending = features;
    return value;
  }

  /// {@return the mean loss of a batch whose outputs have a target each}
  ///
  /// @param features `[rows, inputs]`, with 1 to `maxBatch` rows; unchanged until backward is done
  /// @param targets `[rows, outputs]`
  /// @throws IllegalArgumentException if the sizes do not fit, or the loss takes classes
  public float forward(FloatArray features, FloatArray targets) {
    Objects.requireNonNull(targets, "targets is null");
    int rows = begin(features);
    FloatArray y = pipeline.forward(features, rows);
    float value = loss.ofTargets(y, targets, pipeline.lossGradient(rows));
    pending = features;
    return value;
  }

  /// Adds the gradient of the last loss to the gradients of the parameters.
  ///
  /// @throws IllegalStateException unless forward was called since the last backward
  public void backward() {
    finish(null);
  }

  /// The same, and overwrites `gx`, `[rows, inputs]`, with the gradient of the features.
  ///
  /// @param gx `[rows, inputs]`
  /// @throws IllegalStateException unless forward was called since the last backward
  /// @throws IllegalArgumentException if `gx` does not have the size of the features
  public void backward(FloatArray gx) {
    finish(Objects.requireNonNull(gx, "gx is null"));
  }

  private int begin(FloatArray features) {
    Objects.requireNonNull(features, "features is null");
    pending = null;
    pipeline.refresh();
    return pipeline.rows(features);
  }

  private void finish(FloatArray gx) {
    if (pending == null) {
      throw new IllegalStateException("backward needs a forward before it");
    }
    if (gx != null && gx.length() != pending.length()) {
      throw new IllegalArgumentException(
          "gx has " + gx.length() + " elements, features has " + pending.length());
    }
    pipeline.backward(pending, gx, pipeline.rows(pending));
    pending = null;
  }
}
