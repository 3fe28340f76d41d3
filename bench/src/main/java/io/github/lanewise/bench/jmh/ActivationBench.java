package io.github.lanewise.bench.jmh;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.util.List;
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

/// The time of one call of an activation on `n` floats, which come from a normal distribution of
/// deviation 3. The result goes to another array than the input.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ActivationBench {
  /// The parameter whose values are [#names], if [Suites] runs this suite.
  static final String PARAMETER = "op";

  /// PyTorch's name of the function.
  @Param(Suites.ALL)
  String op;

  @Param({"16", "4096", "65536", "16777216"})
  int n;

  /// Whether [Pollution] has run before in this JVM.
  @Param({"false", "true"})
  boolean polluted;

  private final Arena arena = Arena.ofConfined();
  private Activation activation;
  private FloatArray x;
  private FloatArray y;
  private FloatArray gy;
  private FloatArray gx;
  private FloatArray saved;

  /// Every activation of the library.
  static List<String> names() {
    return Activation.defaults().stream().map(Activation::toString).toList();
  }

  @Setup
  public void setUp() {
    if (polluted) {
      Pollution.run();
    }
    activation = Activation.named(op);
    x = Samples.normal(arena, n, 3, 1);
    y = FloatArray.allocate(arena, n);
    gy = Samples.normal(arena, n, 1, 2);
    gx = FloatArray.allocate(arena, n);
    activation.forward(x, y);
    saved = activation.savesOutput() ? FloatArray.allocate(arena, n).copyFrom(y) : x;
  }

  @TearDown
  public void close() {
    arena.close();
  }

  @Benchmark
  public void forward() {
    activation.forward(x, y);
  }

  @Benchmark
  public void backward() {
    activation.backward(saved, gy, gx);
  }
}
