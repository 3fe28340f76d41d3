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
/// **Memory.** From the arena: the outputs of all layers for `maxBatch` rows, rounded up to 32, and
/// three times those of the widest layer. A call allocates nothing once it is compiled, whatever
/// its number of rows.
public final class TrainingSession {
  private final Exclusive exclusive = new Exclusive();
  private final Model model;
  private final Loss loss;
  private final int maxBatch;
  private final Passes passes;

  /// The features that the last forward read; null if there was none, or backward has used them.
  private FloatArray pending;

  /// Whether the gradient of the outputs is there, from the loss of the last forward.
  private boolean hasLoss;

  /// Whether the outputs of the last call are there.
  private boolean hasOutputs;

  private long step;

  TrainingSession(Model model, Arena arena, int maxBatch, Loss loss) {
    Objects.requireNonNull(loss, "loss is null");
    if (maxBatch < 1) {
      throw new IllegalArgumentException("maxBatch is " + maxBatch + ", must be at least 1");
    }
    this.model = model;
    this.loss = loss;
    this.maxBatch = maxBatch;
    this.passes = new Passes(model, arena, maxBatch);
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
      requireLabels(labels, rows);
      passes.forward(features, rows, step, true);
      hasOutputs = true;
      float value = lossOf(labels);
      return finish(features, value);
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
      requireOutputs("targets", targets, rows);
      passes.forward(features, rows, step, true);
      hasOutputs = true;
      float value = lossOf(targets);
      return finish(features, value);
    } finally {
      exclusive.leave();
    }
  }

  /// Computes the outputs of a batch in training, without a loss: [#outputs] shows them, and
  /// [#backwardFrom] takes their gradient.
  ///
  /// @param features `[rows, inputs]`, with 1 to `maxBatch` rows; must stay unchanged until
  ///     backward has returned
  /// @throws IllegalArgumentException if the size does not fit
  /// @throws IllegalStateException if another call is inside this session, or an arena is closed
  public void forward(FloatArray features) {
    exclusive.enter();
    try {
      int rows = begin(features);
      passes.forward(features, rows, step, true);
      hasOutputs = true;
      pending = features;
      step++;
    } finally {
      exclusive.leave();
    }
  }

  /// Returns the mean loss of a batch as the network answers, in PyTorch's words in evaluation
  /// mode, and keeps nothing for backward.
  ///
  /// @param features `[rows, inputs]`, with 1 to `maxBatch` rows
  /// @param labels the class of each row
  /// @return the mean over all rows that count; NaN if the loss ignores every row
  /// @throws IllegalArgumentException as for [#forward(FloatArray, int[])]
  /// @throws IllegalStateException if another call is inside this session, or an arena is closed
  public float evaluate(FloatArray features, int[] labels) {
    exclusive.enter();
    try {
      int rows = begin(features);
      requireLabels(labels, rows);
      passes.forward(features, rows, step, false);
      hasOutputs = true;
      return lossOf(labels);
    } finally {
      exclusive.leave();
    }
  }

  /// Returns the mean loss of a batch as the network answers, in PyTorch's words in evaluation
  /// mode, and keeps nothing for backward.
  ///
  /// @param features `[rows, inputs]`, with 1 to `maxBatch` rows
  /// @param targets `[rows, outputs]`
  /// @return the mean over all outputs
  /// @throws IllegalArgumentException as for [#forward(FloatArray, FloatArray)]
  /// @throws IllegalStateException if another call is inside this session, or an arena is closed
  public float evaluate(FloatArray features, FloatArray targets) {
    exclusive.enter();
    try {
      int rows = begin(features);
      requireOutputs("targets", targets, rows);
      passes.forward(features, rows, step, false);
      hasOutputs = true;
      return lossOf(targets);
    } finally {
      exclusive.leave();
    }
  }

  /// Copies the outputs of the last forward, or of the last evaluation.
  ///
  /// @param y `[rows, outputs]`, overwritten
  /// @throws IllegalArgumentException if the size does not fit
  /// @throws IllegalStateException if nothing was computed yet, another call is inside this
  ///     session, or an arena is closed
  public void outputs(FloatArray y) {
    exclusive.enter();
    try {
      if (!hasOutputs) {
        throw new IllegalStateException("outputs needs a forward before it");
      }
      requireOutputs("y", y, passes.outputs().rows());
      passes.outputs().store(y, 0);
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
      requirePending(true);
      finishBackward(null);
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
      requirePending(true);
      requireGradientOfFeatures(gx);
      finishBackward(gx);
    } finally {
      exclusive.leave();
    }
  }

  /// Adds the gradients of the parameters that follow from a gradient of the outputs: for losses,
  /// rewards or models that the caller computes.
  ///
  /// @param gy the gradient of the outputs of the last forward, `[rows, outputs]`
  /// @throws IllegalArgumentException if the size does not fit
  /// @throws IllegalStateException if no forward has succeeded since the last backward, another
  ///     call is inside this session, or an arena is closed
  public void backwardFrom(FloatArray gy) {
    Objects.requireNonNull(gy, "gy is null");
    exclusive.enter();
    try {
      requirePending(false);
      requireOutputs("gy", gy, passes.outputs().rows());
      passes.gradientOfOutputs().load(gy, 0);
      finishBackward(null);
    } finally {
      exclusive.leave();
    }
  }

  /// {@return the number of forwards in training so far} [Dropout] draws from it.
  public long step() {
    return step;
  }

  /// Goes on from a step of an earlier run, as if that many forwards had been made.
  ///
  /// @param step what [#step] returned then
  /// @throws IllegalArgumentException if it is negative
  public void resumeAt(long step) {
    if (step < 0) {
      throw new IllegalArgumentException("step is " + step + ", must be at least 0");
    }
    this.step = step;
  }

  /// Begins a forward, and returns its number of rows.
  private int begin(FloatArray features) {
    pending = null;
    hasLoss = false;
    hasOutputs = false;
    Objects.requireNonNull(features, "features is null");
    int inputs = model.network().inputs();
    long rows = features.length() / inputs;
    if (rows * inputs != features.length() || rows < 1 || rows > maxBatch) {
      throw new IllegalArgumentException(
          "features has %d elements, not 1 to %d rows of %d"
              .formatted(features.length(), maxBatch, inputs));
    }
    return (int) rows;
  }

  private float lossOf(int[] labels) {
    return loss.ofClasses(passes.outputs(), labels, passes.gradientOfOutputs());
  }

  private float lossOf(FloatArray targets) {
    return loss.ofTargets(passes.outputs(), passes.targets(targets), passes.gradientOfOutputs());
  }

  private float finish(FloatArray features, float value) {
    pending = features;
    hasLoss = true;
    step++;
    return value;
  }

  private static void requireLabels(int[] labels, int rows) {
    Objects.requireNonNull(labels, "labels is null");
    if (labels.length != rows) {
      throw new IllegalArgumentException(
          "labels has " + labels.length + " elements, features has " + rows + " rows");
    }
  }

  private void requireOutputs(String name, FloatArray array, int rows) {
    if (array == null) {
      throw new NullPointerException(name + " is null");
    }
    int outputs = model.network().outputs();
    if (array.length() != (long) rows * outputs) {
      throw new IllegalArgumentException(
          "%s has %d elements, %d rows of %d are needed"
              .formatted(name, array.length(), rows, outputs));
    }
  }

  private void requirePending(boolean withLoss) {
    if (pending == null || (withLoss && !hasLoss)) {
      throw new IllegalStateException(
          pending == null
              ? "backward needs a forward before it"
              : "backward needs a forward with a loss before it, or a gradient of the outputs");
    }
    pending.requireUsable("features");
    model.gradients().requireUsable("the gradients of the model");
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
    gx.requireUsable("gx");
  }

  private void finishBackward(FloatArray gx) {
    pending = null;
    passes.backward(gx);
  }
}
