package io.github.lanewise.nn;

import io.github.lanewise.core.Batch;
import io.github.lanewise.core.CrossEntropy;
import io.github.lanewise.core.ElementwiseLoss;
import java.util.Objects;

/// The number that training makes smaller: how wrong the outputs of a batch are, on average.
///
/// A loss compares the outputs either with a class for each row or with a target for each output.
/// The named losses have PyTorch's default parameters; [#of(CrossEntropy)] and
/// [#of(ElementwiseLoss)] take others. All return means, PyTorch's `reduction='mean'`.
///
/// A program may have a loss of its own: a subclass that overrides [#ofClasses] or [#ofTargets]. It
/// must be immutable, and allocate nothing in these calls.
public abstract class Loss {
  /// Creates a loss that takes neither classes nor targets, unless a subclass says otherwise.
  protected Loss() {}

  /// Cross-entropy of outputs that are logits: softmax and the negative log-likelihood of each
  /// row's class, in one pass. Takes classes.
  ///
  /// Source: PyTorch's `torch.nn.CrossEntropyLoss`.
  ///
  /// @return the loss of a batch
  public static Loss crossEntropy() {
    return of(CrossEntropy.OF_LOGITS);
  }

  /// The negative log-likelihood of each row's class, where the outputs are log-probabilities.
  /// Takes classes.
  ///
  /// Source: PyTorch's `torch.nn.NLLLoss`.
  ///
  /// @return the loss of a batch
  public static Loss negativeLogLikelihood() {
    return of(CrossEntropy.OF_LOG_PROBABILITIES);
  }

  /// The mean of the squared differences over all outputs. Takes targets.
  ///
  /// Source: PyTorch's `torch.nn.MSELoss`.
  ///
  /// @return the loss of a batch
  public static Loss meanSquaredError() {
    return of(ElementwiseLoss.MEAN_SQUARED_ERROR);
  }

  /// The mean of the absolute differences over all outputs. Takes targets.
  ///
  /// Source: PyTorch's `torch.nn.L1Loss`.
  ///
  /// @return the loss of a batch
  public static Loss l1() {
    return of(ElementwiseLoss.L1);
  }

  /// The mean over all outputs of d^2 / 2 where the difference d is at most 1, and d - 1/2 beyond.
  /// Takes targets.
  ///
  /// Source: PyTorch's `torch.nn.SmoothL1Loss`.
  ///
  /// @return the loss of a batch
  public static Loss smoothL1() {
    return of(ElementwiseLoss.SMOOTH_L1);
  }

  /// The same function as [#smoothL1]. The two differ when they are given another parameter, as
  /// [ElementwiseLoss#huber] and [ElementwiseLoss#smoothL1] tell. Takes targets.
  ///
  /// Source: PyTorch's `torch.nn.HuberLoss`.
  ///
  /// @return the loss of a batch
  public static Loss huber() {
    return of(ElementwiseLoss.HUBER);
  }

  /// The mean over all outputs of the binary cross-entropy of their sigmoid, in one pass. Takes
  /// targets from 0 to 1.
  ///
  /// Source: PyTorch's `torch.nn.BCEWithLogitsLoss`.
  ///
  /// @return the loss of a batch
  public static Loss binaryCrossEntropyWithLogits() {
    return of(ElementwiseLoss.BINARY_CROSS_ENTROPY_WITH_LOGITS);
  }

  /// The Kullback-Leibler divergence of targets that are probabilities from outputs that are
  /// log-probabilities, as a mean over all outputs. Takes targets.
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
      public float ofClasses(Batch outputs, int[] classes, Batch gradient) {
        return loss.lossAndGradient(outputs, classes, gradient);
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
      public float ofTargets(Batch outputs, Batch targets, Batch gradient) {
        return loss.lossAndGradient(outputs, targets, gradient);
      }

      @Override
      public String toString() {
        return loss.toString();
      }
    };
  }

  /// Returns the loss of a class for each row, and overwrites `gradient` with its gradient.
  ///
  /// @param outputs of the network
  /// @param classes one for each row
  /// @param gradient of the outputs, as many rows of as many features
  /// @return the mean over the rows
  /// @throws IllegalArgumentException if this loss takes targets, or a class does not exist
  public float ofClasses(Batch outputs, int[] classes, Batch gradient) {
    throw new IllegalArgumentException(this + " takes targets, not classes");
  }

  /// Returns the loss of a target for each output, and overwrites `gradient` with its gradient.
  ///
  /// @param outputs of the network
  /// @param targets as many rows of as many features
  /// @param gradient of the outputs, as many rows of as many features
  /// @return the mean over the outputs
  /// @throws IllegalArgumentException if this loss takes classes
  public float ofTargets(Batch outputs, Batch targets, Batch gradient) {
    throw new IllegalArgumentException(this + " takes classes, not targets");
  }
}
