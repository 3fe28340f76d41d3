package io.github.lanewise.nn;

import io.github.lanewise.core.CrossEntropy;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.MeanSquaredError;

/// What training makes small: the mean over the rows of a batch.
///
/// A loss takes either a class per row, or a target per output. Immutable.
public abstract class Loss {
  private Loss() {}

  /// Softmax and negative log-likelihood of each row's class, fused. Takes classes.
  ///
  /// Source:
  ///
  /// Source: PyTorch's `torch.nn.CrossEntropyLoss`.
  public static Loss crossEntropy() {
    return new Loss() {
      @Override
      float ofClasses(FloatArray output, int[] classes, FloatArray gradient, int cols) {
        return CrossEntropy.lossAndGradient(output, classes, gradient, classes.length, cols);
      }

      @Override
      public String toString() {
        return "cross-entropy";
      }
    };
  }

  /// Mean of the squared differences over all outputs. Takes targets.
  ///
  /// Source: PyTorch's `torch.nn.MSELoss`.
  public static Loss meanSquaredError() {
    return new Loss() {
      @Override
      float ofTargets(FloatArray output, FloatArray targets, FloatArray gradient) {
        return MeanSquaredError.lossAndGradient(output, targets, gradient);
      }

      @Override
      public String toString() {
        return "mean squared error";
      }
    };
  }

  /// Returns the loss, and overwrites `gradient` with its gradient at `output`.
  float ofClasses(FloatArray output, int[] classes, FloatArray gradient, int cols) {
    throw new IllegalArgumentException(this + " takes targets, not classes");
  }

  /// Returns the loss, and overwrites `gradient` with its gradient at `output`.
  float ofTargets(FloatArray output, FloatArray targets, FloatArray gradient) {
    throw new IllegalArgumentException(this + " takes classes, not targets");
  }
}
