package io.github.lanewise.core.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.lanewise.core.math.ScalarLog;
import java.lang.foreign.MemorySegment;

/// Cross-entropy of a row of logits and its class: log(sum(exp(x))) - x[class].
///
/// - Error: that of a float rounding; the logarithm and its sum with max are in double.
/// - Special values: a true class of -inf gives inf; a NaN or +inf anywhere gives NaN.
/// - Writes: gx is overwritten by weight (softmax(x) - one-hot(class)); it may be x.
public final class CrossEntropyKernel {
  private CrossEntropyKernel() {}

  public static double lossAndGradient(
      MemorySegment x,
      long xByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      int trueClass,
      double weight) {
    assert 0 <= trueClass && trueClass < n;
    float max = RowKernel.max(x, xByteOffset, n);
    float ofClass = x.get(JAVA_FLOAT, xByteOffset + ((long) trueClass << 2));
    double sum = RowKernel.exp(x, xByteOffset, gx, gxByteOffset, n, max);
    RowKernel.multiply(gx, gxByteOffset, gx, gxByteOffset, n, weight / sum);
    long p = gxByteOffset + ((long) trueClass << 2);
    gx.set(JAVA_FLOAT, p, gx.get(JAVA_FLOAT, p) - (float) weight);
    return ScalarLog.log(sum) + ((double) max - ofClass);
  }
}
