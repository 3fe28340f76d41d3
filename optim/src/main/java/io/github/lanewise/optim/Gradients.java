package io.github.lanewise.optim;

import java.util.Map;

/// What an optimizer does with its gradients before a step: it accumulates them, measures their
/// norm, and decides whether to make the step.
final class Gradients {
  /// What becomes of a call of the optimizer's step.
  enum Next {
    /// More gradients are added up first.
    ACCUMULATE,
    /// A gradient is infinite or NaN, so there is no step.
    SKIP,
    /// The parameters change.
    STEP
  }

  /// Limits and counts, which a run needs to go on as it would have.
  ///
  /// @param accumulated how many gradients have been added up
  record Progress(double maxNorm, double clipValue, int accumulated, long skippedSteps) {}

  private static final String MAX_NORM = "max_norm";
  private static final String CLIP_VALUE = "clip_value";
  private static final String ACCUMULATED = "accumulated_steps";
  private static final String SKIPPED = "skipped_steps";

  private final Passes passes;
  private double maxNorm;
  private double clipValue;
  private int accumulated;
  private long skippedSteps;
  private double norm = Double.NaN;
  private double scale;

  Gradients(Passes passes) {
    this.passes = passes;
    maxNorm = passes.maxNorm();
    clipValue = passes.clipValue();
  }

  Next next(Run[] runs) {
    if (accumulated + 1 < passes.accumulatedSteps()) {
      accumulated++;
      return Next.ACCUMULATE;
    }
    scale = 1.0 / passes.accumulatedSteps();
    if (maxNorm != Double.POSITIVE_INFINITY || passes.skipsNonFinite()) {
      measure(runs);
      if (passes.skipsNonFinite() && !Double.isFinite(norm)) {
        skip(runs);
        return Next.SKIP;
      }
      if (maxNorm != Double.POSITIVE_INFINITY) {
        scale *= Math.min(1, maxNorm / (norm + 1e-6)); // PyTorch's 1e-6
      }
    }
    return Next.STEP;
  }

  private void measure(Run[] runs) {
    double squares = 0;
    for (Run run : runs) {
      squares += run.sumOfSquares();
    }
    norm = StrictMath.sqrt(squares) * scale;
  }

  private void skip(Run[] runs) {
    skippedSteps++;
    accumulated = 0;
    if (passes.zeroesGradient()) {
      for (Run run : runs) {
        run.zeroGradient();
      }
    }
  }

  void end() {
    accumulated = 0;
  }

  boolean isAccumulating() {
    return accumulated > 0;
  }

  /// What the gradients are multiplied by in this step.
  double scale() {
    return scale;
  }

  double clipValue() {
    return clipValue;
  }

  double norm() {
    return norm;
  }

  long skippedSteps() {
    return skippedSteps;
  }

  void setMaxNorm(double maxNorm) {
    Passes.requireLimit("maxNorm", maxNorm);
    this.maxNorm = maxNorm;
  }

  void setClipValue(double clipValue) {
    Passes.requireLimit("clipValue", clipValue);
    this.clipValue = clipValue;
  }

  /// Writes limits and counts to the metadata of a file.
  void put(Map<String, String> metadata) {
    metadata.put(MAX_NORM, Double.toString(maxNorm));
    metadata.put(CLIP_VALUE, Double.toString(clipValue));
    metadata.put(ACCUMULATED, Integer.toString(accumulated));
    metadata.put(SKIPPED, Long.toString(skippedSteps));
  }

  /// Returns what metadata says; what it does not name is as it is, but nothing has been added up.
  Progress progress(Map<String, String> metadata) {
    double norm = Metadata.number(metadata, MAX_NORM, maxNorm);
    double value = Metadata.number(metadata, CLIP_VALUE, clipValue);
    Passes.requireLimit(MAX_NORM, norm);
    Passes.requireLimit(CLIP_VALUE, value);
    long count = Metadata.count(metadata, ACCUMULATED, 0);
    if (count >= passes.accumulatedSteps()) {
      throw new IllegalArgumentException(
          "the metadata entry %s is %d, must be below the optimizer's accumulatedSteps of %d"
              .formatted(ACCUMULATED, count, passes.accumulatedSteps()));
    }
    return new Progress(norm, value, (int) count, Metadata.count(metadata, SKIPPED, skippedSteps));
  }

  /// Goes on from limits and counts of [#progress].
  void restore(Progress progress) {
    maxNorm = progress.maxNorm();
    clipValue = progress.clipValue();
    accumulated = progress.accumulated();
    skippedSteps = progress.skippedSteps();
  }
}
