package io.github.lanewise.properties.rows;

/// Cross-entropy with every option in double, as the mean over explicit distributions of labels.
///
/// Row i has the label distribution q with the weights folded in: (1 - smoothing) w of its class,
/// and smoothing / cols of every w. Its loss is the sum of q times the distance of an element from
/// the row's log-sum-exp, or from 0 where the row holds log-probabilities.
public final class CrossEntropyOracle {
  private final int[] classes;
  private final int cols;
  private final boolean takesLogits;
  private final float[] w;
  private final int ignored;
  private final double smoothing;

  CrossEntropyOracle(
      int[] classes, int cols, boolean takesLogits, float[] w, int ignored, double smoothing) {
    this.classes = classes;
    this.cols = cols;
    this.takesLogits = takesLogits;
    this.w = w;
    this.ignored = ignored;
    this.smoothing = smoothing;
  }

  public double loss(float[] x) {
    return loss(asDoubles(x));
  }

  /// The loss with another value of one element.
  public double lossWith(float[] x, int at, double value) {
    double[] changed = asDoubles(x);
    changed[at] = value;
    return loss(changed);
  }

  private double loss(double[] x) {
    double sum = 0;
    for (int i = 0; i < classes.length; i++) {
      if (classes[i] != ignored) {
        double origin = takesLogits ? logSumExp(x, i) : 0;
        for (int j = 0; j < cols; j++) {
          sum += label(i, j) * (origin - x[i * cols + j]);
        }
      }
    }
    return sum / total();
  }

  /// The sizes of what is added up, for a bound of the rounding. A sum of exponentials is at least
  /// 1, and so is the size of its logarithm's error.
  public double size(float[] floats) {
    double[] x = asDoubles(floats);
    double sum = 0;
    for (int i = 0; i < classes.length; i++) {
      if (classes[i] != ignored) {
        double max = takesLogits ? max(x, i) : 0;
        double rest = takesLogits ? 1 + Math.abs(logSumExp(x, i) - max) : 0;
        for (int j = 0; j < cols; j++) {
          sum += label(i, j) * (Math.abs(max - x[i * cols + j]) + rest);
        }
      }
    }
    return sum / total();
  }

  public double[] gradient(float[] x) {
    return gradient(asDoubles(x), -1);
  }

  /// The sizes of the parts of each element of the gradient.
  public double[] gradientSize(float[] x) {
    return gradient(asDoubles(x), 1);
  }

  private double[] gradient(double[] x, double signOfLabels) {
    double[] gradient = new double[x.length];
    for (int i = 0; i < classes.length; i++) {
      if (classes[i] != ignored) {
        double ofRow = 0;
        for (int j = 0; j < cols; j++) {
          ofRow += label(i, j);
        }
        double logSumExp = logSumExp(x, i);
        for (int j = 0; j < cols; j++) {
          double p = takesLogits ? ofRow * StrictMath.exp(x[i * cols + j] - logSumExp) : 0;
          gradient[i * cols + j] = (p + signOfLabels * label(i, j)) / total();
        }
      }
    }
    return gradient;
  }

  private double label(int row, int j) {
    return (classes[row] == j ? (1 - smoothing) * w[j] : 0) + smoothing / cols * w[j];
  }

  private double total() {
    double total = 0;
    for (int trueClass : classes) {
      total += trueClass == ignored ? 0 : w[trueClass];
    }
    return total;
  }

  private double logSumExp(double[] x, int row) {
    double max = max(x, row);
    double sum = 0;
    for (int j = 0; j < cols; j++) {
      sum += StrictMath.exp(x[row * cols + j] - max);
    }
    return max + StrictMath.log(sum);
  }

  private double max(double[] x, int row) {
    double max = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < cols; j++) {
      max = Math.max(max, x[row * cols + j]);
    }
    return max;
  }

  private static double[] asDoubles(float[] x) {
    double[] values = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      values[i] = x[i];
    }
    return values;
  }
}
