package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import io.github.lanewise.core.math.Exp;
import io.github.lanewise.core.math.ScalarLog;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Log-softmax of a row: y = (x - max) - log(sum(exp(x - max))).
///
/// - Error: at most 2 ULP of max(abs(y), 1); the logarithm is taken in double.
/// - Special values: one -inf stays; a NaN, a +inf or -inf throughout give NaN throughout.
/// - Backward, from the saved output: gx = gy - exp(y) sum(gy).
/// - Writes: forward overwrites y, backward gx; y may be x, gx may be gy or y.
public final class LogSoftmaxKernel {
  private LogSoftmaxKernel() {}

  public static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int rows, int n) {
    if (ShortRowKernel.takes(n)) {
      ShortRowKernel.logSoftmax(x, xByteOffset, y, yByteOffset, rows, n);
      return;
    }
    for (int i = 0; i < rows; i++) {
      long row = (long) i * n * Float.BYTES;
      forward(x, xByteOffset + row, y, yByteOffset + row, n);
    }
  }

  private static void forward(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    float max = RowKernel.max(x, xByteOffset, n);
    double sum = RowKernel.difference(x, xByteOffset, y, yByteOffset, n, max);
    RowKernel.subtract(y, yByteOffset, y, yByteOffset, n, ScalarLog.log(sum));
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
    MemorySegment scratch = Scratch.ofThread();
    int whole = F.loopBound(n);
    // One call for the whole vectors and the rest: C2 would copy the body for each of two.
    for (int i = 0, size; i < n; i += size) {
      boolean rest = i == whole;
      size = rest ? n - whole : whole;
      long p = (long) i << 2;
      long bytes = (long) size << 2;
      if (rest) {
        Scratch.copyIn(0, y, yByteOffset + p, bytes);
        Scratch.copyIn(1, gy, gyByteOffset + p, bytes);
      }
      backwardVectors(
          rest ? scratch : y,
          rest ? 0 : yByteOffset,
          rest ? scratch : gy,
          rest ? Scratch.GROUP_BYTES : gyByteOffset,
          rest ? scratch : gx,
          rest ? 0 : gxByteOffset,
          rest ? F.length() : whole,
          sum);
      if (rest) {
        MemorySegment.copy(scratch, 0, gx, gxByteOffset + p, bytes);
      }
    }
  }

  /// gx = gy - sum exp(y).
  private static void backwardVectors(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      float sum) {
    FloatVector minusSum = FloatVector.broadcast(F, -sum);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      Exp.expNonPositive(y0)
          .fma(minusSum, gy0)
          .intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
