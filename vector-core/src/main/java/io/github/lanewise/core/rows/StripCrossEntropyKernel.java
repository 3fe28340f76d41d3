package io.github.lanewise.core.rows;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.lanewise.core.math.ScalarLog;
import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.Scratch;
import java.lang.foreign.MemorySegment;

/// Cross-entropy of the rows of a strip, `[n features][32]`, and their classes, as
/// [CrossEntropyKernel] defines it.
///
/// - Error: that of a float rounding; the logarithm and all sums of losses are in double.
/// - Special values: those of [CrossEntropyKernel].
/// - Writes: gx is overwritten; it must not be x. Lanes without a row get unspecified values.
public final class StripCrossEntropyKernel {
  /// The distance from a feature of a strip to the next.
  private static final long FEATURE = 128;

  private StripCrossEntropyKernel() {}

  /// Returns the share of a strip in the loss.
  ///
  /// @param first the number of the first row in `classes`
  /// @param rows the number of rows in the strip
  /// @param total the sum of the weights of all rows, from [CrossEntropyKernel#total]
  public static double lossAndGradient(
      CrossEntropyKernel options,
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
    try (Scratch scratch = Scratch.take()) {
      MemorySegment s = scratch.memory();
      if (options.takesLogits()) {
        StripSoftmaxKernel.EXP.handle(32L * n).invokeExact(x, xByteOffset, gx, gxByteOffset, s, n);
        for (int i = 0; i < rows; i++) {
          double sum = s.get(JAVA_FLOAT, FEATURE + 4L * i);
          double factor = options.factor(classes[first + i], n, total);
          loss += options.counts(classes[first + i]) ? factor * ScalarLog.log(sum) : 0;
          s.set(JAVA_FLOAT, FEATURE + 4L * i, (float) (factor / sum));
        }
        StripSoftmaxKernel.MULTIPLY.handle(32L * n).invokeExact(s, gx, gxByteOffset, n);
      }
      for (int i = 0; i < rows; i++) {
        int trueClass = classes[first + i];
        long lane = 4L * i;
        if (!options.takesLogits() || !options.counts(trueClass)) {
          CrossEntropyKernel.zero(gx, gxByteOffset + lane, FEATURE, n);
        }
        if (options.counts(trueClass)) {
          float shift = options.takesLogits() ? s.get(JAVA_FLOAT, lane) : 0;
          loss += options.distances(x, xByteOffset + lane, FEATURE, n, trueClass, shift, total);
          options.subtract(gx, gxByteOffset + lane, FEATURE, n, trueClass, total);
        }
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
    return loss;
  }
}
