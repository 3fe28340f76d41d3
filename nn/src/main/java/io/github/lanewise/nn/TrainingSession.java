package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.util.Objects;

/// A model in training: `forward` gives the loss of a batch, `backward` the gradients of the
/// parameters.
///
/// A step of training is `forward`, the optimizer's `zeroGrad`, `backward`, the optimizer's `step`.
/// As in PyTorch, `backward` adds to the gradients, so that several batches may count before a
/// step. A session always computes with the parameters as they are.
///
/// A `forward` that throws counts as none: it leaves parameters and gradients as they were, and
/// `backward` then throws too, so that no step is taken with the gradient of an earlier batch.
///
/// **Threads.** A session serves one call at a time. A call that comes while another is inside is
/// refused with an [IllegalStateException]. Sessions of the same model write the same gradients:
/// only one of them may work at a time, and the library does not check that.
///
/// **Memory.** From the arena: two packed copies of the weights, and the inputs, outputs and
/// gradients of the layers for `maxBatch` rows. A call allocates nothing once it is compiled and
/// has met its number of rows before.
public final class TrainingSession {
  private final Exclusive exclusive = new Exclusive();
  private final Model model;
  private final Pipeline pipeline;
  private final Loss loss;

  /// The features that the last forward read; null if there was none, or backward has used them.
  private FloatArray pending;

  TrainingSession(Model model, Pipeline pipeline, Loss loss) {
    this.model = model;
    this.pipeline = pipeline;
    this.loss = loss;
  }

  static TrainingSession of(Model model, Arena arena, int maxBatch, Loss loss) {
    Objects.requireNonNull(loss, "loss is null");
    return new TrainingSession(model, Pipeline.forTraining(model, arena, maxBatch), loss);
  }

  /// Computes the mean loss of a batch whose rows have a class each.
  ///
  /// @param features `[rows, inputs]`, with 1 to `maxBatch` rows; must stay unchanged until
  ///     backward has returned
  /// @param labels the class of each row, from 0 to the number of outputs - 1, or the one that the
  ///     loss ignores
  /// @return the mean over all rows that count; NaN if the loss ignores every row
  /// @throws IllegalArgumentException if the sizes do not fit, a class does not exist, or the loss
  ///     takes targets
  /// @throws IllegalStateException if another call is inside this session, or an arena is closed
  public float forward(FloatArray features, int[] labels) {
    exclusive.enter();
    try {
      int rows = begin(features);
      Objects.requireNonNull(labels, "labels is null");
      if (labels.length != rows) {
        throw new IllegalArgumentException(
            "labels has " + labels.length + " elements, features has " + rows + " rows");
      }
      FloatArray y = pipeline.forward(features, rows);
      float value = loss.ofClasses(y, labels, pipeline.lossGradient(rows), pipeline.outputs());
      pending = features;
      return value;
    } finally {
      exclusive.leave();
    }
  }

  /// Computes the mean loss of a batch whose outputs have a target each.
  ///
  /// @param features `[rows, inputs]`, with 1 to `maxBatch` rows; must stay unchanged until
  ///     backward has returned
  /// @param targets `[rows, outputs]`
  /// @return the mean over all outputs
  /// @throws IllegalArgumentException if the sizes do not fit, or the loss takes classes
  /// @throws IllegalStateException if another call is inside this session, or an arena is closed
  public float forward(FloatArray features, FloatArray targets) {
    exclusive.enter();
    try {
      int rows = begin(features);
      Objects.requireNonNull(targets, "targets is null");
      pipeline.requireOutputs("targets", targets, rows);
      FloatArray y = pipeline.forward(features, rows);
      float value = loss.ofTargets(y, targets, pipeline.lossGradient(rows));
      pending = features;
      return value;
    } finally {
      exclusive.leave();
    }
  }

  /// Adds the gradient of the last loss to the gradients of the parameters.
  ///
  /// @throws IllegalStateException if no forward has succeeded since the last backward, another
  ///     call is inside this session, or an arena is closed
  public void backward() {
    exclusive.enter();
    try {
      requirePending();
      finish(null);
    } finally {
      exclusive.leave();
    }
  }

  /// Adds the gradient of the last loss to the gradients of the parameters, and overwrites `gx`
  /// with the gradient of the features.
  ///
  /// @param gx `[rows, inputs]`; may be the very array of features that forward was given
  /// @throws IllegalArgumentException if `gx` has another size than the features, or overlaps them
  ///     otherwise, or overlaps a parameter or its gradient; nothing is written then
  /// @throws IllegalStateException as for [#backward()]
  public void backward(FloatArray gx) {
    Objects.requireNonNull(gx, "gx is null");
    exclusive.enter();
    try {
      requirePending();
      requireGradientOfFeatures(gx);
      finish(gx);
    } finally {
      exclusive.leave();
    }
  }

  /// Begins a forward, and returns its number of rows.
  private int begin(FloatArray features) {
    pending = null;
    Objects.requireNonNull(features, "features is null");
    int rows = pipeline.rows(features);
    pipeline.refresh();
    return rows;
  }

  private void requirePending() {
    if (pending == null) {
      throw new IllegalStateException("backward needs a forward before it");
    }
    requireUsable(pending);
  }

  private void requireGradientOfFeatures(FloatArray gx) {
    if (gx.length() != pending.length()) {
      throw new IllegalArgumentException(
          "gx has " + gx.length() + " elements, features has " + pending.length());
    }
    if (gx != pending && gx.overlaps(pending)) {
      throw new IllegalArgumentException(
          "gx overlaps features; it must be the array that forward was given, or a separate one");
    }
    if (gx.overlaps(model.values()) || gx.overlaps(model.gradients())) {
      throw new IllegalArgumentException("gx overlaps a parameter of the model or its gradient");
    }
    requireUsable(gx);
  }

  private void finish(FloatArray gx) {
    FloatArray features = pending;
    pending = null;
    pipeline.backward(features, gx, pipeline.rows(features));
  }

  /// Throws, before any gradient is touched, what a stage would throw after others have added
  /// theirs: the arena is closed, or belongs to another thread.
  private static void requireUsable(FloatArray array) {
    array.get(0);
  }
}
