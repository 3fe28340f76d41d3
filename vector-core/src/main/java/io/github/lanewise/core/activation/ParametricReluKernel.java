package io.github.lanewise.core.activation;

import static io.github.lanewise.core.simd.Lanes.BYTES;
import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Parametric ReLU of a row, with a slope a for each column: y = x if x > 0, else a x. A slope that
/// is the same for all columns is the case of [LeakyReluKernel].
///
/// - Error: exact for x > 0, else at most 0.5 ULP (one rounding).
/// - Special values: those of [LeakyReluKernel].
/// - Backward: gx = gy if x > 0, else a gy. The slope's gradient is the sum of terms that are 0 if
///   x > 0, else x gy.
/// - Writes: y, gx and terms are overwritten; y may be x, gx may be gy or x. n must be a multiple
///   of the vector length.
/// - Reference: He et al. (2015), Delving Deep into Rectifiers
public final class ParametricReluKernel {
  private static final long STRIP_BYTES = 128;

  private ParametricReluKernel() {}

  public static void forward(
      MemorySegment x,
      long xByteOffset,
      MemorySegment a,
      long aByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector a0 = fromMemorySegment(F, a, aByteOffset + p, LITTLE_ENDIAN);
      x0.mul(a0).blend(x0, x0.compare(GT, 0f)).intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
    }
  }

  /// factors = 1 if x > 0, else a: the gradient without gy, which would be a fourth segment.
  public static void factors(
      MemorySegment x,
      long xByteOffset,
      MemorySegment a,
      long aByteOffset,
      MemorySegment factors,
      long factorsByteOffset,
      int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(factors);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector a0 = fromMemorySegment(F, a, aByteOffset + p, LITTLE_ENDIAN);
      a0.blend(1f, x0.compare(GT, 0f))
          .intoMemorySegment(factors, factorsByteOffset + p, LITTLE_ENDIAN);
    }
  }

  /// gx = factors gy.
  public static void multiply(
      MemorySegment factors,
      long factorsByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(gx);
      long p = (long) i << 2;
      FloatVector f0 = fromMemorySegment(F, factors, factorsByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      f0.mul(gy0).intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
    }
  }

  /// Overwrites terms with the terms of the slope's gradient: 0 if x > 0, else x gy.
  public static void slopeTerms(
      MemorySegment x,
      long xByteOffset,
      MemorySegment gy,
      long gyByteOffset,
      MemorySegment terms,
      long termsByteOffset,
      int n) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(terms);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
      FloatVector gy0 = fromMemorySegment(F, gy, gyByteOffset + p, LITTLE_ENDIAN);
      x0.mul(gy0)
          .blend(0f, x0.compare(GT, 0f))
          .intoMemorySegment(terms, termsByteOffset + p, LITTLE_ENDIAN);
    }
  }

  /// The same for a strip of a batch, `[n features][32]`, with a slope for each feature.
  public static void forwardStrip(
      MemorySegment x,
      long xByteOffset,
      MemorySegment a,
      long aByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n) {
    for (int i = 0; i < n; i++) {
      FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, aByteOffset + ((long) i << 2)));
      for (long v = 0; v < STRIP_BYTES; v += BYTES) {
        requireNative(y);
        long p = i * STRIP_BYTES + v;
        FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
        x0.mul(a0)
            .blend(x0, x0.compare(GT, 0f))
            .intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
      }
    }
  }

  /// gx = gx if x > 0, else a gx, for a strip; gx holds the gradient of y before.
  public static void backwardStrip(
      MemorySegment x,
      long xByteOffset,
      MemorySegment a,
      long aByteOffset,
      MemorySegment gx,
      long gxByteOffset,
      int n) {
    for (int i = 0; i < n; i++) {
      FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, aByteOffset + ((long) i << 2)));
      for (long v = 0; v < STRIP_BYTES; v += BYTES) {
        requireNative(gx);
        long p = i * STRIP_BYTES + v;
        FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
        FloatVector g0 = fromMemorySegment(F, gx, gxByteOffset + p, LITTLE_ENDIAN);
        g0.mul(a0)
            .blend(g0, x0.compare(GT, 0f))
            .intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
      }
    }
  }
}
