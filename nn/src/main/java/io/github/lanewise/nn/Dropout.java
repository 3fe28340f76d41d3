package io.github.lanewise.nn;

import io.github.lanewise.core.Batch;
import io.github.lanewise.core.DropoutMask;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import java.util.List;

/// Dropout: in training an element becomes 0 with probability `p`, and is divided by 1 - p
/// otherwise; a network that answers passes it on as it is.
///
/// Which elements are dropped follows from the seed and from the number of the training step, row
/// and feature. So a run that is repeated drops the same, on any machine.
///
/// Source: PyTorch's `torch.nn.Dropout`, with other random numbers.
///
/// @param p the probability that an element is dropped, from 0 to below 1
/// @param seed of the random numbers; two layers of a network should have different ones
public record Dropout(double p, long seed) implements Layer {
  /// Checks the probability.
  ///
  /// @throws IllegalArgumentException if `p` is not from 0 to below 1
  public Dropout {
    if (!(p >= 0 && p < 1)) {
      throw new IllegalArgumentException("p is " + p + ", must be at least 0 and below 1");
    }
  }

  /// {@return a layer that drops with PyTorch's default probability, 0.5}
  ///
  /// @param seed of the random numbers
  public static Dropout of(long seed) {
    return new Dropout(0.5, seed);
  }

  @Override
  public void forward(Batch x, List<FloatArray> parameters, Batch y) {
    DropoutMask.apply(x, y, 0, seed);
  }

  @Override
  public void forwardInTraining(Batch x, List<FloatArray> parameters, Batch y) {
    DropoutMask.apply(x, y, p, seed);
  }

  @Override
  public void backward(
      Batch x,
      Batch y,
      Batch gy,
      List<FloatArray> parameters,
      List<FloatArray> gradients,
      Batch gx) {
    if (gx != null) {
      DropoutMask.apply(gy, gx, p, seed);
    }
  }

  @Override
  public String toString() {
    return "Dropout(" + p + ")";
  }
}
