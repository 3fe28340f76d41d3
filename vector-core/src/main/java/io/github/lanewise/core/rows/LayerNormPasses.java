package io.github.lanewise.core.rows;

import static io.github.lanewise.core.simd.Lanes.BYTES;
import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Layer normalisation of a strip of a batch, `[n features][32]`: each lane is a row, so every pass
/// is a plain loop over features.
///
/// - z = (x - mean) / sqrt(variance + eps), where the variance is that of the n elements, without
///   Bessel's correction. The mean comes from a first loop and the variance from a second one, of
///   the squared distances from the mean, so that a large mean costs no digits.
/// - Error: sums are chains of n additions in float.
/// - Special values: those of IEEE arithmetic; a NaN or an infinity gives NaN throughout its row.
/// - Backward: with g = gy times gamma, gx = (g - mean(g) - z mean(g z)) / sqrt(variance + eps).
/// - Reference: Ba, Kiros and Hinton (2016), Layer Normalization
public final class LayerNormPasses {
  private static final long STRIP_BYTES = 128;

  private LayerNormPasses() {}

  /// y = z.
  public static void normalize(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n, float eps) {
    FloatVector one = FloatVector.broadcast(F, 1f);
    for (long v = 0; v < STRIP_BYTES; v += BYTES) {
      FloatVector sum = FloatVector.zero(F);
      for (int i = 0; i < n; i++) {
        sum = sum.add(fromMemorySegment(F, x, xByteOffset + i * STRIP_BYTES + v, LITTLE_ENDIAN));
      }
      FloatVector mean = sum.div((float) n);
      FloatVector squares = FloatVector.zero(F);
      for (int i = 0; i < n; i++) {
        FloatVector d =
            fromMemorySegment(F, x, xByteOffset + i * STRIP_BYTES + v, LITTLE_ENDIAN).sub(mean);
        squares = d.fma(d, squares);
      }
      FloatVector factor = one.div(squares.div((float) n).add(eps).sqrt());
      for (int i = 0; i < n; i++) {
        requireNative(y);
        long p = i * STRIP_BYTES + v;
        fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN)
            .sub(mean)
            .mul(factor)
            .intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
      }
    }
  }

  /// gx = the gradient of x, where gx holds g before.
  public static void gradient(
      MemorySegment x, long xByteOffset, MemorySegment gx, long gxByteOffset, int n, float eps) {
    FloatVector one = FloatVector.broadcast(F, 1f);
    for (long v = 0; v < STRIP_BYTES; v += BYTES) {
      FloatVector sum = FloatVector.zero(F);
      FloatVector sumOfG = FloatVector.zero(F);
      for (int i = 0; i < n; i++) {
        long p = i * STRIP_BYTES + v;
        sum = sum.add(fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN));
        sumOfG = sumOfG.add(fromMemorySegment(F, gx, gxByteOffset + p, LITTLE_ENDIAN));
      }
      FloatVector mean = sum.div((float) n);
      FloatVector squares = FloatVector.zero(F);
      FloatVector products = FloatVector.zero(F);
      for (int i = 0; i < n; i++) {
        long p = i * STRIP_BYTES + v;
        FloatVector d = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN).sub(mean);
        squares = d.fma(d, squares);
        products = d.fma(fromMemorySegment(F, gx, gxByteOffset + p, LITTLE_ENDIAN), products);
      }
      FloatVector factor = one.div(squares.div((float) n).add(eps).sqrt());
      FloatVector meanOfG = sumOfG.div((float) n);
      FloatVector slope = products.mul(factor).mul(factor).div((float) n);
      for (int i = 0; i < n; i++) {
        requireNative(gx);
        long p = i * STRIP_BYTES + v;
        FloatVector d = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN).sub(mean);
        FloatVector g = fromMemorySegment(F, gx, gxByteOffset + p, LITTLE_ENDIAN).sub(meanOfG);
        g.sub(d.mul(slope)).mul(factor).intoMemorySegment(gx, gxByteOffset + p, LITTLE_ENDIAN);
      }
    }
  }

  /// y = y a, where `a` has an element for each feature.
  public static void scale(
      MemorySegment a, long aByteOffset, MemorySegment y, long yByteOffset, int n) {
    for (int i = 0; i < n; i++) {
      FloatVector a0 = FloatVector.broadcast(F, a.get(JAVA_FLOAT, aByteOffset + ((long) i << 2)));
      for (long v = 0; v < STRIP_BYTES; v += BYTES) {
        requireNative(y);
        long q = yByteOffset + i * STRIP_BYTES + v;
        fromMemorySegment(F, y, q, LITTLE_ENDIAN).mul(a0).intoMemorySegment(y, q, LITTLE_ENDIAN);
      }
    }
  }

  /// y = y + b, where `b` has an element for each feature.
  public static void shift(
      MemorySegment b, long bByteOffset, MemorySegment y, long yByteOffset, int n) {
    for (int i = 0; i < n; i++) {
      FloatVector b0 = FloatVector.broadcast(F, b.get(JAVA_FLOAT, bByteOffset + ((long) i << 2)));
      for (long v = 0; v < STRIP_BYTES; v += BYTES) {
        requireNative(y);
        long q = yByteOffset + i * STRIP_BYTES + v;
        fromMemorySegment(F, y, q, LITTLE_ENDIAN).add(b0).intoMemorySegment(y, q, LITTLE_ENDIAN);
      }
    }
  }

  /// y = y x, element by element.
  public static void multiply(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long p = (long) i << 2;
      fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN)
          .mul(fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN))
          .intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN);
    }
  }
}
