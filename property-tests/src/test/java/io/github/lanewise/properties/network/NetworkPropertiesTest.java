package io.github.lanewise.properties.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.nn.Dropout;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.LayerNorm;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.PRelu;
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

  private static final int MOST_ROWS = 70;

  /// Layers of sums of up to 70 products of values around 1: tens of roundings of 6e-8, of the
  /// largest value of an array, or of the sizes that were added to it and may cancel.
  private static final double ERROR = 1e-5;

  /// Nearer to a kink a float can fall on the other side of it.
  private static final double KINK_ROOM = 1e-5;

  /// A row whose values hardly differ is normalised to values of which no digit may be right.
  private static final double MOST_AMPLIFICATION = 100;

  private enum Kind {
    CLASSIFIER,
    REGRESSION,
    GRADIENT_OF_THE_CALLER
  }

  @Property(tries = 300)
  void aClassifierHasTheLossAndGradientsOfDoublePrecision(
      @ForAll @IntRange(max = 4) int hidden,
      @ForAll @IntRange(min = 1, max = MOST_ROWS) int rows,
      @ForAll long seed) {
    assertNetwork(hidden, rows, seed, Kind.CLASSIFIER);
  }

  @Property(tries = 300)
  void aRegressionHasTheLossAndGradientsOfDoublePrecision(
      @ForAll @IntRange(max = 4) int hidden,
      @ForAll @IntRange(min = 1, max = MOST_ROWS) int rows,
      @ForAll long seed) {
    assertNetwork(hidden, rows, seed, Kind.REGRESSION);
  }

  @Property(tries = 300)
  void aGradientOfTheCallerGivesTheGradientsOfDoublePrecision(
      @ForAll @IntRange(max = 4) int hidden,
      @ForAll @IntRange(min = 1, max = MOST_ROWS) int rows,
      @ForAll long seed) {
    assertNetwork(hidden, rows, seed, Kind.GRADIENT_OF_THE_CALLER);
  }

  @Property(tries = 100)
  void aPrefixOfABatchHasTheBitsOfTheBatch(
      @ForAll @IntRange(min = 2, max = MOST_ROWS) int rows, @ForAll long seed) {
    try (Arena arena = Arena.ofConfined()) {
      Sequential network = network(new SplittableRandom(seed), 2);
      Model model = network.initialize(arena, seed);
      InferenceSession session = model.inference(arena, rows);
      int in = network.inputs();
      int out = network.outputs();
      FloatArray x = FloatArray.of(arena, Samples.normal(seed, rows * in, 1));
      FloatArray y = FloatArray.allocate(arena, (long) rows * out);
      session.forward(x, y);
      for (int prefix = 1; prefix < rows; prefix += 1 + rows / 5) {
        FloatArray head = FloatArray.allocate(arena, (long) prefix * out);
        session.forward(x.slice(0, (long) prefix * in), head);
        Verdict.sameBits(
            "a prefix of " + prefix, y.slice(0, (long) prefix * out).toArray(), head.toArray());
      }
    }
  }

  private static void assertNetwork(int hidden, int rows, long seed, Kind kind) {
    SplittableRandom random = new SplittableRandom(seed);
    Sequential network = network(random, hidden);
    int out = network.outputs();
    float[] x = Samples.normal(seed, rows * network.inputs(), 1);
    int[] classes = Samples.classes(seed, rows, out);
    float[] targets = Samples.normal(seed + 1, rows * out, 1);
    try (Arena arena = Arena.ofConfined()) {
      Model model = network.initialize(arena, seed);
      for (Parameter parameter : model.parameters()) {
        perturb(parameter.value(), random); // what begins at 0 or 1 is trained away from it
      }
      Exact exact = new Exact(model, rows);
      double[] y = exact.forward(LayerOracle.asDoubles(x));
      double[] gy = LayerOracle.asDoubles(targets);
      double loss =
          switch (kind) {
            case CLASSIFIER -> crossEntropy(y, classes, gy);
            case REGRESSION -> squaredError(y, targets, gy);
            case GRADIENT_OF_THE_CALLER -> 0;
          };
      double[] gradientOfX = exact.backward(gy);
      Assume.that(exact.nearestKink() > KINK_ROOM);
      Assume.that(exact.amplification() < MOST_AMPLIFICATION);

      TrainingSession training =
          model.training(
              arena,
              MOST_ROWS,
              kind == Kind.CLASSIFIER ? Loss.crossEntropy() : Loss.meanSquaredError());
      FloatArray features = FloatArray.of(arena, x);
      FloatArray gx = FloatArray.allocate(arena, features.length());
      FloatArray given = FloatArray.of(arena, targets);
      String what = network + ", " + rows + " rows, seed " + seed;
      switch (kind) {
        case CLASSIFIER -> {
          float actual = training.forward(features, classes);
          assertEquals(loss, actual, ERROR * exact.amplification() * Math.max(1, loss), what);
          training.backward(gx);
        }
        case REGRESSION -> {
          float actual = training.forward(features, given);
          assertEquals(loss, actual, ERROR * exact.amplification() * Math.max(1, loss), what);
          training.backward(gx);
        }
        case GRADIENT_OF_THE_CALLER -> {
          training.forward(features);
          training.backwardFrom(given);
        }
      }
      FloatArray outputs = FloatArray.allocate(arena, y.length);
      training.outputs(outputs);
      assertClose(what + ", outputs", y, outputs, exact);
      if (kind != Kind.GRADIENT_OF_THE_CALLER) {
        assertClose(what + ", gradient of x", gradientOfX, gx, exact);
      }
      for (int i = 0; i < model.parameters().size(); i++) {
        Parameter parameter = model.parameters().get(i);
        String name = what + ", " + parameter.name();
        assertClose(name, exact.gradients.get(i), parameter.gradient(), exact);
      }
    }
  }

  /// A network in double precision, in the first step of training.
  private static final class Exact {
    private final List<LayerOracle> layers = new ArrayList<>();
    final List<double[]> gradients = new ArrayList<>();

    /// The largest sum of the sizes of the terms that make one element of a gradient.
    double largestSize;

    Exact(Model model, int rows) {
      int width = model.network().inputs();
      int from = 0;
      for (Layer layer : model.network().layers()) {
        int to = from + layer.parameters().size();
        List<float[]> values =
            model.parameters().subList(from, to).stream().map(p -> p.value().toArray()).toList();
        LayerOracle oracle = LayerOracle.of(layer, values, width, rows, 0);
        layers.add(oracle);
        gradients.addAll(List.of(oracle.gradients));
        width = layer.outputs(width);
        from = to;
      }
    }

    double[] forward(double[] x) {
      double[] h = x;
      for (LayerOracle layer : layers) {
        h = layer.forward(h);
      }
      return h;
    }

    double[] backward(double[] gradient) {
      double[] g = gradient;
      for (LayerOracle layer : layers.reversed()) {
        double size = 0;
        double largest = 1;
        for (double value : g) {
          size += Math.abs(value);
        }
        for (double value : layer.x) {
          largest = Math.max(largest, Math.abs(value));
        }
        // About as much as a column of it.
        largestSize = Math.max(largestSize, size * largest / Math.sqrt(g.length));
        g = layer.backward(g);
      }
      return g;
    }

    double nearestKink() {
      return layers.stream().mapToDouble(layer -> layer.nearestKink).min().orElseThrow();
    }

    double amplification() {
      return layers.stream().mapToDouble(layer -> layer.amplification).reduce(1, (a, b) -> a * b);
    }
  }

  /// Mean cross-entropy; overwrites `gy` by its gradient.
  private static double crossEntropy(double[] y, int[] classes, double[] gy) {
    int cols = y.length / classes.length;
    double loss = 0;
    for (int i = 0; i < classes.length; i++) {
      double max = Double.NEGATIVE_INFINITY;
      double sum = 0;
      for (int j = 0; j < cols; j++) {
        max = Math.max(max, y[i * cols + j]);
      }
      for (int j = 0; j < cols; j++) {
        sum += StrictMath.exp(y[i * cols + j] - max);
      }
      loss += (max + StrictMath.log(sum) - y[i * cols + classes[i]]) / classes.length;
      for (int j = 0; j < cols; j++) {
        double p = StrictMath.exp(y[i * cols + j] - max) / sum;
        gy[i * cols + j] = (p - (j == classes[i] ? 1 : 0)) / classes.length;
      }
    }
    return loss;
  }

  /// Mean squared error; overwrites `gy` by its gradient.
  private static double squaredError(double[] y, float[] targets, double[] gy) {
    double loss = 0;
    for (int i = 0; i < y.length; i++) {
      double difference = y[i] - targets[i];
      loss += difference * difference / y.length;
      gy[i] = 2 * difference / y.length;
    }
    return loss;
  }

  private static void perturb(FloatArray values, SplittableRandom random) {
    for (long i = 0; i < values.length(); i++) {
      values.set(i, values.get(i) + 0.3f * (random.nextFloat() - 0.5f));
    }
  }

  /// A linear layer of 1 to 40 features, and after each hidden one any other kind of layer.
  private static Sequential network(SplittableRandom random, int hidden) {
    List<Layer> layers = new ArrayList<>();
    int width = random.nextInt(1, 41);
    for (int i = 0; i <= hidden; i++) {
      int next = random.nextInt(1, 41);
      layers.add(Linear.of(width, next));
      width = next;
      if (i < hidden) {
        Layer between = between(random, width);
        layers.add(between);
        width = between.outputs(width);
      }
    }
    return Sequential.of(layers.toArray(Layer[]::new));
  }

  private static Layer between(SplittableRandom random, int width) {
    return switch (random.nextInt(8)) {
      case 0 -> PRelu.of(width);
      case 1 -> PRelu.of();
      case 2 -> width < 4 ? Softmax.LAYER : LayerNorm.of(width);
      case 3 -> Softmax.LAYER;
      case 4 -> LogSoftmax.LAYER;
      case 5 -> width % 2 == 0 ? Glu.LAYER : Dropout.of(3);
      case 6 -> new Dropout(0.2, random.nextLong());
      default -> OPS.get(random.nextInt(OPS.size())).activation();
    };
  }

  private static void assertClose(String what, double[] values, FloatArray actual, Exact exact) {
    double largest = exact.largestSize;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    double bound = ERROR * exact.amplification() * largest;
    for (int i = 0; i < values.length; i++) {
      assertEquals(values[i], actual.get(i), bound, what + "[" + i + "]");
    }
  }
}
