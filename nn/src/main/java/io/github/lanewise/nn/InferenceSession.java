package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.util.Objects;

/// A model at work: rows in, outputs out, on the caller's thread.
///
/// One thread uses a session at a time; sessions of the same model run side by side. The weights
/// are packed when the session is made: call [#refresh] when they have changed since. Once
/// compiled, a call allocates nothing.
public final class InferenceSession {
  private final Pipeline pipeline;

  InferenceSession(Model model, Arena arena, int maxBatch) {
    this.pipeline = Pipeline.of(model, arena, maxBatch, false);
  }

  /// Overwrites `outputs` with the model's outputs for `features`.
  ///
  /// @param features `[rows, inputs]`, with 1 to `maxBatch` rows
  /// @param outputs `[rows, outputs]`, such as the logits of each class
  /// @throws IllegalArgumentException if the sizes do not fit
  public void forward(FloatArray features, FloatArray outputs) {
    Objects.requireNonNull(features, "features is null");
    Objects.requireNonNull(outputs, "outputs is null");
    outputs.copyFrom(pipeline.forward(features, pipeline.rows(features)));
  }

  /// Takes over the model's parameters as they are now.
  public void refresh() {
    pipeline.refresh();
  }
}
