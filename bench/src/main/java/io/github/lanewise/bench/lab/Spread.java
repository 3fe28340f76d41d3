package io.github.lanewise.bench.lab;

import java.util.Arrays;

/// The least, the median and the largest of some numbers. NaN counts as infinite, as for a loss.
///
/// @param low the least
/// @param median the middle one, or the lower one of two
/// @param high the largest
record Spread(double low, double median, double high) {
  static Spread of(double... numbers) {
    double[] sorted = numbers.clone();
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = Double.isNaN(sorted[i]) ? Double.POSITIVE_INFINITY : sorted[i];
    }
    Arrays.sort(sorted);
    return new Spread(sorted[0], sorted[(sorted.length - 1) / 2], sorted[sorted.length - 1]);
  }
}
