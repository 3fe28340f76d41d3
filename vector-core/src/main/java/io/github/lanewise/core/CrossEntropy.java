package io.github.lanewise.core;

import io.github.lanewise.core.kernel.CrossEntropyKernel;
import java.util.Objects;

/// Cross-entropy of logits and classes, fused with softmax: the mean over the rows of
/// log(sum(exp(x))) - x[class].
///
/// Source: PyTorch's `torch.nn.functional.cross_entropy`.
public final class CrossEntropy {
  private CrossEntropy() {}

  /// Returns the loss, and overwrites `gradient` with its gradient at `logits`.
  ///
  /// @param logits `[rows, cols]`
  /// @param classes of each row, from 0 to cols - 1
  /// @param gradient `[rows, cols]`; may be `logits`
  /// @return the mean over the rows; NaN if there is none
  /// @throws IllegalArgumentException if the sizes do not fit, `gradient` overlaps `logits` in
  ///     part, or a class does not exist; then nothing is written
  public static float lossAndGradient(
      FloatArray logits, int[] classes, FloatArray gradient, int rows, int cols) {
    Checks.hasShape("logits", logits, rows, cols);
    Checks.elementwise("logits", logits, "gradient", gradient);
    requireClasses(classes, rows, cols);
    double loss = 0;
    for (int i = 0; i < rows; i++) {
      long row = (long) i * cols;
      loss +=
          CrossEntropyKernel.lossAndGradient(
              logits.memory(),
              logits.byteOffset(row),
              gradient.memory(),
              gradient.byteOffset(row),
              cols,
              classes[i],
              1.0 / rows);
    }
    return (float) (loss / rows);
  }

  private static void requireClasses(int[] classes, int rows, int cols) {
    Objects.requireNonNull(classes, "classes is null");
    if (classes.length != rows) {
      throw new IllegalArgumentException(
          "classes has " + classes.length + " elements, logits has " + rows + " rows");
    }
    for (int i = 0; i < rows; i++) {
      if (classes[i] < 0 || classes[i] >= cols) {
        throw new IllegalArgumentException(
            "the class of row " + i + " is " + classes[i] + ", not one of 0 to " + (cols - 1));
      }
    }
  }
}
