package io.github.lanewise.core.gemm;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import io.github.lanewise.core.simd.Elementwise;
import io.github.lanewise.core.simd.Loop;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Adds a multiple of one row to another: z = y + factor x.
///
/// - Error: at most 0.5 ULP (one rounding). With a factor of 1 or -1 it is a plain sum or
///   difference.
/// - Special values: those of IEEE arithmetic.
/// - Writes: z is overwritten; it may be x or y.
public final class AxpyKernel {
  private static final Loop SUM = Loop.of(AxpyKernel.class, "sum");

  private AxpyKernel() {}

  /// z = y + factor x, for any n.
  public static void run(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      MemorySegment z,
      long zByteOffset,
      int n,
      float factor) {
    Elementwise.run(SUM, x, xByteOffset, y, yByteOffset, z, zByteOffset, n, factor);
  }

  /// z = y + factor x, where n is a multiple of the vector length.
  static void sum(
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
