package io.github.lanewise.bench.jmh;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Gemm;
import io.github.lanewise.core.Matrix;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// The time of products of `[m, k]` and `[k, n]`, packing included. Each takes 2 m n k
/// floating-point operations. A parameter n or k of 0 stands for m, so that squares are the
/// default.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GemmBench {
  @Param({"16", "32", "64", "128", "256", "480", "512", "960", "1024", "2016", "2048"})
  int m;

  @Param("0")
  int n;

  @Param("0")
  int k;

  /// Whether [Pollution] has run before in this JVM.
  @Param({"false", "true"})
  boolean polluted;

  private final Arena arena = Arena.ofConfined();
  private Gemm gemm;
  private Matrix a;
  private Matrix b;
  private Matrix transposedA;
  private Matrix transposedB;
  private Matrix c;

  @Setup
  public void setUp() {
    if (polluted) {
      Pollution.run();
    }
    int cols = n == 0 ? m : n;
    int terms = k == 0 ? m : k;
    gemm = Gemm.allocate(arena);
    FloatArray left = Samples.normal(arena, (long) m * terms, 1, 1);
    FloatArray right = Samples.normal(arena, (long) terms * cols, 1, 2);
    a = Matrix.of(left, m, terms);
    b = Matrix.of(right, terms, cols);
    transposedA = Matrix.of(left, terms, m).transposed();
    transposedB = Matrix.of(right, cols, terms).transposed();
    c = Matrix.of(FloatArray.allocate(arena, (long) m * cols), m, cols);
  }

  @TearDown
  public void close() {
    arena.close();
  }

  /// C = A B.
  @Benchmark
  public void multiply() {
    gemm.multiply(a, b, c);
  }

  /// C = A B, with B given as its transpose, as weights are in a forward pass.
  @Benchmark
  public void multiplyByTransposed() {
    gemm.multiply(a, transposedB, c);
  }

  /// C = A B, with A given as its transpose, as gradients are for the weights.
  @Benchmark
  public void multiplyTransposed() {
    gemm.multiply(transposedA, b, c);
  }
}
