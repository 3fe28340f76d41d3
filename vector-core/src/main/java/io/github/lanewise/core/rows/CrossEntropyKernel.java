package io.github.lanewise.core.rows;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.lanewise.core.math.ScalarLog;
import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.Scratch;
import java.lang.foreign.MemorySegment;

/// Cross-entropy of rows and their classes: `a (log(sum(exp(x))) - x[class])`, and
/// `b w[j] (log(sum(exp(x))) - x[j])` for every class j, summed over the rows.
///
/// - Here `a = (1 - smoothing) w[class] / total`, `b = smoothing / n / total`, and total is the sum
///   of `w[class]` over the rows. If x holds log-probabilities, `log(sum(exp(x)))` is left out.
/// - Error: that of a float rounding; the logarithm and all sums of losses are in double.
/// - Special values: a true class of -inf gives inf; a NaN or +inf anywhere gives NaN. Rows of the
///   ignored class count nothing, whatever they hold; if no row counts, the loss is NaN.
/// - Writes: gx is overwritten by (a + b sum(w)) softmax(x) - a one-hot(class) - b w, without the
///   softmax for log-probabilities, and by 0 in an ignored row; it may be x.
/// - Reference: Szegedy et al. (2016), Rethinking the Inception Architecture for Computer Vision
public final class CrossEntropyKernel {
  private final boolean takesLogits;

  /// Weights of the classes; null if all are 1.
  private final float[] w;

  private final int ignoredClass;
  private final double smoothing;
  private final double sumOfWeights;

  public CrossEntropyKernel(boolean takesLogits, float[] w, int ignoredClass, double smoothing) {
    this.takesLogits = takesLogits;
    this.w = w;
    this.ignoredClass = ignoredClass;
    this.smoothing = smoothing;
    double sum = 0;
    for (int i = 0; w != null && i < w.length; i++) {
      sum += w[i];
    }
    sumOfWeights = sum;
  }

  /// Returns the loss of a row of n elements for each class.
  public double lossAndGradient(
      MemorySegment x,
      long xByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int[] classes,
      int n) {
    double total = total(classes);
    double loss = total == 0 ? Double.NaN : 0;
    try (Scratch scratch = Scratch.take()) {
      for (int i = 0, size; n > 0 && i < classes.length; i += size) {
        size = RowKernel.rows(classes.length - i, n);
        long p = ((long) i * n) << 2;
        loss +=
            takesLogits
                ? ofLogits(
                    x,
                    xByteOffset + p,
                    gx,
                    gxByteOffset + p,
                    classes,
                    i,
                    size,
                    n,
                    total,
                    scratch.memory())
                : ofLogProbabilities(
                    x, xByteOffset + p, gx, gxByteOffset + p, classes, i, size, n, total);
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
    return loss;
  }

  /// Returns what all rows of these classes count.
  public double total(int[] classes) {
    double total = 0;
    for (int trueClass : classes) {
      total += weight(trueClass);
    }
    return total;
  }

  boolean takesLogits() {
    return takesLogits;
  }

  boolean counts(int trueClass) {
    return trueClass != ignoredClass;
  }

  /// Returns a + b sum(w) for a row of this class.
  double factor(int trueClass, int n, double total) {
    double a = (1 - smoothing) * weight(trueClass) / total;
    return a + ofEach(n, total) * (w == null ? n : sumOfWeights);
  }

  /// What a row of this class counts.
  private double weight(int trueClass) {
    if (trueClass == ignoredClass) {
      return 0;
    }
    return w == null ? 1 : w[trueClass];
  }

  /// The loss and the gradient of a block of rows, the first of which is that of the given number.
  private double ofLogits(
      MemorySegment x,
      long xByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int[] classes,
      int first,
      int rows,
      int n,
      double total,
      MemorySegment s)
      throws Throwable {
    RowKernel.pad(x, xByteOffset, s, rows, n);
    RowKernel.shifts(x, xByteOffset, s, rows, n);
    double loss = 0;
    for (int i = 0; i < rows; i++) {
      // Read here, for gx may be x.
      float shift = RowBlock.shift(s, i);
      loss +=
          distances(x, xByteOffset + (((long) i * n) << 2), 4, n, classes[first + i], shift, total);
    }
    RowKernel.sums(x, xByteOffset, s, gx, gxByteOffset, rows, n);
    for (int i = 0; i < rows; i++) {
      double factor = factor(classes[first + i], n, total);
      double sum = RowBlock.sum(s, i);
      loss += classes[first + i] == ignoredClass ? 0 : factor * ScalarLog.log(sum);
      RowBlock.set(s, i, factor / sum);
    }
    RowKernel.apply(
        SoftmaxKernel.MULTIPLY,
        SoftmaxKernel.MULTIPLY_ROW,
        gx,
        gxByteOffset,
        s,
        gx,
        gxByteOffset,
        rows,
        n);
    RowKernel.unpad(s, gx, gxByteOffset, rows, n);
    for (int i = 0; i < rows; i++) {
      long row = gxByteOffset + (((long) i * n) << 2);
      if (classes[first + i] == ignoredClass) {
        zero(gx, row, 4, n);
      } else {
        subtract(gx, row, 4, n, classes[first + i], total);
      }
    }
    return loss;
  }

  private double ofLogProbabilities(
      MemorySegment x,
      long xByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int[] classes,
      int first,
      int rows,
      int n,
      double total) {
    double loss = 0;
    for (int i = 0; i < rows; i++) {
      long row = ((long) i * n) << 2;
      loss += distances(x, xByteOffset + row, 4, n, classes[first + i], 0f, total);
      zero(gx, gxByteOffset + row, 4, n);
      if (classes[first + i] != ignoredClass) {
        subtract(gx, gxByteOffset + row, 4, n, classes[first + i], total);
      }
    }
    return loss;
  }

  /// What every class counts in every row, times its weight.
  private double ofEach(int n, double total) {
    return smoothing == 0 ? 0 : smoothing / n / total;
  }

  /// a (shift - x[class]) + b sum(w (shift - x)), or 0 for a row of the ignored class.
  ///
  /// @param xBytes the distance from an element of the row to the next
  double distances(
      MemorySegment x,
      long xByteOffset,
      long xBytes,
      int n,
      int trueClass,
      float shift,
      double total) {
    if (trueClass == ignoredClass) {
      return 0;
    }
    double a = (1 - smoothing) * weight(trueClass) / total;
    double ofClass = a * ((double) shift - x.get(JAVA_FLOAT, xByteOffset + trueClass * xBytes));
    if (smoothing == 0) {
      return ofClass;
    }
    double sum = 0;
    for (int j = 0; j < n; j++) {
      double distance = (double) shift - x.get(JAVA_FLOAT, xByteOffset + j * xBytes);
      sum += w == null ? distance : w[j] * distance;
    }
    return ofClass + ofEach(n, total) * sum;
  }

  /// gx -= a one-hot(class) + b w.
  void subtract(
      MemorySegment gx, long gxByteOffset, long gxBytes, int n, int trueClass, double total) {
    float a = (float) ((1 - smoothing) * weight(trueClass) / total);
    long p = gxByteOffset + trueClass * gxBytes;
    gx.set(JAVA_FLOAT, p, gx.get(JAVA_FLOAT, p) - a);
    float b = (float) ofEach(n, total);
    for (int j = 0; smoothing != 0 && j < n; j++) {
      long q = gxByteOffset + j * gxBytes;
      gx.set(JAVA_FLOAT, q, Math.fma(w == null ? 1 : w[j], -b, gx.get(JAVA_FLOAT, q)));
    }
  }

  static void zero(MemorySegment gx, long gxByteOffset, long gxBytes, int n) {
    for (int j = 0; j < n; j++) {
      gx.set(JAVA_FLOAT, gxByteOffset + j * gxBytes, 0f);
    }
  }
}
