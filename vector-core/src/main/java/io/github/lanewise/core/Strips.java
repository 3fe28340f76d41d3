package io.github.lanewise.core;

import io.github.lanewise.core.gemm.StripKernel;
import io.github.lanewise.core.rows.PointwiseSumKernel;
import io.github.lanewise.core.simd.Loop;
import java.lang.foreign.MemorySegment;

/// What facades share that work on the strips of a batch.
final class Strips {
  private Strips() {}

  /// Runs f(x, a, y) on a strip, where `a` has an element for each feature.
  static void run(Loop loop, Batch x, int strip, FloatArray a, Batch y) {
    try {
      loop.handle((long) Batch.LANES * x.features())
          .invokeExact(
              x.memory(),
              x.byteOffset(strip),
              a.memory(),
              a.byteOffset(0),
              y.memory(),
              y.byteOffset(strip),
              x.features());
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// Copies all strips.
  static void copy(Batch x, Batch y) {
    MemorySegment.copy(
        x.memory(), x.byteOffset(0), y.memory(), y.byteOffset(0), x.elements() * Float.BYTES);
  }

  /// Returns the sum of f(x, t) over all elements of the rows. Whole strips are summed in one; of a
  /// last strip that is not full, each feature by itself.
  static double sum(Loop terms, Batch x, Batch t) {
    int whole = x.rows() / Batch.LANES;
    long n = (long) whole * Batch.LANES * x.features();
    double sum =
        PointwiseSumKernel.sum(terms, x.memory(), x.byteOffset(0), t.memory(), t.byteOffset(0), n);
    int rest = x.rows() % Batch.LANES;
    for (int i = 0; rest > 0 && i < x.features(); i++) {
      long at = 4L * Batch.LANES * i;
      sum +=
          PointwiseSumKernel.sum(
              terms,
              x.memory(),
              x.byteOffset(whole) + at,
              t.memory(),
              t.byteOffset(whole) + at,
              rest);
    }
    return sum;
  }

  /// Adds the elements of each feature, row by row, to `sums`.
  ///
  /// @param terms laid out as the batch
  static void addRows(Batch batch, FloatArray terms, FloatArray sums) {
    for (int strip = 0; strip < batch.strips(); strip++) {
      StripKernel.addBiasGradient(
          terms.memory(),
          terms.byteOffset((long) strip * Batch.LANES * batch.features()),
          sums.memory(),
          sums.byteOffset(0),
          batch.features(),
          batch.rowsOf(strip));
    }
  }
}
