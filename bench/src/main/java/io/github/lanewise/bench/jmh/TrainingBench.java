package io.github.lanewise.bench.jmh;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.rule.AdamConfig;
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

/// The time of a step of training a classifier with Adam: a network of linear layers of the given
/// widths, with ReLU between them and cross-entropy at the end.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 8, time = 1)
@Measurement(iterations = 5, time = 1)
public class TrainingBench {
  /// The network, and the number of rows of a step.
  @Param({"64-128-10 by 32", "784-256-128-10 by 64"})
  String job;

  /// Whether [Pollution] has run before in this JVM.
  @Param({"false", "true"})
  boolean polluted;

  private final Arena arena = Arena.ofConfined();
  private TrainingSession session;
  private Optimizer adam;
  private FloatArray x;
  private int[] labels;

  @Setup
  public void setUp() {
    if (polluted) {
      Pollution.run();
    }
    String[] parts = job.split(" by ", -1);
    int rows = Integer.parseInt(parts[1]);
    Model model = Networks.ofWidths(parts[0]).initialize(arena, 1);
    session = model.training(arena, rows, Loss.crossEntropy());
    adam = Optimizer.of(arena, model.parameters(), AdamConfig.DEFAULT);
    x = Samples.normal(arena, (long) rows * model.network().inputs(), 1, 1);
    labels = new int[rows];
    for (int i = 0; i < rows; i++) {
      labels[i] = i % model.network().outputs();
    }
  }

  @TearDown
  public void close() {
    arena.close();
  }

  /// Returns the loss of the step.
  @Benchmark
  public float step() {
    float loss = session.forward(x, labels);
    adam.zeroGrad();
    session.backward();
    adam.step();
    return loss;
  }

  /// Returns the loss of the batch, without its gradient.
  @Benchmark
  public float evaluate() {
    return session.evaluate(x, labels);
  }
}
