package io.github.lanewise.core;

import io.github.lanewise.core.kernel.SquaredErrorKernel;

/// Mean squared error: the mean of (y - target)^2 over all elements.
///
/// Source: PyTorch's `torch.nn.functional.mse_loss`.
public final class MeanSquaredError {
  /// Elements per kernel call: kernels count in `int`.
  private static final long BLOCK = 1L << 28;

  private MeanSquaredError() {}

  /// Returns the loss, and overwrites `gradient` with its gradient at `y`.
  ///
  /// @param gradient as long as `y` and `target`; may be either of them
  /// @return the mean over the elements; NaN if there is none
  /// @throws IllegalArgumentException if the lengths differ, or `gradient` overlaps in part
  public static float lossAndGradient(FloatArray y, FloatArray target, FloatArray gradient) {
    Checks.sameLength("y", y, "target", target);
    Checks.elementwise("y", y, "gradient", gradient);
    Checks.elementwise("target", target, "gradient", gradient);
    long n = y.length();
    double loss = 0;
    for (long i = 0; i < n; i += BLOCK) {
      loss +=
          SquaredErrorKernel.lossAndGradient(
              y.memory(),
              y.byteOffset(i),
              target.memory(),
              target.byteOffset(i),
              gradient.memory(),
              gradient.byteOffset(i),
              (int) Math.min(BLOCK, n - i),
              (float) (2.0 / n));
    }
    return (float) (loss / n);
  }
}
