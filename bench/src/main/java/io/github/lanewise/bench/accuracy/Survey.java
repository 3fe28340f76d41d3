package io.github.lanewise.bench.accuracy;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.DoubleUnaryOperator;

/// Measures a function of one float on all of them, or on a sample, with every core.
///
/// Inputs are taken in chunks of 2^20 neighbouring bit patterns, whose errors are merged in order,
/// so that the outcome does not depend on the number of cores.
public final class Survey {
  private static final int CHUNK = 1 << 20;
  private static final int CHUNKS = 1 << 12;

  private Survey() {}

  /// A vector function: overwrites the second array with its values at the first.
  @FunctionalInterface
  public interface Function {
    void run(FloatArray x, FloatArray y);
  }

  /// Returns the errors of `function` against `exact`.
  ///
  /// @param stride between the bit patterns that are tried, odd; 1 for all 2^32
  public static ErrorMeter measure(Function function, DoubleUnaryOperator exact, int stride) {
    int perChunk = Math.ceilDiv(CHUNK, stride);
    try (Arena arena = Arena.ofShared();
        ExecutorService cores =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      ThreadLocal<FloatArray[]> scratch =
          ThreadLocal.withInitial(
              () ->
                  new FloatArray[] {
                    FloatArray.allocate(arena, roundUp(perChunk)),
                    FloatArray.allocate(arena, roundUp(perChunk))
                  });
      List<Future<ErrorMeter>> chunks = new ArrayList<>();
      for (int chunk = 0; chunk < CHUNKS; chunk++) {
        long first = Math.ceilDiv((long) chunk * CHUNK, stride) * stride;
        long end = (chunk + 1L) * CHUNK;
        chunks.add(cores.submit(() -> measure(function, exact, first, end, stride, scratch.get())));
      }
      ErrorMeter all = new ErrorMeter();
      for (Future<ErrorMeter> chunk : chunks) {
        all.merge(chunk.get());
      }
      return all;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private static ErrorMeter measure(
      Function function,
      DoubleUnaryOperator exact,
      long first,
      long end,
      int stride,
      FloatArray[] scratch) {
    FloatArray x = scratch[0];
    int n = 0;
    for (long bits = first; bits < end; bits += stride) {
      x.set(n++, Float.intBitsToFloat((int) bits));
    }
    function.run(x, scratch[1]);
    ErrorMeter errors = new ErrorMeter();
    for (int i = 0; i < n; i++) {
      float input = x.get(i);
      errors.add(input, exact.applyAsDouble(input), scratch[1].get(i));
    }
    return errors;
  }

  private static long roundUp(int n) {
    return Math.ceilDiv(n, 16) * 16L;
  }
}
