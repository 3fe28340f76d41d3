package io.github.lanewise.bench.jmh;

import io.github.lanewise.core.Affine;
import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
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

/// The time of the products of a linear layer with `k` inputs and `n` outputs, for `m` rows, as
/// sessions make them: 2 m n k floating-point operations each, but for [#row], which is one row.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LinearBench {
  @Param({"32", "64"})
  int m;

  @Param({"128", "512"})
  int n;

  @Param({"64", "512"})
  int k;

  /// Whether [Pollution] has run before in this JVM.
  @Param({"false", "true"})
  boolean polluted;

  private final Arena arena = Arena.ofConfined();
  private Batch x;
  private Batch y;
  private Batch gx;
  private FloatArray weight;
  private FloatArray bias;
  private FloatArray gWeight;
  private FloatArray gBias;
  private FloatArray packed;
  private FloatArray inputRow;
  private FloatArray outputRow;

  @Setup
  public void setUp() {
    if (polluted) {
      Pollution.run();
    }
    x = Batch.allocate(arena, m, k);
    x.load(Samples.normal(arena, (long) m * k, 1, 1), 0);
    y = Batch.allocate(arena, m, n);
    gx = Batch.allocate(arena, m, k);
    weight = Samples.normal(arena, (long) n * k, 0.1, 2);
    bias = Samples.normal(arena, n, 0.1, 3);
    gWeight = FloatArray.allocate(arena, (long) n * k);
    gBias = FloatArray.allocate(arena, n);
    packed = FloatArray.allocate(arena, Affine.packedElements(k, n));
    Affine.pack(weight, bias, packed, k, n);
    inputRow = Samples.normal(arena, k, 1, 4);
    outputRow = FloatArray.allocate(arena, n);
  }

  @TearDown
  public void close() {
    arena.close();
  }

  /// y = x W^T + b with a packed weight, as a model that is served computes it.
  @Benchmark
  public void forwardServed() {
    Affine.forwardPacked(x, packed, y);
  }

  /// The same for one row.
  @Benchmark
  public void row() {
    Affine.forwardPacked(inputRow, packed, outputRow, k, n);
  }

  /// y = x W^T + b with the weight as it is, as in training.
  @Benchmark
  public void forwardTraining() {
    Affine.forward(x, weight, bias, y);
  }

  /// gx = gy W.
  @Benchmark
  public void inputGradient() {
    Affine.backward(y, weight, gx);
  }

  /// gW += gy^T x, and the gradient of the bias.
  @Benchmark
  public void weightGradient() {
    Affine.addGradients(x, y, gWeight, gBias);
  }
}
