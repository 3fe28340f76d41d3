package io.github.lanewise.core;

import io.github.lanewise.core.rows.CrossEntropyKernel;
import io.github.lanewise.core.rows.StripCrossEntropyKernel;
import java.util.Objects;

/// Cross-entropy of rows and classes: the mean over the rows of log(sum(exp(x))) - x[class], where
/// a row counts with the weight of its class.
///
/// Options are those of PyTorch, with its names and defaults: every class weighs 1, rows of class
/// -100 are ignored, labels are not smoothed. Immutable, for any thread; calls allocate nothing.
///
/// Source: PyTorch's `torch.nn.functional.cross_entropy`, with `reduction='mean'`.
public final class CrossEntropy {
  /// Of logits, fused with softmax.
  public static final CrossEntropy OF_LOGITS = new CrossEntropy(true, null, -100, 0);

  /// Of log-probabilities, such as those of [LogSoftmax]: the mean of -x[class], PyTorch's
  /// `torch.nn.functional.nll_loss`.
  public static final CrossEntropy OF_LOG_PROBABILITIES = new CrossEntropy(false, null, -100, 0);

  private final boolean takesLogits;

  /// Null if all are 1.
  private final float[] classWeights;

  private final int ignoredClass;
  private final double labelSmoothing;
  private final CrossEntropyKernel kernel;

  private CrossEntropy(
      boolean takesLogits, float[] classWeights, int ignoredClass, double labelSmoothing) {
    this.takesLogits = takesLogits;
    this.classWeights = classWeights;
    this.ignoredClass = ignoredClass;
    this.labelSmoothing = labelSmoothing;
    kernel = new CrossEntropyKernel(takesLogits, classWeights, ignoredClass, labelSmoothing);
  }

  /// The same with a weight for each class, PyTorch's `weight`. The mean is weighted too: its
  /// divisor is the sum of the weights of the rows' classes.
  ///
  /// @param weights as many as there are columns, copied
  /// @return the loss with these weights
  /// @throws IllegalArgumentException if one is negative, NaN or infinite
  public CrossEntropy withClassWeights(float... weights) {
    Objects.requireNonNull(weights, "weights is null");
    for (int i = 0; i < weights.length; i++) {
      if (!(weights[i] >= 0 && Float.isFinite(weights[i]))) {
        throw new IllegalArgumentException(
            "the weight of class " + i + " is " + weights[i] + ", must be finite and at least 0");
      }
    }
    return new CrossEntropy(takesLogits, weights.clone(), ignoredClass, labelSmoothing);
  }

  /// The same with another class whose rows do not count and have a gradient of 0, PyTorch's
  /// `ignore_index`; it need not be a column.
  ///
  /// @param ignoredClass any number
  /// @return the loss with this option
  public CrossEntropy withIgnoredClass(int ignoredClass) {
    return new CrossEntropy(takesLogits, classWeights, ignoredClass, labelSmoothing);
  }

  /// The same with labels that are a mixture: 1 - `labelSmoothing` of the class, and
  /// `labelSmoothing` spread evenly over all classes.
  ///
  /// @param labelSmoothing in [0, 1]
  /// @return the loss with this option
  /// @throws IllegalArgumentException unless it is in [0, 1]
  public CrossEntropy withLabelSmoothing(double labelSmoothing) {
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw new IllegalArgumentException(
          "labelSmoothing is " + labelSmoothing + ", must be from 0 to 1");
    }
    return new CrossEntropy(takesLogits, classWeights, ignoredClass, labelSmoothing);
  }

  /// Returns the loss, and overwrites `gradient` with its gradient at `x`.
  ///
  /// @param x logits or log-probabilities, `[rows, cols]`
  /// @param classes of each row, from 0 to cols - 1, or the ignored one
  /// @param gradient `[rows, cols]`; may be `x`
  /// @param rows the number of rows
  /// @param cols the number of classes
  /// @return the mean over the rows that count; NaN if there is none
  /// @throws IllegalArgumentException if the sizes do not fit, `gradient` overlaps `x` in part, or
  ///     a class does not exist; then nothing is written
  public float lossAndGradient(
      FloatArray x, int[] classes, FloatArray gradient, int rows, int cols) {
    Checks.hasShape("x", x, rows, cols);
    Checks.elementwise("x", x, "gradient", gradient);
    requireClasses(classes, rows, cols);
    requireWeights(cols);
    return (float)
        kernel.lossAndGradient(
            x.memory(), x.byteOffset(0), gradient.memory(), gradient.byteOffset(0), classes, cols);
  }

  /// Returns the loss, and overwrites `gradient` with its gradient at `x`.
  ///
  /// @param x logits or log-probabilities
  /// @param classes of each row, from 0 to features - 1, or the ignored one
  /// @param gradient as many rows of as many features, in other memory
  /// @return the mean over the rows that count; NaN if there is none
  /// @throws IllegalArgumentException if the sizes do not fit, `gradient` overlaps `x`, or a class
  ///     does not exist; then nothing is written
  public float lossAndGradient(Batch x, int[] classes, Batch gradient) {
    Checks.usable("x", x);
    Checks.fits("x", x, "gradient", gradient, x.features());
    Checks.apart("x", x, "gradient", gradient);
    requireClasses(classes, x.rows(), x.features());
    requireWeights(x.features());
    double total = kernel.total(classes);
    double loss = total == 0 ? Double.NaN : 0;
    for (int strip = 0; strip < x.strips(); strip++) {
      loss +=
          StripCrossEntropyKernel.lossAndGradient(
              kernel,
              x.memory(),
              x.byteOffset(strip),
              gradient.memory(),
              gradient.byteOffset(strip),
              classes,
              strip * Batch.LANES,
              x.rowsOf(strip),
              x.features(),
              total);
    }
    return (float) loss;
  }

  private void requireWeights(int cols) {
    if (classWeights != null && classWeights.length != cols) {
      throw new IllegalArgumentException(
          "x has " + cols + " columns, but " + classWeights.length + " classes have weights");
    }
  }

  private void requireClasses(int[] classes, int rows, int cols) {
    Objects.requireNonNull(classes, "classes is null");
    if (classes.length != rows) {
      throw new IllegalArgumentException(
          "classes has " + classes.length + " elements, x has " + rows + " rows");
    }
    for (int i = 0; i < rows; i++) {
      boolean exists = classes[i] >= 0 && classes[i] < cols;
      if (!exists && classes[i] != ignoredClass) {
        throw new IllegalArgumentException(
            "the class of row " + i + " is " + classes[i] + ", not one of 0 to " + (cols - 1));
      }
    }
  }

  /// PyTorch's name of the function.
  @Override
  public String toString() {
    return takesLogits ? "cross_entropy" : "nll_loss";
  }
}
