package io.github.lanewise.properties.gemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Gemm;
import io.github.lanewise.core.Matrix;
import io.github.lanewise.core.ParallelGemm;
import io.github.lanewise.properties.support.Samples;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A product by several threads is the product by one, bit for bit.
class ParallelGemmTest {
  /// More than one tile each way, and edges.
  private static final int M = 511;

  private static final int N = 791;
  private static final int K = 45;

  private final Arena arena = Arena.ofShared();

  @AfterEach
  void close() {
    arena.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void theNumberOfThreadsChangesNoBit(int threads) {
    Matrix a = Matrix.of(normal(1, M * K), M, K);
    Matrix aTransposed = Matrix.of(normal(1, M * K), K, M).transposed();
    Matrix bTransposed = Matrix.of(normal(2, N * K), N, K).transposed();
    FloatArray expected = normal(3, M * N);
    FloatArray actual = normal(3, M * N);
    Gemm gemm = Gemm.allocate(arena);
    ParallelGemm parallel = ParallelGemm.allocate(arena, threads);
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      gemm.multiplyAdd(a, bTransposed, Matrix.of(expected, M, N));
      parallel.multiplyAdd(a, bTransposed, Matrix.of(actual, M, N), executor);
      Verdict.sameBits("C += A B", expected.toArray(), actual.toArray());

      gemm.multiply(aTransposed, bTransposed, Matrix.of(expected, N, M).transposed());
      parallel.multiply(aTransposed, bTransposed, Matrix.of(actual, N, M).transposed(), executor);
      Verdict.sameBits("C^T = B^T A^T", expected.toArray(), actual.toArray());
    }
  }

  @Test
  void anExecutorThatTakesNoWorkIsReportedAndTheProductIsDone() {
    Matrix a = Matrix.of(normal(1, M * K), M, K);
    Matrix b = Matrix.of(normal(2, N * K), K, N);
    FloatArray expected = FloatArray.allocate(arena, M * N);
    FloatArray actual = FloatArray.allocate(arena, M * N);
    Gemm.allocate(arena).multiply(a, b, Matrix.of(expected, M, N));
    assertThrows(
        RejectedExecutionException.class,
        () ->
            ParallelGemm.allocate(arena, 2)
                .multiply(
                    a,
                    b,
                    Matrix.of(actual, M, N),
                    task -> {
                      throw new RejectedExecutionException("full");
                    }));
    Verdict.sameBits("C", expected.toArray(), actual.toArray());
  }

  @Test
  void arraysOfOneThreadAreRefusedBeforeAnythingIsWritten() {
    try (Arena confined = Arena.ofConfined()) {
      FloatArray mine = FloatArray.of(confined, 1, 2, 3, 4);
      FloatArray shared = FloatArray.of(arena, 5, 6, 7, 8);
      Matrix a = Matrix.of(mine, 2, 2);
      Matrix c = Matrix.of(shared, 2, 2);
      ParallelGemm parallel = ParallelGemm.allocate(arena, 2);
      IllegalArgumentException refusal =
          assertThrows(
              IllegalArgumentException.class, () -> parallel.multiply(a, a, c, Runnable::run));
      assertEquals(
          "a is confined to one thread: several threads need it in a shared arena",
          refusal.getMessage());
      assertArrayEquals(new float[] {5, 6, 7, 8}, shared.toArray());
      ParallelGemm.allocate(arena, 1).multiply(a, a, c, Runnable::run);
      assertArrayEquals(new float[] {7, 10, 15, 22}, shared.toArray());
    }
    IllegalArgumentException none =
        assertThrows(IllegalArgumentException.class, () -> ParallelGemm.allocate(arena, 0));
    assertEquals("threads is 0, must be at least 1", none.getMessage());
  }

  private FloatArray normal(long seed, int n) {
    return FloatArray.of(arena, Samples.normal(seed, n, 1));
  }
}
