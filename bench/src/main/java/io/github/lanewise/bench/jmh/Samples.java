package io.github.lanewise.bench.jmh;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;

/// Arrays of random numbers to measure with.
public final class Samples {
  private Samples() {}

  /// Returns a new array of `n` floats from a normal distribution around 0. The same seed gives the
  /// same floats.
  public static FloatArray normal(Arena arena, long n, double deviation, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    FloatArray values = FloatArray.allocate(arena, n);
    for (long i = 0; i < n; i++) {
      values.set(i, (float) (deviation * random.nextGaussian()));
    }
    return values;
  }
}
