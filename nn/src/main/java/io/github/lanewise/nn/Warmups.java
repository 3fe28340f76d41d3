package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;

/// Which calls the warm-up of a model makes.
final class Warmups {
  private Warmups() {}

  /// Warms up the calls of an inference session.
  ///
  static WarmUp serving(ServedModel model, int[] batchSizes) {
    requireSizes(batchSizes);
    try (Arena arena = Arena.ofShared()) {
      Warmer warmer = new Warmer("serving rows " + Arrays.toString(batchSizes));
      Parts parts = new Parts(arena, warmer, model.precision());
      addParts(parts, model.network(), batchSizes);
      int most = Arrays.stream(batchSizes).max().orElseThrow();
      InferenceSession session = model.session(arena, most);
      for (int rows : batchSizes) {
        FloatArray x = features(arena, model.network(), rows);
        FloatArray y = FloatArray.allocate(arena, (long) rows * model.network().outputs());
        float[] heapX = x.toArray();
        float[] heapY = y.toArray();
        warmer.calls(
            4,
            () -> {
              session.forward(x, y);
              session.forward(x, y);
              session.forward(heapX, heapY);
              session.forward(heapX, heapY);
            });
      }
      return warmer.run();
    }
  }

  /// Warms up the calls of a pool.
  static WarmUp pool(ModelPool pool, int[] batchSizes) {
    requireSizes(batchSizes);
    try (Arena arena = Arena.ofShared()) {
      Warmer warmer = new Warmer("a pool of rows " + Arrays.toString(batchSizes));
      Sequential network = pool.network();
      addParts(new Parts(arena, warmer, pool.precision()), network, batchSizes);
      for (int rows : batchSizes) {
        FloatArray x = features(arena, network, rows);
        FloatArray y = FloatArray.allocate(arena, (long) rows * network.outputs());
        float[] heapX = x.toArray();
        float[] heapY = y.toArray();
        warmer.calls(
            8,
            () -> {
              forwardTwice(pool, x, y);
              forwardTwice(pool, heapX, heapY);
              pool.forward(x, y);
              pool.forward(x, y);
              pool.forward(heapX, heapY);
              pool.forward(heapX, heapY);
            });
      }
      return warmer.run();
    }
  }

  private static void forwardTwice(ModelPool pool, FloatArray x, FloatArray y) {
    try (Lease lease = pool.borrow()) {
      lease.forward(x, y);
    }
    try (Lease lease = pool.borrow()) {
      lease.forward(x, y);
    }
  }

  private static void forwardTwice(ModelPool pool, float[] x, float[] y) {
    try (Lease lease = pool.borrow()) {
      lease.forward(x, y);
    }
    try (Lease lease = pool.borrow()) {
      lease.forward(x, y);
    }
  }

  private static void addParts(Parts parts, Sequential network, int[] batchSizes) {
    if (Arrays.stream(batchSizes).anyMatch(InferenceSession::hasSingleRows)) {
      parts.addRows(network);
    }
    if (Arrays.stream(batchSizes).anyMatch(InferenceSession::hasStrips)) {
      parts.addStrips(network);
    }
  }

  /// Warms up the steps of a training session, on a model of its own.
  static WarmUp training(
      Sequential network,
      int rows,
      Loss loss,
      BiFunction<Arena, List<Parameter>, Runnable> optimizer) {
    requireSizes(new int[] {rows});
    try (Arena arena = Arena.ofShared()) {
      Warmer warmer = new Warmer("training with rows " + rows);
      new Parts(arena, warmer, WeightPrecision.FLOAT32).addTraining(network);
      Model model = network.initialize(arena, 1);
      TrainingSession session = model.training(arena, rows, loss);
      FloatArray x = features(arena, network, rows);
      Runnable step = optimizer.apply(arena, model.parameters());
      Runnable forward = forward(session, x, network, rows, arena);
      warmer.call(
          () -> {
            forward.run();
            session.backward();
            step.run();
          });
      return warmer.run();
    }
  }

  /// Returns a forward with classes, or, if the loss does not take them, with targets.
  private static Runnable forward(
      TrainingSession session, FloatArray x, Sequential network, int rows, Arena arena) {
    int[] classes = new int[rows];
    FloatArray targets = FloatArray.allocate(arena, (long) rows * network.outputs()).fill(0.5f);
    try {
      session.forward(x, classes);
      return () -> session.forward(x, classes);
    } catch (IllegalArgumentException e) {
      return () -> session.forward(x, targets);
    }
  }

  private static FloatArray features(Arena arena, Sequential network, int rows) {
    return FloatArray.allocate(arena, (long) rows * network.inputs()).fill(0.5f);
  }

  private static void requireSizes(int[] batchSizes) {
    if (batchSizes.length == 0) {
      throw new IllegalArgumentException("a warm-up needs a number of rows");
    }
    for (int rows : batchSizes) {
      if (rows < 1) {
        throw new IllegalArgumentException("a call of " + rows + " rows is not possible");
      }
    }
  }
}
