package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// SGD: p -= lr g. With momentum: b = mu b + (1 - dampening) g and p -= lr b, or, after Nesterov,
/// p -= lr (g + mu b).
///
/// - State: b, -0 before the first step. With a weight of 1 in that step b becomes g, since
///   fma(1, g, -0) is g for every g.
/// - Scalars: -lr, mu, weight = 1 - dampening.
/// - Error: one rounding each for mu b, b = fma(weight, g, mu b), d = fma(mu, b, g) and
///   p = fma(-lr, d, p).
/// - Special values: g = 0 leaves p unchanged. NaN and infinities affect only their element.
/// - Reference: Sutskever et al. (2013), On the Importance of Initialization and Momentum in Deep
///   Learning. lr scales the whole step, as in PyTorch, not the gradient alone.
public final class SgdKernel {
  private SgdKernel() {}

  /// p = fma(-lr, g, p).
  public static void step(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment s,
      long sByteOffset,
      long sStrideBytes,
      int n,
      float scale,
      float shrink,
      float[] c) {
    assert n % F.length() == 0;
    FloatVector minusLrV = broadcast(F, c[0]);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      g0.fma(minusLrV, p0).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  /// b = fma(weight, g, mu b), p = fma(-lr, b, p).
  public static void momentum(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment s,
      long sByteOffset,
      long sStrideBytes,
      int n,
      float scale,
      float shrink,
      float[] c) {
    assert n % F.length() == 0;
    FloatVector minusLrV = broadcast(F, c[0]);
    float mu = c[1];
    FloatVector weightV = broadcast(F, c[2]);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector b0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector b1 = g0.fma(weightV, b0.mul(mu));
      b1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      b1.fma(minusLrV, p0).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  /// b = fma(weight, g, mu b), p = fma(-lr, fma(mu, b, g), p).
  public static void nesterov(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment s,
      long sByteOffset,
      long sStrideBytes,
      int n,
      float scale,
      float shrink,
      float[] c) {
    assert n % F.length() == 0;
    FloatVector minusLrV = broadcast(F, c[0]);
    FloatVector muV = broadcast(F, c[1]);
    FloatVector weightV = broadcast(F, c[2]);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(s);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector b0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector b1 = g0.fma(weightV, b0.mul(muV));
      b1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = b1.fma(muV, g0);
      d.fma(minusLrV, p0).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
