package io.github.lanewise.nn;

import io.github.lanewise.core.CrossEntropy;
import io.github.lanewise.core.ElementwiseLoss;
import io.github.lanewise.core.FloatArray;
import java.util.Objects;

/// What training makes small: the mean over a batch.
///
/// A loss takes either a class per row, or a target per output. Those with a name have PyTorch's
/// default parameters, [#of] takes others. Immutable.
public abstract class Loss {
  private Loss() {}

  /// Softmax and negative log-likelihood of each row's class, fused. Takes classes.
  ///
  /// Source: PyTorch's `torch.nn.CrossEntropyLoss`.
  ///
  /// @return the loss of a batch
  public static Loss crossEntropy() {
    return of(CrossEntropy.OF_LOGITS);
  }

  /// Negative log-likelihood of each row's class, of outputs that are log-probabilities. Takes
  /// classes.
  ///
  /// Source: PyTorch's `torch.nn.NLLLoss`.
  ///
  /// @return the loss of a batch
  public static Loss negativeLogLikelihood() {
    return of(CrossEntropy.OF_LOG_PROBABILITIES);
  }

  /// Mean of the squared differences over all outputs. Takes targets.
  ///
  /// Source: PyTorch's `torch.nn.MSELoss`.
  ///
  /// @return the loss of a batch
  public static Loss meanSquaredError() {
    return of(ElementwiseLoss.MEAN_SQUARED_ERROR);
  }

  /// Mean of the absolute differences over all outputs. Takes targets.
  ///
  /// Source: PyTorch's `torch.nn.L1Loss`.
  ///
  /// @return the loss of a batch
  public static Loss l1() {
    return of(ElementwiseLoss.L1);
  }

  /// Half the square of a difference up to 1, linear from there on; the mean over all outputs.
  /// Takes targets.
  ///
  /// Source: PyTorch's `torch.nn.SmoothL1Loss`.
  ///
  /// @return the loss of a batch
  public static Loss smoothL1() {
    return of(ElementwiseLoss.SMOOTH_L1);
  }

  /// The same as [#smoothL1]; differs from it in what its parameter means. Takes targets.
  ///
  /// Source: PyTorch's `torch.nn.HuberLoss`.
  ///
  /// @return the loss of a batch
  public static Loss huber() {
    return of(ElementwiseLoss.HUBER);
  }

  /// Sigmoid and binary cross-entropy, fused, the mean over all outputs. Takes targets from 0 to 1.
  ///
  /// Source: PyTorch's `torch.nn.BCEWithLogitsLoss`.
  ///
  /// @return the loss of a batch
  public static Loss binaryCrossEntropyWithLogits() {
    return of(ElementwiseLoss.BINARY_CROSS_ENTROPY_WITH_LOGITS);
  }

  /// Kullback-Leibler divergence of targets that are probabilities and outputs that are
  /// log-probabilities, the mean over all outputs. Takes targets.
  ///
  /// Source: PyTorch's `torch.nn.KLDivLoss`.
  ///
  /// @return the loss of a batch
  public static Loss klDivergence() {
    return of(ElementwiseLoss.KL_DIVERGENCE);
  }

  /// {@return a loss with options, such as `CrossEntropy.OF_LOGITS.withLabelSmoothing(0.1)`} Takes
  /// classes.
  ///
  /// @param loss compares the outputs of a batch
  public static Loss of(CrossEntropy loss) {
    Objects.requireNonNull(loss, "loss is null");
    return new Loss() {
      @Override
      float ofClasses(FloatArray output, int[] classes, FloatArray gradient, int cols) {
        return loss.lossAndGradient(output, classes, gradient, classes.length, cols);
      }

      @Override
      public String toString() {
        return loss.toString();
      }
    };
  }

  /// {@return a loss with parameters, such as `ElementwiseLoss.huber(0.5)`} Takes targets.
  ///
  /// @param loss compares the outputs of a batch
  public static Loss of(ElementwiseLoss loss) {
    Objects.requireNonNull(loss, "loss is null");
    return new Loss() {
      @Override
      float ofTargets(FloatArray output, FloatArray targets, FloatArray gradient) {
        return loss.lossAndGradient(output, targets, gradient);
      }

      @Override
      public String toString() {
        return loss.toString();
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
