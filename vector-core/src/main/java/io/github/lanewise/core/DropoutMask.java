package io.github.lanewise.core;

import io.github.lanewise.core.activation.DropoutKernel;
import io.github.lanewise.core.simd.Loop;

/// Dropout: an element becomes 0 with probability p, and is divided by 1 - p otherwise.
///
/// Which elements are dropped follows from a seed, the [step][Batch#step] of the batch, and the row
/// and feature of the element, and from nothing else: not from the vector width, nor from the size
/// of the batch. So backward needs no saved mask, and a run that is repeated drops the same.
///
/// Source: PyTorch's `torch.nn.functional.dropout`, with other random numbers.
public final class DropoutMask {
  private static final Loop FORWARD = Loop.of(DropoutKernel.class, "forward");

  /// Numbers of 24 random bits are below this.
  private static final float RANGE = 1 << 24;

  private DropoutMask() {}

  /// Overwrites `y` with what is left of `x`. The gradient of `x` is this same function of the
  /// gradient of `y`.
  ///
  /// @param x rows of features
  /// @param y as many rows of as many features; may be `x`
  /// @param p the probability that an element is dropped, from 0 to below 1
  /// @param seed of the random numbers
  /// @throws IllegalArgumentException if the sizes do not fit, or `p` is not a probability below 1
  public static void apply(Batch x, Batch y, double p, long seed) {
    Checks.usable("x", x);
    Checks.fits("x", x, "y", y, x.features());
    Checks.notInPart("x", x, "y", y);
    if (!(p >= 0 && p < 1)) {
      throw new IllegalArgumentException("p is " + p + ", must be at least 0 and below 1");
    }
    long key = mixed(seed + mixed(x.step() + 1));
    float dropped = (float) (p * RANGE);
    float factor = (float) (1 / (1 - p));
    try {
      for (int strip = 0; strip < x.strips(); strip++) {
        FORWARD
            .handle((long) Batch.LANES * x.features())
            .invokeExact(
                x.memory(),
                x.byteOffset(strip),
                y.memory(),
                y.byteOffset(strip),
                key,
                strip * Batch.LANES,
                x.features(),
                dropped,
                factor);
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// The finalizer of SplitMix64. Source: Steele, Lea and Flood (2014), Fast Splittable
  /// Pseudorandom Number Generators.
  private static long mixed(long z) {
    long x = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
    return x ^ (x >>> 31);
  }
}
