package io.github.lanewise.properties.support;

import java.util.SplittableRandom;

/// Values that a seed determines.
public final class Samples {
  private Samples() {}

  /// Normally distributed values of the given deviation.
  public static float[] normal(long seed, int n, double deviation) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (deviation * normal(random));
    }
    return values;
  }

  /// Classes from 0 to `classes` - 1.
  public static int[] classes(long seed, int n, int classes) {
    SplittableRandom random = new SplittableRandom(seed ^ 0x5DEECE66DL);
    return random.ints(n, 0, classes).toArray();
  }

  /// Box and Muller's transform in [StrictMath], so that every JVM draws the same.
  private static double normal(SplittableRandom random) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - unit(random)));
    return radius * StrictMath.cos(2 * StrictMath.PI * unit(random));
  }

  private static double unit(SplittableRandom random) {
    return (random.nextLong() >>> 11) * 0x1p-53;
  }
}
