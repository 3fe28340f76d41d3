package io.github.lanewise.bench.jmh;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.WeightPrecision;
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

/// The time of a call of a session of a served model: a network of linear layers of the given
/// widths, with ReLU between them.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class InferenceBench {
  @Param({"64-128-10", "256-256-256-1", "512-1024-1024-256"})
  String network;

  @Param({"1", "32"})
  int rows;

  /// How the model keeps its weights: `FLOAT32` or `BFLOAT16`.
  @Param("FLOAT32")
  WeightPrecision precision;

  /// Whether [Pollution] has run before in this JVM.
  @Param({"false", "true"})
  boolean polluted;

  private final Arena arena = Arena.ofConfined();
  private InferenceSession session;
  private FloatArray x;
  private FloatArray y;
  private float[] features;
  private float[] outputs;

  @Setup
  public void setUp() {
    if (polluted) {
      Pollution.run();
    }
    Sequential layers = Networks.ofWidths(network);
    session = layers.initialize(arena, 1).serve(arena, precision).session(arena, rows);
    x = Samples.normal(arena, (long) rows * layers.inputs(), 1, 1);
    y = FloatArray.allocate(arena, (long) rows * layers.outputs());
    features = x.toArray();
    outputs = y.toArray();
  }

  @TearDown
  public void close() {
    arena.close();
  }

  @Benchmark
  public void forward() {
    session.forward(x, y);
  }

  /// The same with rows on the heap.
  @Benchmark
  public void forwardOnHeap() {
    session.forward(features, outputs);
  }
}
