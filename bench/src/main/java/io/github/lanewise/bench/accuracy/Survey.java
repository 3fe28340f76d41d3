package io.github.lanewise.bench.accuracy;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Runs a function of one float on all of them, or on a sample, with every core.
///
/// Inputs are taken in chunks of 2^20 neighbouring bit patterns, whose outcomes are collected in
/// order, so that the result does not depend on the number of cores.
public final class Survey {
  private static final int CHUNK = 1 << 20;
  private static final int CHUNKS = 1 << 12;
  private static final int BLOCK = 1 << 12; // what stays in the nearest cache

  private Survey() {}

  /// A vector function: overwrites the second array with its values at the first.
  @FunctionalInterface
  public interface Function {
    void run(FloatArray x, FloatArray y);
  }

  /// Looks at the results of one chunk, block by block, in the order of the bit patterns.
  @FunctionalInterface
  public interface Judge {
    /// The first `n` elements of `y` are the values at those of `x`.
    void look(float[] x, float[] y, int n);
  }

  /// Returns the errors of `function` against the exact function of `op`.
  ///
  /// @param stride between the bit patterns that are tried, odd; 1 for all 2^32
  public static ErrorMeter measure(Function function, Op op, int stride) {
    ErrorMeter all = new ErrorMeter();
    run(
        function,
        stride,
        () -> new Measurement(op, new ErrorMeter()),
        chunk -> all.merge(chunk.errors));
    return all;
  }

  /// Has a judge of its own look at each chunk, and hands the judges on in order.
  ///
  /// @param stride between the bit patterns that are tried, odd; 1 for all 2^32
  public static <J extends Judge> void run(
      Function function, int stride, Supplier<J> judges, Consumer<J> inOrder) {
    try (ExecutorService cores =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      List<Future<J>> chunks = new ArrayList<>();
      for (int chunk = 0; chunk < CHUNKS; chunk++) {
        long first = Math.ceilDiv((long) chunk * CHUNK, stride) * stride;
        long end = (chunk + 1L) * CHUNK;
        chunks.add(cores.submit(() -> run(function, first, end, stride, judges.get())));
      }
      try {
        for (Future<J> chunk : chunks) {
          inOrder.accept(chunk.get());
        }
      } finally {
        cores.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private static <J extends Judge> J run(
      Function function, long first, long end, int stride, J judge) {
    int size = Math.min(BLOCK, Math.ceilDiv(Math.ceilDiv(CHUNK, stride), 16) * 16);
    float[] x = new float[size];
    float[] y = new float[size];
    try (Arena arena = Arena.ofConfined()) {
      FloatArray input = FloatArray.allocate(arena, size);
      FloatArray output = FloatArray.allocate(arena, size);
      long bits = first;
      while (bits < end) {
        int n = 0;
        for (; n < size && bits < end; bits += stride) {
          x[n++] = Float.intBitsToFloat((int) bits);
        }
        input.copyFrom(x);
        function.run(input, output);
        output.copyTo(y);
        judge.look(x, y, n);
      }
    }
    return judge;
  }

  private record Measurement(Op op, ErrorMeter errors) implements Judge {
    @Override
    public void look(float[] x, float[] y, int n) {
      for (int i = 0; i < n; i++) {
        double exact = op.forward().applyAsDouble(x[i]);
        errors.add(x[i], exact, y[i], op.oracleError().applyAsDouble(x[i]));
      }
    }
  }
}
