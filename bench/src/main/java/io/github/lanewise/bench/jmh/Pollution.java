package io.github.lanewise.bench.jmh;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.rule.Rules;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/// Runs what a program may have run before the call that is measured.
///
/// HotSpot compiles code for what it has seen, so other kernels and short arrays can leave a kernel
/// slower for good. Here all activations, the two softmaxes, all optimizers and a linear layer run
/// forward and backward, in random order, on 1 to 16 elements each, until they are compiled.
final class Pollution {
  private static final int ROUNDS = 20_000;
  private static final int LONGEST = 16;

  private Pollution() {}

  /// Makes the calls: 20,000 of each kernel.
  static void run() {
    try (Arena arena = Arena.ofConfined()) {
      List<Runnable> calls = new ArrayList<>();
      for (int n = 1; n <= LONGEST; n++) {
        addCalls(calls, arena, n);
      }
      Random random = new Random(7);
      for (int round = 0; round < ROUNDS / LONGEST; round++) {
        Collections.shuffle(calls, random);
        calls.forEach(Runnable::run);
      }
    }
  }

  private static void addCalls(List<Runnable> calls, Arena arena, int n) {
    FloatArray x = Samples.normal(arena, n, 3, n);
    FloatArray y = FloatArray.allocate(arena, n);
    FloatArray g = Samples.normal(arena, n, 1, -n);
    for (Activation activation : Activation.defaults()) {
      calls.add(() -> activation.forward(x, y));
      calls.add(() -> activation.backward(x, g, y));
    }
    calls.add(() -> Softmax.forward(x, y, 1, n));
    calls.add(() -> Softmax.backward(x, g, y, 1, n));
    calls.add(() -> LogSoftmax.forward(x, y, 1, n));
    calls.add(() -> LogSoftmax.backward(x, g, y, 1, n));
    Parameter slab = new Parameter("slab", Shape.of(n), y, g);
    for (String name : Rules.NAMES) {
      calls.add(Optimizer.named(name, arena, List.of(slab), 1e-3)::step);
    }
    Model model = Sequential.of(Linear.of(n, n)).initialize(arena, n);
    TrainingSession training = model.training(arena, 1, Loss.meanSquaredError());
    calls.add(
        () -> {
          training.forward(x, g);
          training.backward();
        });
  }
}
