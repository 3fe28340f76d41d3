package io.github.lanewise.core;

import java.lang.foreign.Arena;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/// Matrix products by several threads, with the bits of [Gemm].
///
/// The product is cut into tiles of 240 rows and 768 columns, whatever the number of threads, and
/// each thread takes the next tile until none is left. An element is computed by one thread, as one
/// chain of FMAs, so the number of threads and their order change no bit. It pays from some hundred
/// rows and columns on; below that the threads take longer to start than the product.
///
/// One call at a time may use an instance. The arrays must lie in shared arenas, since other
/// threads than the caller's work on them.
public final class ParallelGemm {
  private static final int TILE_ROWS = 240;
  private static final int TILE_COLS = 768;

  /// Belongs to nobody: what it may access, any thread may.
  private static final Thread ANY = new Thread(() -> {});

  private final Gemm[] workers;

  private ParallelGemm(Gemm[] workers) {
    this.workers = workers;
  }

  /// {@return a multiplier for products of any size by up to `threads` threads, the caller's
  /// included; it takes 1.6 MB for each}
  ///
  /// @param arena the owner of the memory, which must be shared unless there is one thread
  /// @param threads at least 1
  /// @throws IllegalArgumentException if there is no thread
  public static ParallelGemm allocate(Arena arena, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads is " + threads + ", must be at least 1");
    }
    Gemm[] workers = new Gemm[threads];
    for (int i = 0; i < threads; i++) {
      workers[i] = Gemm.allocate(arena);
    }
    return new ParallelGemm(workers);
  }

  /// Overwrites `c` with the product `a b`, and returns when it is done.
  ///
  /// @param a `[m, k]`
  /// @param b `[k, n]`
  /// @param c `[m, n]`
  /// @param executor runs the other threads' share
  /// @throws IllegalArgumentException if the sizes do not fit each other, the memory of `c`
  ///     overlaps that of an operand, or an array is confined to a thread; nothing is written then
  /// @throws java.util.concurrent.RejectedExecutionException if the executor takes no work; the
  ///     caller's thread has done it all then
  public void multiply(Matrix a, Matrix b, Matrix c, Executor executor) {
    run(a, b, c, true, executor);
  }

  /// Adds the product `a b` to `c`, and returns when it is done.
  ///
  /// @param a `[m, k]`
  /// @param b `[k, n]`
  /// @param c `[m, n]`
  /// @param executor runs the other threads' share
  /// @throws IllegalArgumentException as for [#multiply]
  /// @throws java.util.concurrent.RejectedExecutionException as for [#multiply]
  public void multiplyAdd(Matrix a, Matrix b, Matrix c, Executor executor) {
    run(a, b, c, false, executor);
  }

  private void run(Matrix a, Matrix b, Matrix c, boolean clears, Executor executor) {
    Objects.requireNonNull(executor, "executor is null");
    workers[0].requireFit(a, b, c);
    if (workers.length > 1) {
      requireShared("a", a);
      requireShared("b", b);
      requireShared("c", c);
    }
    Product product = new Product(a, b, c, clears);
    int started = 0;
    RuntimeException refusal = null;
    int others = Math.min(workers.length, product.tiles()) - 1;
    try {
      for (int i = 1; i <= others; i++) {
        Gemm worker = workers[i];
        executor.execute(() -> product.work(worker));
        started++;
      }
    } catch (RuntimeException e) {
      refusal = e;
    }
    product.work(workers[0]);
    product.done.acquireUninterruptibly(started + 1);
    if (product.failure != null) {
      throw product.failure;
    }
    if (refusal != null) {
      throw refusal;
    }
  }

  private static void requireShared(String name, Matrix matrix) {
    if (!matrix.array().memory().isAccessibleBy(ANY)) {
      throw new IllegalArgumentException(
          name + " is confined to one thread: several threads need it in a shared arena");
    }
  }

  /// One product, tile by tile.
  private static final class Product {
    final Semaphore done = new Semaphore(0);
    volatile RuntimeException failure;
    private final Matrix a;
    private final Matrix b;
    private final Matrix c;
    private final boolean clears;
    private final AtomicInteger next = new AtomicInteger();
    private final int tileRows;
    private final int tileCols;

    Product(Matrix a, Matrix b, Matrix c, boolean clears) {
      this.a = a;
      this.b = b;
      this.c = c;
      this.clears = clears;
      tileRows = (int) ((c.rows() + TILE_ROWS - 1L) / TILE_ROWS);
      tileCols = (int) ((c.cols() + TILE_COLS - 1L) / TILE_COLS);
    }

    int tiles() {
      return Math.multiplyExact(tileRows, tileCols);
    }

    void work(Gemm worker) {
      try {
        for (int i = next.getAndIncrement(); i < tiles(); i = next.getAndIncrement()) {
          tile(worker, i % tileRows * TILE_ROWS, i / tileRows * TILE_COLS);
        }
      } catch (RuntimeException e) {
        failure = e;
      } finally {
        done.release();
      }
    }

    private void tile(Gemm worker, int row, int col) {
      int rows = Math.min(TILE_ROWS, c.rows() - row);
      int cols = Math.min(TILE_COLS, c.cols() - col);
      worker.block(a.rows(row, rows), b.cols(col, cols), c.rows(row, rows).cols(col, cols), clears);
    }
  }
}
