package io.github.lanewise.bench.jmh;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.Sgd;
import io.github.lanewise.optim.SgdConfig;
import java.lang.foreign.Arena;
import java.util.ArrayList;
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

/// The time of one step of an optimizer on `n` parameters, which lie side by side in memory.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class OptimizerBench {
  /// The parameter whose values are [#names], if [Suites] runs this suite.
  static final String PARAMETER = "optimizer";

  private static final String SGD_MOMENTUM = "sgd_momentum";

  /// The name that [Optimizer#named] knows, or `sgd_momentum` for SGD with a momentum of 0.9.
  @Param(Suites.ALL)
  String optimizer;

  @Param({"4096", "65536", "1048576", "16777216"})
  int n;

  /// Whether [Pollution] has run before in this JVM.
  @Param({"false", "true"})
  boolean polluted;

  private final Arena arena = Arena.ofConfined();
  private Optimizer stepped;

  /// Every optimizer of the library, and SGD with momentum.
  static List<String> names() {
    List<String> names = new ArrayList<>(Optimizer.NAMES);
    names.add(SGD_MOMENTUM);
    return names;
  }

  @Setup
  public void setUp() {
    if (polluted) {
      Pollution.run();
    }
    FloatArray value = Samples.normal(arena, n, 1, 1);
    FloatArray gradient = Samples.normal(arena, n, 1, 2);
    List<Parameter> slab = List.of(new Parameter("slab", Shape.of(n), value, gradient));
    stepped =
        optimizer.equals(SGD_MOMENTUM)
            ? Sgd.of(arena, slab, SgdConfig.DEFAULT.withMomentum(0.9))
            : Optimizer.named(optimizer, arena, slab, 1e-3);
  }

  @TearDown
  public void close() {
    arena.close();
  }

  @Benchmark
  public void step() {
    stepped.step();
  }
}
