package io.github.lanewise.optim.lbfgs;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A vector of as many floats as all parameters have together, and the algebra of L-BFGS on it.
///
/// Sums are of doubles, in which the product of two floats is exact. They have one order whatever
/// the machine: up to the last multiple of 8, element i goes to sum i mod 8; the sums are added in
/// a fixed tree, and the rest after that. Two vectors therefore have the same dot product, bit for
/// bit, on every machine.
final class FlatVector {
  private static final int SUMS = 8;

  private final FloatArray array;
  private final MemorySegment memory;
  private final long n;

  FlatVector(Arena arena, long n) {
    this.n = n;
    array = FloatArray.allocate(arena, n);
    memory = array.segment();
  }

  /// The elements, shared.
  FloatArray array() {
    return array;
  }

  MemorySegment memory() {
    return memory;
  }

  long length() {
    return n;
  }

  void copyFrom(FlatVector other) {
    MemorySegment.copy(other.memory, 0, memory, 0, n * Float.BYTES);
  }

  /// Becomes -x.
  void negate(FlatVector x) {
    for (long i = 0; i < n; i++) {
      set(i, -x.get(i));
    }
  }

  /// Becomes a - b.
  void difference(FlatVector a, FlatVector b) {
    for (long i = 0; i < n; i++) {
      set(i, a.get(i) - b.get(i));
    }
  }

  /// Becomes alpha x, where alpha is rounded to a float first. `x` may be this vector.
  void scaled(double alpha, FlatVector x) {
    float factor = (float) alpha;
    for (long i = 0; i < n; i++) {
      set(i, factor * x.get(i));
    }
  }

  /// Adds alpha x, where alpha is rounded to a float first, with one rounding for each element.
  void add(double alpha, FlatVector x) {
    addTo(memory, 0, n, alpha, x.memory, 0);
  }

  /// Adds alpha x to y for a stretch of `n` elements of both.
  static void addTo(
      MemorySegment y, long yFrom, long n, double alpha, MemorySegment x, long xFrom) {
    float factor = (float) alpha;
    for (long i = 0; i < n; i++) {
      float sum =
          Math.fma(
              factor, x.getAtIndex(JAVA_FLOAT, xFrom + i), y.getAtIndex(JAVA_FLOAT, yFrom + i));
      y.setAtIndex(JAVA_FLOAT, yFrom + i, sum);
    }
  }

  double dot(FlatVector other) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    double s4 = 0;
    double s5 = 0;
    double s6 = 0;
    double s7 = 0;
    long whole = n - n % SUMS;
    for (long i = 0; i < whole; i += SUMS) {
      s0 += product(other, i);
      s1 += product(other, i + 1);
      s2 += product(other, i + 2);
      s3 += product(other, i + 3);
      s4 += product(other, i + 4);
      s5 += product(other, i + 5);
      s6 += product(other, i + 6);
      s7 += product(other, i + 7);
    }
    double rest = 0;
    for (long i = whole; i < n; i++) {
      rest += product(other, i);
    }
    return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7)) + rest;
  }

  /// The sum of the sizes of the elements, in order.
  double absSum() {
    double sum = 0;
    for (long i = 0; i < n; i++) {
      sum += Math.abs(get(i));
    }
    return sum;
  }

  /// The size of the largest element; NaN if an element is NaN.
  float absMax() {
    float max = 0;
    for (long i = 0; i < n; i++) {
      max = Math.max(max, Math.abs(get(i)));
    }
    return max;
  }

  private double product(FlatVector other, long i) {
    return (double) get(i) * other.get(i);
  }

  private float get(long i) {
    return memory.getAtIndex(JAVA_FLOAT, i);
  }

  private void set(long i, float value) {
    memory.setAtIndex(JAVA_FLOAT, i, value);
  }
}
