package io.github.lanewise.core.rows;

import static io.github.lanewise.core.rows.ReductionKernel.BLOCK;
import static io.github.lanewise.core.rows.RowScratch.BLOCK_BYTE_OFFSET;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.lanewise.core.gemm.AxpyKernel;
import io.github.lanewise.core.math.ScalarLog;
import io.github.lanewise.core.simd.Loop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Cross-entropy of a row and its class: weight (log(sum(exp(x))) - x[class]), or - weight x[class]
/// where x holds log-probabilities; and the same of every class j with the weight ofEach w_j.
///
/// - Error: that of a float rounding; the logarithm and its sum with the shift are in double. The
///   sum
///   over the classes is that of [ReductionKernel], of distances from the shift.
/// - Special values: a true class of -inf gives inf; a NaN or +inf anywhere gives NaN.
/// - Writes: gx is overwritten by (weight + ofEach sum(w)) softmax(x) - weight one-hot(class) -
///   ofEach w, without the softmax for log-probabilities; it may be x.
/// - Reference: Szegedy et al. (2016), Rethinking the Inception Architecture for Computer Vision
public final class CrossEntropyKernel {
  private static final MemorySegment ONES = ones();

  private static final Loop MAX = Loop.of(RowKernel.class, "max");
  private static final Loop EXP = Loop.of(RowKernel.class, "exp");
  private static final Loop MULTIPLY = Loop.of(RowKernel.class, "multiply");

  private CrossEntropyKernel() {}

  /// Returns the loss of logits.
  ///
  /// @param ofEach 0 leaves out the sum over the classes
  /// @param w weights of the classes, n of them; null if all are 1
  /// @param sumOfWeights the sum of w
  public static double lossAndGradient(
      MemorySegment x,
      long xByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      int trueClass,
      double weight,
      double ofEach,
      MemorySegment w,
      double sumOfWeights) {
    assert 0 <= trueClass && trueClass < n;
    float ofClass = x.get(JAVA_FLOAT, xByteOffset + ((long) trueClass << 2));
    double ofAll = weight + ofEach * sumOfWeights;
    float shift;
    double distances;
    double sum;
    try {
      shift = RowKernel.shift((float) MAX.handle(n).invokeExact(x, xByteOffset, n));
      distances = ofEach == 0 ? 0 : ofEach * distances(x, xByteOffset, n, shift, w);
      sum = (double) EXP.handle(n).invokeExact(x, xByteOffset, gx, gxByteOffset, n, shift);
      MULTIPLY.handle(n).invokeExact(gx, gxByteOffset, gx, gxByteOffset, n, ofAll / sum);
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
    subtract(gx, gxByteOffset, n, trueClass, weight, ofEach, w);
    return ofAll * ScalarLog.log(sum) + weight * ((double) shift - ofClass) + distances;
  }

  /// Returns the loss of log-probabilities; the parameters are those of [#lossAndGradient].
  public static double ofLogProbabilities(
      MemorySegment x,
      long xByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      int trueClass,
      double weight,
      double ofEach,
      MemorySegment w) {
    assert 0 <= trueClass && trueClass < n;
    float ofClass = x.get(JAVA_FLOAT, xByteOffset + ((long) trueClass << 2));
    double distances = ofEach == 0 ? 0 : ofEach * distances(x, xByteOffset, n, 0f, w);
    zero(gx, gxByteOffset, n);
    subtract(gx, gxByteOffset, n, trueClass, weight, ofEach, w);
    return distances - weight * ofClass;
  }

  /// The gradient of a row that does not count: gx = 0.
  public static void zero(MemorySegment gx, long gxByteOffset, int n) {
    for (int i = 0; i < n; i++) {
      gx.set(JAVA_FLOAT, gxByteOffset + ((long) i << 2), 0f);
    }
  }

  /// The sum of w (shift - x).
  private static double distances(
      MemorySegment x, long xByteOffset, int n, float shift, MemorySegment w) {
    MemorySegment block = RowScratch.ofThread();
    double sum = 0;
    for (long i = 0; i < n; i += BLOCK) {
      long p = i << 2;
      int size = (int) Math.min(BLOCK, n - i);
      AxpyKernel.run(ONES, 0, x, xByteOffset + p, block, BLOCK_BYTE_OFFSET, size, -shift);
      sum +=
          w == null
              ? ReductionKernel.sum(block, BLOCK_BYTE_OFFSET, size)
              : ReductionKernel.dot(block, BLOCK_BYTE_OFFSET, w, p, size);
    }
    return -sum;
  }

  /// gx -= weight one-hot(class) + ofEach w.
  private static void subtract(
      MemorySegment gx,
      long gxByteOffset,
      int n,
      int trueClass,
      double weight,
      double ofEach,
      MemorySegment w) {
    long p = gxByteOffset + ((long) trueClass << 2);
    gx.set(JAVA_FLOAT, p, gx.get(JAVA_FLOAT, p) - (float) weight);
    if (ofEach == 0) {
      return;
    }
    for (long i = 0; i < n; i += BLOCK) {
      long at = gxByteOffset + (i << 2);
      long wAt = w == null ? 0 : i << 2;
      AxpyKernel.run(
          w == null ? ONES : w, wAt, gx, at, gx, at, (int) Math.min(BLOCK, n - i), -(float) ofEach);
    }
  }

  private static MemorySegment ones() {
    MemorySegment ones = Arena.ofAuto().allocate(BLOCK * (long) Float.BYTES, 64);
    for (int i = 0; i < BLOCK; i++) {
      ones.setAtIndex(JAVA_FLOAT, i, 1f);
    }
    return ones;
  }
}
