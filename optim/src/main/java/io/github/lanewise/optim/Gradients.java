package io.github.lanewise.optim;

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
}
