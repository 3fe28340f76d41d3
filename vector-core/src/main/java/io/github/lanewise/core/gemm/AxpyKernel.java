package io.github.lanewise.core.gemm;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import io.github.lanewise.core.simd.Scratch;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// A multiple of one row added to another: z = y + factor x.
///
/// - Error: at most 0.5 ULP (one rounding); a plain sum for a factor of 1 or -1.
/// - Special values: IEEE.
/// - Writes: z is overwritten; it may be x or y.
public final class AxpyKernel {
  private AxpyKernel() {}

  /// z = y + factor x.
  public static void run(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      MemorySegment z,
      long zByteOffset,
      int n,
      float factor) {
    int whole = F.loopBound(n);
    if (whole > 0) {
      runVectors(x, xByteOffset, y, yByteOffset, z, zByteOffset, whole, factor);
    }
    if (whole < n) {
      long p = (long) whole << 2;
      long bytes = (long) (n - whole) << 2;
      MemorySegment rest = Scratch.ofThread();
      long xAt = Scratch.copyIn(0, x, xByteOffset + p, bytes);
      long yAt = Scratch.copyIn(1, y, yByteOffset + p, bytes);
      runVectors(rest, xAt, rest, yAt, rest, 0, F.length(), factor);
      MemorySegment.copy(rest, 0, z, zByteOffset + p, bytes);
    }
  }

  private static void runVectors(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      MemorySegment z,
      long zByteOffset,
      int n,
      float factor) {
    FloatVector factorV = FloatVector.broadcast(F, factor);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(z);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
      x0.fma(factorV, y0).intoMemorySegment(z, zByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
