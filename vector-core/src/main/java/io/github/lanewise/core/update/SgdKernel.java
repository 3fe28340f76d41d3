package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// SGD: p -= lr g. With momentum: b = mu b + (1 - dampening) g and p -= lr b, or, after Nesterov,
/// p -= lr (g + mu b).
///
/// - Error: one rounding each for g = fma(decay, p, g), mu b, b = fma(1 - dampening, g, mu b),
///   d = fma(mu, b, g) and p = fma(-lr, d, p).
/// - Special values: g = 0 without decay leaves p unchanged. NaN and inf affect only their element.
/// - Writes: p and b in place; g is only read. n is a multiple of the vector length.
/// - Scalars: g is multiplied by sign (-1 to maximize, else 1), then decay p is added to it (L2)
///   unless decay is 0.
/// - First step: b becomes g if b is -0 and dampening is 0, since -0 + g is g for every g.
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
      int n,
      float sign,
      float decay,
      float minusLr) {
    assert n % F.length() == 0;
    VectorMask<Float> decayed = broadcast(F, decay).compare(NE, 0f);
    FloatVector decayV = broadcast(F, decay);
    FloatVector minusLrV = broadcast(F, minusLr);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(sign);
      g0 = g0.blend(p0.fma(decayV, g0), decayed);
      g0.fma(minusLrV, p0).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  /// b = fma(weight, g, mu b), p = fma(-lr, b, p); weight is 1 - dampening.
  public static void momentum(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment b,
      long bByteOffset,
      int n,
      float sign,
      float decay,
      float minusLr,
      float mu,
      float weight) {
    assert n % F.length() == 0;
    VectorMask<Float> decayed = broadcast(F, decay).compare(NE, 0f);
    FloatVector decayV = broadcast(F, decay);
    FloatVector minusLrV = broadcast(F, minusLr);
    FloatVector weightV = broadcast(F, weight);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(b);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(sign);
      g0 = g0.blend(p0.fma(decayV, g0), decayed);
      FloatVector b0 = fromMemorySegment(F, b, bByteOffset + o, LITTLE_ENDIAN);
      FloatVector b1 = g0.fma(weightV, b0.mul(mu));
      b1.intoMemorySegment(b, bByteOffset + o, LITTLE_ENDIAN);
      b1.fma(minusLrV, p0).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  /// b = fma(weight, g, mu b), p = fma(-lr, fma(mu, b, g), p).
  public static void nesterov(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment b,
      long bByteOffset,
      int n,
      float sign,
      float decay,
      float minusLr,
      float mu,
      float weight) {
    assert n % F.length() == 0;
    VectorMask<Float> decayed = broadcast(F, decay).compare(NE, 0f);
    FloatVector decayV = broadcast(F, decay);
    FloatVector minusLrV = broadcast(F, minusLr);
    FloatVector weightV = broadcast(F, weight);
    FloatVector muV = broadcast(F, mu);
    for (int i = 0; i < n; i += F.length()) {
      requireNative(b);
      requireNative(p);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(sign);
      g0 = g0.blend(p0.fma(decayV, g0), decayed);
      FloatVector b0 = fromMemorySegment(F, b, bByteOffset + o, LITTLE_ENDIAN);
      FloatVector b1 = g0.fma(weightV, b0.mul(mu));
      b1.intoMemorySegment(b, bByteOffset + o, LITTLE_ENDIAN);
      FloatVector d = b1.fma(muV, g0);
      d.fma(minusLrV, p0).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }
}
