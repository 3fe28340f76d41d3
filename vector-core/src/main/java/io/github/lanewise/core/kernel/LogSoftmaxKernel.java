package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.ReductionKernel.BLOCK;
import static io.github.lanewise.core.kernel.Scratch.BLOCK_BYTE_OFFSET;

import java.lang.foreign.MemorySegment;

/// Log-softmax of a row: y = x - max - log(sum(exp(x - max))).
///
/// - Error: at most 2 ULP of max(abs(y), 1); the logarithm and its sum with max are in double.
/// - Special values: one -inf stays; a NaN, a +inf or -inf throughout give NaN throughout.
/// - Backward, from the saved output: gx = gy - exp(y) sum(gy).
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy or y.
public final class LogSoftmaxKernel {
  private LogSoftmaxKernel() {}

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    double logSumExp = logSumExp(x, xByteOffset, n);
    float high = (float) logSumExp;
    RowKernel.subtract(x, xByteOffset, y, yByteOffset, n, high, (float) (logSumExp - high));
  }

  public static void backward(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n) {
    float sum = (float) ReductionKernel.sum(gy, gyByteOffset, n);
    MemorySegment block = Scratch.ofThread();
    for (int i = 0; i < n; i += BLOCK) {
      long p = (long) i << 2;
      int size = Math.min(BLOCK, n - i);
      RowKernel.exp(y, yByteOffset + p, block, BLOCK_BYTE_OFFSET, size, 0f);
      AxpyKernel.run(
          block, BLOCK_BYTE_OFFSET, gy, gyByteOffset + p, gx, gxByteOffset + p, size, -sum);
    }
  }

  /// The exponentials go to scratch, block by block, since x must stay and y may be x.
  private static double logSumExp(MemorySegment x, long xByteOffset, int n) {
    float max = RowKernel.max(x, xByteOffset, n);
    MemorySegment block = Scratch.ofThread();
    double sum = 0;
    for (int i = 0; i < n; i += BLOCK) {
      int size = Math.min(BLOCK, n - i);
      RowKernel.exp(x, xByteOffset + ((long) i << 2), block, BLOCK_BYTE_OFFSET, size, max);
      sum += ReductionKernel.sum(block, BLOCK_BYTE_OFFSET, size);
    }
    return max + StrictMath.log(sum);
  }
}
