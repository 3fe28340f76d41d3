package io.github.lanewise.bench.jmh;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.Softmax;
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

/// The time of one call of softmax or log-softmax on `rows` rows of `cols` floats. The result goes
/// to another array than the input.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SoftmaxBench {
  /// The number of rows, or 0 for as many as make 65536 floats.
  @Param("0")
  int rows;

  @Param({"16", "128", "1024", "32768"})
  int cols;

  /// Whether [Pollution] has run before in this JVM.
  @Param({"false", "true"})
  boolean polluted;

  private final Arena arena = Arena.ofConfined();
  private int height;
  private FloatArray x;
  private FloatArray y;
  private FloatArray logY;
  private FloatArray gy;
  private FloatArray gx;

  /// Returns the number of rows of a call, for the values of the parameters.
  public static int height(int rows, int cols) {
    return rows == 0 ? Math.max(1, 65536 / cols) : rows;
  }

  @Setup
  public void setUp() {
    if (polluted) {
      Pollution.run();
    }
    height = height(rows, cols);
    long n = (long) height * cols;
    x = Samples.normal(arena, n, 1, 1);
    y = FloatArray.allocate(arena, n);
    logY = FloatArray.allocate(arena, n);
    gy = Samples.normal(arena, n, 1, 2);
    gx = FloatArray.allocate(arena, n);
    Softmax.forward(x, y, height, cols);
    LogSoftmax.forward(x, logY, height, cols);
  }

  @TearDown
  public void close() {
    arena.close();
  }

  @Benchmark
  public void softmaxForward() {
    Softmax.forward(x, y, height, cols);
  }

  @Benchmark
  public void softmaxBackward() {
    Softmax.backward(y, gy, gx, height, cols);
  }

  @Benchmark
  public void logSoftmaxForward() {
    LogSoftmax.forward(x, logY, height, cols);
  }

  @Benchmark
  public void logSoftmaxBackward() {
    LogSoftmax.backward(logY, gy, gx, height, cols);
  }
}
