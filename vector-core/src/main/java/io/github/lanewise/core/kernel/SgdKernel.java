package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.load;
import static io.github.lanewise.core.kernel.Lanes.store;
import static io.github.lanewise.core.kernel.UpdateSteps.addProduct;
import static io.github.lanewise.core.kernel.UpdateSteps.decayed;
import static io.github.lanewise.core.kernel.UpdateSteps.gradient;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// SGD: p -= lr g; with momentum b = mu b + (1 - dampening) g and p -= lr b, or, after Nesterov,
/// p -= lr (g + mu b).
///
/// - Error: one rounding per fused step: g = fma(decay, p, g), b = fma(1 - dampening, g, mu b),
///   fma(mu, b, g), p = fma(-lr, d, p); mu b is rounded before.
/// - Special values: g = 0 without decay leaves p. NaN and infinities stay in their element.
/// - Writes: p and b in place; g is only read. sign is -1 to maximize, else 1; decay is L2.
/// - First step: b = g, which is b = -0 everywhere and dampening 0, since -0 + g is g for every g.
/// - Reference: Sutskever et al. (2013), On the Importance of Initialization and Momentum in Deep
///   Learning; lr scales the whole step, as in PyTorch, not the gradient alone.
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
    VectorMask<Float> decayed = decayed(decay);
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long o = (long) i << 2;
      FloatVector p0 = load(p, pByteOffset + o);
      FloatVector g0 = gradient(load(g, gByteOffset + o), p0, sign, decay, decayed);
      store(p, pByteOffset + o, addProduct(p0, minusLr, g0));
    }
    if (i < n) {
      long o = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      FloatVector p0 = load(p, pByteOffset + o, tail);
      FloatVector g0 = gradient(load(g, gByteOffset + o, tail), p0, sign, decay, decayed);
      store(p, pByteOffset + o, addProduct(p0, minusLr, g0), tail);
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
    VectorMask<Float> decayed = decayed(decay);
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long o = (long) i << 2;
      FloatVector p0 = load(p, pByteOffset + o);
      FloatVector g0 = gradient(load(g, gByteOffset + o), p0, sign, decay, decayed);
      FloatVector b1 = addProduct(load(b, bByteOffset + o).mul(mu), weight, g0);
      store(b, bByteOffset + o, b1);
      store(p, pByteOffset + o, addProduct(p0, minusLr, b1));
    }
    if (i < n) {
      long o = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      FloatVector p0 = load(p, pByteOffset + o, tail);
      FloatVector g0 = gradient(load(g, gByteOffset + o, tail), p0, sign, decay, decayed);
      FloatVector b1 = addProduct(load(b, bByteOffset + o, tail).mul(mu), weight, g0);
      store(b, bByteOffset + o, b1, tail);
      store(p, pByteOffset + o, addProduct(p0, minusLr, b1), tail);
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
    VectorMask<Float> decayed = decayed(decay);
    int i = 0;
    for (int bound = F.loopBound(n); i < bound; i += F.length()) {
      long o = (long) i << 2;
      FloatVector p0 = load(p, pByteOffset + o);
      FloatVector g0 = gradient(load(g, gByteOffset + o), p0, sign, decay, decayed);
      FloatVector b1 = addProduct(load(b, bByteOffset + o).mul(mu), weight, g0);
      store(b, bByteOffset + o, b1);
      store(p, pByteOffset + o, addProduct(p0, minusLr, addProduct(g0, mu, b1)));
    }
    if (i < n) {
      long o = (long) i << 2;
      VectorMask<Float> tail = F.indexInRange(i, n);
      FloatVector p0 = load(p, pByteOffset + o, tail);
      FloatVector g0 = gradient(load(g, gByteOffset + o, tail), p0, sign, decay, decayed);
      FloatVector b1 = addProduct(load(b, bByteOffset + o, tail).mul(mu), weight, g0);
      store(b, bByteOffset + o, b1, tail);
      store(p, pByteOffset + o, addProduct(p0, minusLr, addProduct(g0, mu, b1)), tail);
    }
  }
}
