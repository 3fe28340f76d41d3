package io.github.lanewise.core.rows;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import io.github.lanewise.core.math.Exp;
import io.github.lanewise.core.simd.Loop;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import jdk.incubator.vector.FloatVector;

/// The gradients of softmax and log-softmax in a row, from the saved output and a sum over the row.
///
/// - Error, special values: [SoftmaxKernel], [LogSoftmaxKernel].
/// - Writes: gx is overwritten; it may be gy or y.
public final class RowGradientKernel {
  private RowGradientKernel() {}

  /// Runs a loop over a row of n elements, the last ones in scratch.
  static void run(
      Loop loop,
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n,
      float sum) {
    MethodHandle gradient = loop.handle(n);
    int whole = F.loopBound(n);
    try {
      gradient.invokeExact(y, yByteOffset, gy, gyByteOffset, gx, gxByteOffset, whole, sum);
      if (whole < n) {
        long p = (long) whole << 2;
        long bytes = (long) (n - whole) << 2;
        MemorySegment rest = RowScratch.ofThread();
        long yAt = RowScratch.copyIn(0, y, yByteOffset + p, bytes);
        long gyAt = RowScratch.copyIn(1, gy, gyByteOffset + p, bytes);
        gradient.invokeExact(rest, yAt, rest, gyAt, rest, yAt, F.length(), sum);
        MemorySegment.copy(rest, yAt, gx, gxByteOffset + p, bytes);
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// gx = y (gy - dot).
  static void softmax(
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
  static void logSoftmax(
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
