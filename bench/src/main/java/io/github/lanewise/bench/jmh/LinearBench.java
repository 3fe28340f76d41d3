package io.github.lanewise.bench.jmh;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Gemm;
import io.github.lanewise.core.PackedMatrix;
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

/// The time of the matrix products of a linear layer with `k` inputs and `n` outputs, for `m` rows.
/// Each product takes 2 m n k floating-point operations. All but [#forwardServed] pack the weights
/// or the inputs in every call, as a training step does.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LinearBench {
  @Param({"1", "32", "512"})
  int m;

  @Param({"128", "512"})
  int n;

  @Param({"64", "512"})
  int k;

  /// Whether [Pollution] has run before in this JVM.
  @Param({"false", "true"})
  boolean polluted;

  private final Arena arena = Arena.ofConfined();
  private Gemm gemm;
  private FloatArray x;
  private FloatArray weight;
  private FloatArray bias;
  private FloatArray y;
  private FloatArray gx;
  private FloatArray gw;
  private PackedMatrix transposedWeight;
  private PackedMatrix packed;

  @Setup
  public void setUp() {
    if (polluted) {
      Pollution.run();
    }
    gemm = Gemm.allocate(arena);
    x = Samples.normal(arena, (long) m * k, 1, 1);
    weight = Samples.normal(arena, (long) n * k, 0.1, 2);
    bias = Samples.normal(arena, n, 0.1, 3);
    y = FloatArray.allocate(arena, (long) m * n);
    gx = FloatArray.allocate(arena, (long) m * k);
    gw = FloatArray.allocate(arena, (long) n * k);
    transposedWeight = PackedMatrix.allocate(arena, k, n).packTransposed(weight, k, n);
    packed = PackedMatrix.allocate(arena, Math.max(m, n), k);
  }

  @TearDown
  public void close() {
    arena.close();
  }

  /// y = x W^T + b with weights that were packed once, as in a model that answers requests.
  @Benchmark
  public void forwardServed() {
    gemm.multiply(x, transposedWeight, y, m);
    Gemm.addBias(bias, y, m, n);
  }

  /// y = x W^T + b with weights that have just changed, and so are packed first.
  @Benchmark
  public void forwardTraining() {
    transposedWeight.packTransposed(weight, k, n);
    gemm.multiply(x, transposedWeight, y, m);
    Gemm.addBias(bias, y, m, n);
  }

  /// gx = gy W.
  @Benchmark
  public void inputGradient() {
    packed.pack(weight, n, k);
    gemm.multiply(y, packed, gx, m);
  }

  /// gW += gy^T x.
  @Benchmark
  public void weightGradient() {
    packed.pack(x, m, k);
    gemm.addTransposed(y, packed, gw, n);
  }
}
