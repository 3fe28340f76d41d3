package io.github.lanewise.bench.jmh;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.optim.Averaging;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.ParameterPrecision;
import io.github.lanewise.optim.Passes;
import io.github.lanewise.optim.rule.Rules;
import io.github.lanewise.optim.rule.SgdConfig;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
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

/// The time of one step of an optimizer on `n` parameters, which lie side by side in memory. They
/// are a square matrix where `n` is a square.
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

  /// How far gradients lie behind the place that parameters have on a page: an odd number of cache
  /// lines, as in a model.
  private static final int STAGGER = 1088 / Float.BYTES;

  private static final String SGD_MOMENTUM = "sgd_momentum";

  /// The name that [Rules#named] knows, or `sgd_momentum` for SGD with a momentum of 0.9.
  @Param(Suites.ALL)
  String optimizer;

  @Param({"4096", "65536", "1048576", "16777216"})
  int n;

  /// What runs around the rule: `none`, `clip` (by the norm), `value` (clipping), `zero` (the
  /// gradient), `average`, `bfloat16` or `block8` (states), `random` or `compensated` (parameters
  /// in bfloat16). What zeroing costs is seen with a rule without decaying moments, such as
  /// `adagrad`: with a gradient that stays 0 the others become subnormal numbers, which take
  /// longer.
  @Param("none")
  String passes;

  /// How many threads take part in a step, the caller's among them.
  @Param("1")
  int threads;

  /// Whether [Pollution] has run before in this JVM.
  @Param({"false", "true"})
  boolean polluted;

  private final Arena arena = Arena.ofShared();

  /// With a queue that allocates nothing.
  private final ThreadPoolExecutor others =
      new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(8));

  private Optimizer stepped;

  /// Every optimizer of the library, and SGD with momentum.
  static List<String> names() {
    List<String> names = new ArrayList<>(Rules.NAMES);
    names.add(SGD_MOMENTUM);
    return names;
  }

  @Setup
  public void setUp() {
    if (polluted) {
      Pollution.run();
    }
    others.setMaximumPoolSize(Math.max(1, threads - 1));
    others.setCorePoolSize(Math.max(1, threads - 1));
    FloatArray value = Samples.normal(arena, n, 1, 1);
    FloatArray gradient =
        FloatArray.allocate(arena, n + STAGGER)
            .slice(STAGGER, n)
            .copyFrom(Samples.normal(arena, n, 1, 2));
    int side = (int) Math.sqrt(n);
    Shape shape = side * side == n ? Shape.of(side, side) : Shape.of(n);
    List<Parameter> slab = List.of(new Parameter("slab", shape, value, gradient));
    boolean hasMomentum = optimizer.equals(SGD_MOMENTUM);
    UpdateRule rule = hasMomentum ? SgdConfig.DEFAULT.withMomentum(0.9) : Rules.named(optimizer);
    stepped = Optimizer.of(arena, slab, rule, around(passes));
    // Adafactor's and LAMB's steps grow with the parameters: with the same gradient in each step
    // and
    // their default rates, these would become infinite.
    stepped.setLearningRate(1e-6);
  }

  private static Passes around(String name) {
    return switch (name) {
      case "none" -> Passes.NONE;
      case "clip" -> Passes.NONE.withMaxNorm(1);
      case "value" -> Passes.NONE.withClipValue(1);
      case "zero" -> Passes.NONE.withZeroesGradient(true);
      case "average" -> Passes.NONE.withAveraging(Averaging.exponential(0.999));
      case "bfloat16" -> Passes.NONE.withStatePrecision(StatePrecision.BFLOAT16);
      case "block8" -> Passes.NONE.withStatePrecision(StatePrecision.BLOCK8);
      case "random" -> Passes.NONE.withParameterPrecision(ParameterPrecision.BFLOAT16_AT_RANDOM);
      case "compensated" ->
          Passes.NONE.withParameterPrecision(ParameterPrecision.BFLOAT16_COMPENSATED);
      default -> throw new IllegalArgumentException("there are no passes " + name);
    };
  }

  @TearDown
  public void close() {
    others.close();
    arena.close();
  }

  @Benchmark
  public void step() {
    if (threads == 1) {
      stepped.step();
    } else {
      stepped.step(others, threads);
    }
  }
}
