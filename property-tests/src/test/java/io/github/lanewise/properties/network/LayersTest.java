package io.github.lanewise.properties.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.nn.Dropout;
import io.github.lanewise.nn.LayerNorm;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.PRelu;
import io.github.lanewise.properties.support.Differences;
import io.github.lanewise.properties.support.Samples;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/// Every layer on batches of generated shapes, from a part of a strip to several strips, against
/// double precision, whose gradients in turn are the limits of differences.
class LayersTest {
  /// Sums of up to 70 products of values around 1: some roundings of 6e-8 of the largest.
  private static final double ERROR = 3e-6;

  /// Nearer to a kink a float can fall on the other side of it.
  private static final double KINK_ROOM = 1e-6;

  /// A kind of layer, for a number of features that is even.
  record Kind(String name, IntFunction<Layer> make) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<Kind> KINDS =
      List.of(
          new Kind("linear", n -> Linear.of(n, n / 2 + 3)),
          new Kind("wide linear", n -> Linear.of(n, 3 * n)),
          new Kind("prelu", PRelu::of),
          new Kind("prelu of one slope", n -> PRelu.of()),
          new Kind("glu", n -> Glu.LAYER),
          new Kind("layer norm", LayerNorm::of),
          new Kind("layer norm with a large eps", n -> new LayerNorm(n, 0.5)),
          new Kind("softmax", n -> Softmax.LAYER),
          new Kind("log-softmax", n -> LogSoftmax.LAYER),
          new Kind("dropout", n -> new Dropout(0.3, 5)),
          new Kind("gelu", n -> Activation.GELU),
          new Kind("sigmoid", n -> Activation.SIGMOID),
          new Kind("relu", n -> Activation.RELU));

  @Provide
  static Arbitrary<Kind> kinds() {
    return Arbitraries.of(KINDS);
  }

  @Property(tries = 600)
  void aLayerHasTheValuesAndGradientsOfDoublePrecision(
      @ForAll("kinds") Kind kind,
      @ForAll @IntRange(min = 1, max = 70) int rows,
      @ForAll @IntRange(min = 1, max = 24) int halfOfFeatures,
      @ForAll long seed) {
    int n = 2 * halfOfFeatures;
    Layer layer = kind.make.apply(n);
    int m = layer.outputs(n);
    List<float[]> values = parameters(layer, seed);
    LayerOracle oracle = LayerOracle.of(layer, values, n, rows, 9);
    float[] features = Samples.normal(seed, rows * n, 1.5);
    float[] gradient = Samples.normal(seed + 1, rows * m, 1);
    double[] exactY = oracle.forward(LayerOracle.asDoubles(features));
    double[] exactGx = oracle.backward(LayerOracle.asDoubles(gradient));
    Assume.that(oracle.nearestKink > KINK_ROOM);
    String what = layer + " of " + n + ", " + rows + " rows, seed " + seed;
    try (Arena arena = Arena.ofConfined()) {
      Run run = new Run(arena, layer, values, rows, n, seed);
      run.forward(features);
      run.backward(gradient, true);
      double allowed = ERROR * oracle.amplification;
      assertClose(what, exactY, rows(run.y), allowed);
      assertClose(what + ", gx", exactGx, rows(run.gx), allowed * oracle.amplification);
      for (int i = 0; i < values.size(); i++) {
        double[] exact = oracle.gradients[i].clone();
        for (int j = 0; j < exact.length; j++) {
          exact[j] += run.before.get(i)[j];
        }
        String name = what + ", " + layer.parameters().get(i).name();
        assertClose(name, exact, run.gradients.get(i).toArray(), allowed * Math.sqrt(rows));
      }
      Run without = new Run(arena, layer, values, rows, n, seed);
      without.forward(features);
      without.backward(gradient, false);
      for (int i = 0; i < values.size(); i++) {
        float[] same = without.gradients.get(i).toArray();
        Verdict.sameBits(what + " without gx", run.gradients.get(i).toArray(), same);
      }
    }
  }

  @Property(tries = 150)
  void theOracleHasTheLimitsOfDifferences(
      @ForAll("kinds") Kind kind,
      @ForAll @IntRange(min = 1, max = 3) int rows,
      @ForAll @IntRange(min = 1, max = 4) int halfOfFeatures,
      @ForAll long seed) {
    int n = 2 * halfOfFeatures;
    Layer layer = kind.make.apply(n);
    LayerOracle oracle = LayerOracle.of(layer, parameters(layer, seed), n, rows, 9);
    double[] x = LayerOracle.asDoubles(Samples.normal(seed, rows * n, 1.5));
    double[] gy = LayerOracle.asDoubles(Samples.normal(seed + 1, rows * layer.outputs(n), 1));
    oracle.forward(x);
    double[] gx = oracle.backward(gy);
    Assume.that(oracle.nearestKink > 0.01 && oracle.amplification < 10);
    assertSlopes(layer + ", gx", oracle, x, gy, x, gx);
    for (int i = 0; i < oracle.parameters.length; i++) {
      assertSlopes(layer + ", " + i, oracle, x, gy, oracle.parameters[i], oracle.gradients[i]);
    }
  }

  /// Requires that the sum of gy y changes with each value as the gradient says.
  private static void assertSlopes(
      String what,
      LayerOracle oracle,
      double[] x,
      double[] gy,
      double[] changed,
      double[] gradient) {
    for (int j = 0; j < changed.length; j++) {
      int at = j;
      double before = changed[j];
      double limit =
          Differences.ridders(
              v -> {
                changed[at] = v;
                double[] y = oracle.compute(x);
                double sum = 0;
                for (int i = 0; i < y.length; i++) {
                  sum += gy[i] * y[i];
                }
                return sum;
              },
              before,
              1e-3);
      changed[j] = before;
      assertEquals(limit, gradient[j], 1e-6 * Math.max(1, Math.abs(limit)), what + "[" + j + "]");
    }
  }

  /// A layer with its parameters, and a batch on its way through it. The batch is loaded from the
  /// second row of an array on.
  private static final class Run {
    final Layer layer;
    final List<FloatArray> parameters = new ArrayList<>();
    final List<FloatArray> gradients = new ArrayList<>();
    final List<float[]> before = new ArrayList<>();
    final Arena arena;
    final Batch x;
    final Batch y;
    final Batch gy;
    final Batch gx;

    Run(Arena arena, Layer layer, List<float[]> values, int rows, int n, long seed) {
      this.arena = arena;
      this.layer = layer;
      for (float[] value : values) {
        before.add(Samples.normal(seed + 7, value.length, 1));
        parameters.add(FloatArray.of(arena, value));
        gradients.add(FloatArray.of(arena, before.getLast()));
      }
      // Larger than the rows, as a session's batches are.
      x = Batch.allocate(arena, rows + 9, n);
      y = Batch.allocate(arena, rows + 9, layer.outputs(n));
      gy = Batch.allocate(arena, rows + 9, layer.outputs(n));
      gx = Batch.allocate(arena, rows + 9, n);
      for (Batch batch : List.of(x, y, gy, gx)) {
        batch.array().fill(Float.NaN);
        batch.resize(rows, 9);
      }
    }

    void forward(float[] features) {
      x.load(shifted(features, x.features()), 1);
      layer.forwardInTraining(x, parameters, y);
    }

    void backward(float[] gradient, boolean needsGx) {
      gy.load(shifted(gradient, gy.features()), 1);
      layer.backward(x, y, gy, parameters, gradients, needsGx ? gx : null);
    }

    private FloatArray shifted(float[] rows, int features) {
      FloatArray array = FloatArray.allocate(arena, (long) rows.length + features);
      array.copyRange(rows, 0, features, rows.length);
      return array;
    }
  }

  private static List<float[]> parameters(Layer layer, long seed) {
    return layer.parameters().stream()
        .map(spec -> Samples.normal(seed + spec.name().length(), (int) spec.shape().elements(), 1))
        .toList();
  }

  private static float[] rows(Batch batch) {
    float[] values = new float[batch.rows() * batch.features()];
    for (int i = 0; i < values.length; i++) {
      values[i] = batch.get(i / batch.features(), i % batch.features());
    }
    return values;
  }

  private static void assertClose(String what, double[] exact, float[] actual, double error) {
    assertEquals(exact.length, actual.length, what);
    double largest = 1;
    for (double value : exact) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < exact.length; i++) {
      assertEquals(exact[i], actual[i], error * largest, what + "[" + i + "]");
    }
  }
}
