package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.requireNative;
import static io.github.lanewise.core.kernel.Scratch.GROUP_BYTES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import io.github.lanewise.core.math.Exp;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The gradients of softmax and log-softmax, from the saved output and a sum over each row.
///
/// - Error, special values: [SoftmaxKernel], [LogSoftmaxKernel].
/// - Writes: gx is overwritten; it may be gy or y.
final class RowGradientKernel {
  private RowGradientKernel() {}

  /// gx = y (gy - dot) of each row, dot = sum(y gy).
  static void softmax(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int rows,
      int n) {
    MemorySegment scratch = Scratch.ofThread();
    int whole = F.loopBound(n);
    for (int i = 0; i < rows; i++) {
      long row = (long) i * n * Float.BYTES;
      float dot = (float) ReductionKernel.dot(y, yByteOffset + row, gy, gyByteOffset + row, n);
      // One call, so that its nodes stand once where C2 inlines it.
      for (long j = 0, size; j < n; j += size) {
        long p = row + (j << 2);
        long bytes = (n - j) << 2;
        boolean rest = j == whole;
        size = rest ? F.length() : whole;
        if (rest) {
          Scratch.copyIn(0, y, yByteOffset + p, bytes);
          Scratch.copyIn(1, gy, gyByteOffset + p, bytes);
        }
        softmaxOfVectors(
            rest ? scratch : y,
            rest ? 0 : yByteOffset + p,
            rest ? scratch : gy,
            rest ? GROUP_BYTES : gyByteOffset + p,
            rest ? scratch : gx,
            rest ? 0 : gxByteOffset + p,
            (int) size,
            dot);
        if (rest) {
          MemorySegment.copy(scratch, 0, gx, gxByteOffset + p, bytes);
        }
      }
    }
  }

  /// gx = gy - exp(y) sum of each row, sum = sum(gy).
  static void logSoftmax(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int rows,
      int n) {
    MemorySegment scratch = Scratch.ofThread();
    int whole = F.loopBound(n);
    for (int i = 0; i < rows; i++) {
      long row = (long) i * n * Float.BYTES;
      float sum = (float) ReductionKernel.sum(gy, gyByteOffset + row, n);
      // One call, so that its nodes stand once where C2 inlines it.
      for (long j = 0, size; j < n; j += size) {
        long p = row + (j << 2);
        long bytes = (n - j) << 2;
        boolean rest = j == whole;
        size = rest ? F.length() : whole;
        if (rest) {
          Scratch.copyIn(0, y, yByteOffset + p, bytes);
          Scratch.copyIn(1, gy, gyByteOffset + p, bytes);
        }
        logSoftmaxOfVectors(
            rest ? scratch : y,
            rest ? 0 : yByteOffset + p,
            rest ? scratch : gy,
            rest ? GROUP_BYTES : gyByteOffset + p,
            rest ? scratch : gx,
            rest ? 0 : gxByteOffset + p,
            (int) size,
            sum);
        if (rest) {
          MemorySegment.copy(scratch, 0, gx, gxByteOffset + p, bytes);
        }
      }
    }
  }

  /// gx = y (gy - dot).
  private static void softmaxOfVectors(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      float dot) {
    FloatVector dotV = FloatVector.broadcast(F, dot);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      y0.mul(gy0.sub(dotV)).intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }

  /// gx = gy - exp(y) sum.
  private static void logSoftmaxOfVectors(
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
