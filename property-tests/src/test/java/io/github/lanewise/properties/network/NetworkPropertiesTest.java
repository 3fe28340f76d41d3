package io.github.lanewise.properties.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.properties.support.Samples;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/// Whole networks of generated shapes against double precision: outputs, losses, gradients.
class NetworkPropertiesTest {
  /// Without the functions that have no value, or an immense one, for what a layer gives.
  private static final List<Op> OPS =
      Ops.all().stream()
          .filter(op -> !List.of("exp", "expm1", "log", "log1p").contains(op.name()))
          .toList();

  /// Four layers of sums of up to 40 products of values around 1: tens of roundings of 6e-8, of the
  /// largest value of an array, or of the sizes that were added to it and may cancel.
  private static final double ERROR = 1e-5;

  /// Nearer to a kink a float can fall on the other side of it.
  private static final double KINK_ROOM = 1e-4;

  @Property(tries = 300)
  void aClassifierHasTheLossAndGradientsOfDoublePrecision(
      @ForAll @IntRange(max = 3) int hidden,
      @ForAll @IntRange(min = 1, max = 12) int rows,
      @ForAll long seed) {
    assertNetwork(hidden, rows, seed, true);
  }

  @Property(tries = 300)
  void aRegressionHasTheLossAndGradientsOfDoublePrecision(
      @ForAll @IntRange(max = 3) int hidden,
      @ForAll @IntRange(min = 1, max = 12) int rows,
      @ForAll long seed) {
    assertNetwork(hidden, rows, seed, false);
  }

  @Property(tries = 100)
  void aPrefixOfABatchHasTheBitsOfTheBatch(
      @ForAll @IntRange(min = 2, max = 12) int rows, @ForAll long seed) {
    try (Arena arena = Arena.ofConfined()) {
      SplittableRandom random = new SplittableRandom(seed);
      Sequential network = network(random, 2, new ArrayList<>(), new ArrayList<>());
      Model model = network.initialize(arena, seed);
      InferenceSession session = model.inference(arena, rows);
      long in = network.inputs();
      long out = network.outputs();
      FloatArray x = FloatArray.of(arena, Samples.normal(seed, (int) (rows * in), 2));
      FloatArray y = FloatArray.allocate(arena, rows * out);
      session.forward(x, y);
      for (int n = 1; n < rows; n++) {
        FloatArray part = FloatArray.allocate(arena, n * out);
        session.forward(x.slice(0, n * in), part);
        Verdict.sameBits(n + " rows of " + rows, y.slice(0, n * out).toArray(), part.toArray());
      }
    }
  }

  private static void assertNetwork(int hidden, int rows, long seed, boolean classifies) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Op> activations = new ArrayList<>();
    List<Integer> widths = new ArrayList<>();
    Sequential network = network(random, hidden, activations, widths);
    int in = network.inputs();
    int out = network.outputs();
    try (Arena arena = Arena.ofConfined()) {
      Model model = network.initialize(arena, seed);
      List<float[]> weights = new ArrayList<>();
      List<float[]> biases = new ArrayList<>();
      for (Parameter parameter : model.parameters()) {
        (parameter.shape().rank() == 2 ? weights : biases).add(parameter.value().toArray());
      }
      float[] x = Samples.normal(seed, rows * in, 1);
      int[] classes = Samples.classes(seed, rows, out);
      float[] targets = Samples.normal(seed + 1, rows * out, 1);
      NetworkOracle oracle = new NetworkOracle(weights, biases, activations);
      if (classifies) {
        oracle.crossEntropy(x, classes);
      } else {
        oracle.meanSquaredError(x, targets, rows);
      }
      Assume.that(oracle.nearestKink() > KINK_ROOM);

      TrainingSession training =
          model.training(arena, 12, classifies ? Loss.crossEntropy() : Loss.meanSquaredError());
      FloatArray features = FloatArray.of(arena, x);
      FloatArray gx = FloatArray.allocate(arena, features.length());
      float loss =
          classifies
              ? training.forward(features, classes)
              : training.forward(features, FloatArray.of(arena, targets));
      training.backward(gx);
      String what = network + ", " + rows + " rows, seed " + seed;
      assertEquals(oracle.loss(), loss, ERROR * Math.max(1, oracle.loss()), what);
      assertClose(what + ", gradient of x", oracle.inputGradient(), gx, oracle.largestSize());
      for (int i = 0; i < model.parameters().size(); i++) {
        double[] exact =
            (i % 2 == 0 ? oracle.weightGradients() : oracle.biasGradients()).get(i / 2);
        Parameter parameter = model.parameters().get(i);
        assertClose(
            what + ", " + parameter.name(), exact, parameter.gradient(), oracle.largestSize());
      }
    }
  }

  /// Layers of 1 to 40 features, with an activation from the table between them.
  private static Sequential network(
      SplittableRandom random, int hidden, List<Op> activations, List<Integer> widths) {
    List<Layer> layers = new ArrayList<>();
    widths.add(random.nextInt(1, 41));
    for (int i = 0; i <= hidden; i++) {
      widths.add(random.nextInt(1, 41));
      layers.add(Linear.of(widths.get(i), widths.get(i + 1)));
      if (i < hidden) {
        Op op = OPS.get(random.nextInt(OPS.size()));
        activations.add(op);
        layers.add(op.activation());
      }
    }
    return Sequential.of(layers.toArray(Layer[]::new));
  }

  private static void assertClose(String what, double[] exact, FloatArray actual, double size) {
    double largest = 0;
    for (double value : exact) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < exact.length; i++) {
      double bound = ERROR * Math.max(largest, size);
      assertEquals(exact[i], actual.get(i), bound, what + "[" + i + "]");
    }
  }
}
