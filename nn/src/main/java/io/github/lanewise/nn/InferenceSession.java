package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.util.Objects;

/// A model that answers: rows of features in, rows of outputs out, on the caller's thread.
///
/// **Parameters.** A session computes with a snapshot of all parameters, taken when it is made and
/// again by each [#refresh]. Whatever happens to the model in between, such as a step of training
/// or the loading of a file, its answers do not change.
///
/// **Threads.** A session serves one call at a time. A call that comes while another is inside is
/// refused with an [IllegalStateException]: give each thread a session of its own. Any number of
/// sessions of a model run side by side.
///
/// **Memory.** From the arena: two copies of the parameters (one that answers, one that the next
/// refresh fills) and the outputs of every layer for `maxBatch` rows. A call allocates nothing once
/// it is compiled and has met its number of rows before.
public final class InferenceSession {
  private final Exclusive exclusive = new Exclusive();
  private final Pipeline pipeline;

  InferenceSession(Pipeline pipeline) {
    this.pipeline = pipeline;
  }

  static InferenceSession of(Model model, Arena arena, int maxBatch) {
    return new InferenceSession(Pipeline.forInference(model, arena, maxBatch));
  }

  /// Overwrites `outputs` with the model's outputs for `features`.
  ///
  /// @param features `[rows, inputs]`, with 1 to `maxBatch` rows
  /// @param outputs `[rows, outputs]`, such as a logit for each class; may overlap `features`
  /// @throws IllegalArgumentException if the sizes do not fit; nothing is written then
  /// @throws IllegalStateException if another call is inside this session, or an arena is closed
  public void forward(FloatArray features, FloatArray outputs) {
    Objects.requireNonNull(features, "features is null");
    Objects.requireNonNull(outputs, "outputs is null");
    exclusive.enter();
    try {
      int rows = pipeline.rows(features);
      pipeline.requireOutputs("outputs", outputs, rows);
      outputs.copyFrom(pipeline.forward(features, rows));
    } finally {
      exclusive.leave();
    }
  }

  /// Takes a new snapshot of the model's parameters, with which later calls compute.
  ///
  /// If that fails, the session goes on answering from the snapshot it had.
  ///
  /// @throws IllegalStateException if another call is inside this session, or an arena is closed
  public void refresh() {
    exclusive.enter();
    try {
      pipeline.refresh();
    } finally {
      exclusive.leave();
    }
  }
}
