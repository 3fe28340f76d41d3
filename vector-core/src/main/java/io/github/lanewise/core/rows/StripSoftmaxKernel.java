package io.github.lanewise.core.rows;

import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.Scratch;
import java.lang.foreign.MemorySegment;

/// Softmax and log-softmax of a strip of a batch, `[n features][32]`, and their gradients.
///
/// - Error and special values: those of [StripSoftmaxPasses]; at most 4 ULP of each element of
///   softmax.
/// - Backward, from the saved output: [StripSoftmaxPasses].
/// - Writes: forward overwrites y, which may be x; backward overwrites gx, which may be gy.
public final class StripSoftmaxKernel {
  static final Loop EXP = Loop.of(StripSoftmaxPasses.class, "exp");
  static final Loop MULTIPLY = Loop.of(StripSoftmaxPasses.class, "multiply");
  private static final Loop DIVIDE = Loop.of(StripSoftmaxPasses.class, "divide");
  private static final Loop LOGARITHM = Loop.of(StripSoftmaxPasses.class, "logarithm");
  private static final Loop GRADIENT = Loop.of(StripSoftmaxPasses.class, "softmaxGradient");
  private static final Loop LOG_GRADIENT = Loop.of(StripSoftmaxPasses.class, "logSoftmaxGradient");

  private StripSoftmaxKernel() {}

  public static void softmax(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    try (Scratch scratch = Scratch.take()) {
      MemorySegment s = scratch.memory();
      EXP.handle(32L * n).invokeExact(x, xByteOffset, y, yByteOffset, s, n);
      DIVIDE.handle(32L * n).invokeExact(s, y, yByteOffset, n);
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// Here y is other memory than x.
  public static void logSoftmax(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    try (Scratch scratch = Scratch.take()) {
      MemorySegment s = scratch.memory();
      EXP.handle(32L * n).invokeExact(x, xByteOffset, y, yByteOffset, s, n);
      LOGARITHM.handle(32L * n).invokeExact(x, xByteOffset, y, yByteOffset, s, n);
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  public static void softmaxGradient(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n) {
    run(GRADIENT, y, yByteOffset, gy, gyByteOffset, gx, gxByteOffset, n);
  }

  public static void logSoftmaxGradient(
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n) {
    run(LOG_GRADIENT, y, yByteOffset, gy, gyByteOffset, gx, gxByteOffset, n);
  }

  private static void run(
      Loop loop,
      MemorySegment y,
      long yByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n) {
    try {
      loop.handle(32L * n).invokeExact(y, yByteOffset, gy, gyByteOffset, gx, gxByteOffset, n);
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }
}
