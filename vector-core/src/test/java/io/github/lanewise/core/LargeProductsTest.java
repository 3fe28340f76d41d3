package io.github.lanewise.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.core.gemm.PackKernel;
import io.github.lanewise.core.simd.Lanes;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/// Products whose sizes are the largest that an `int` holds. Counters of rows, columns and k must
/// reach their end instead of wrapping around. The matrices have no elements, so they need no
/// memory.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class LargeProductsTest {
  private static final int MOST = Integer.MAX_VALUE;

  @Test
  void theSizeOfPackedColumnsIsRoundedUpWithoutWrapping() {
    assertEquals(1L << 31, PackKernel.elements(1, MOST));
    assertEquals((1L << 31) * MOST, PackKernel.elements(MOST, MOST));
    assertEquals(0, PackKernel.elements(0, MOST));
  }

  @Test
  void theSizesOfASmallPackedMatrixAreWholeVectors() {
    for (int cols = 0; cols < 300; cols++) {
      int vectors = (cols + Lanes.LENGTH - 1) / Lanes.LENGTH;
      assertEquals(5L * vectors * Lanes.LENGTH, PackKernel.elements(5, cols), "columns " + cols);
    }
  }

  @Test
  void aSumOfTheMostTermsEnds() {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray none = FloatArray.allocate(arena, 0);
      Gemm gemm = Gemm.allocate(arena);
      PackedMatrix b = PackedMatrix.allocate(arena, MOST, 0).pack(none, MOST, 0);
      assertEquals(MOST, b.rows());
      gemm.multiply(none, b, none, 0);
      gemm.multiplyAdd(none, b.packTransposed(none, MOST, 0), none, 0);
      gemm.multiply(Matrix.of(none, 0, MOST), Matrix.of(none, MOST, 0), Matrix.of(none, 0, 0));
    }
  }

  @Test
  void theMostRowsAndColumnsEnd() {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray none = FloatArray.allocate(arena, 0);
      Gemm gemm = Gemm.allocate(arena);
      gemm.multiplyAdd(Matrix.of(none, MOST, 0), Matrix.of(none, 0, 0), Matrix.of(none, MOST, 0));
      gemm.multiplyAdd(Matrix.of(none, 0, 0), Matrix.of(none, 0, MOST), Matrix.of(none, 0, MOST));
      PackedMatrix b = PackedMatrix.allocate(arena, 0, MOST).pack(none, 0, MOST);
      gemm.multiplyAdd(none, b, none, 0);
    }
  }
}
