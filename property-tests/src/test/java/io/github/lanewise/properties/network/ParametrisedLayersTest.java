package io.github.lanewise.properties.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.bench.accuracy.Oracle;
import io.github.lanewise.core.Activation;
import io.github.lanewise.core.CrossEntropy;
import io.github.lanewise.core.ElementwiseLoss;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.PRelu;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.rule.AdamConfig;
import io.github.lanewise.properties.support.Differences;
import io.github.lanewise.properties.support.Samples;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Parametric ReLU and the gated linear unit as layers, and every loss in training.
class ParametrisedLayersTest {
  private static final int ROWS = 5;

  /// Softmax adds the elements of a row of an array in another order than those of a batch.
  private static final float ROUNDINGS = 4 * 0x1p-24f;

  private static final Sequential NETWORK =
      Sequential.of(
          Linear.of(3, 8),
          PRelu.of(8),
          Linear.of(8, 6),
          Activation.SIGMOID,
          Activation.TANH,
          Glu.LAYER,
          PRelu.of(),
          Linear.of(3, 2));

  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void slopesAreNamedAndBeginAsInPyTorch() {
    Model model = NETWORK.initialize(arena, 1);
    assertEquals(
        "[0.weight, 0.bias, 1.weight, 2.weight, 2.bias, 6.weight, 7.weight, 7.bias]",
        model.stateDict().names().toString());
    for (int layer : new int[] {1, 6}) {
      FloatArray slopes = model.stateDict().get(layer + ".weight").values();
      assertEquals(layer == 1 ? 8 : 1, slopes.length());
      for (float slope : slopes.toArray()) {
        assertEquals(0.25f, slope);
      }
    }
  }

  @Test
  void gradientsAreTheLimitsOfDifferencesInDouble() {
    Model model = NETWORK.initialize(arena, 3);
    float[] x = Samples.normal(4, ROWS * 3, 2);
    float[] targets = Samples.normal(5, ROWS * 2, 1);
    FloatArray slopes = model.parameters().get(2).value();
    slopes.copyFrom(Samples.normal(6, 8, 0.5));
    model.parameters().get(5).value().set(0, -0.7f);
    TrainingSession training = model.training(arena, ROWS, Loss.meanSquaredError());
    FloatArray features = FloatArray.of(arena, x);
    FloatArray gx = FloatArray.allocate(arena, x.length);
    float loss = training.forward(features, FloatArray.of(arena, targets));
    training.backward(gx);
    double[][] values = values(model);
    assertEquals(loss(values, asDoubles(x), targets), loss, 1e-6);
    for (int i = 0; i < values.length; i++) {
      Parameter parameter = model.parameters().get(i);
      for (int j = 0; j < values[i].length; j++) {
        double[] changed = values[i];
        int at = j;
        double limit = slope(changed, at, values, asDoubles(x), targets);
        assertEquals(limit, parameter.gradient().get(j), 1e-5, parameter.name() + "[" + j + "]");
      }
    }
    double[] input = asDoubles(x);
    for (int j = 0; j < x.length; j++) {
      assertEquals(slope(input, j, values, input, targets), gx.get(j), 1e-5, "gx[" + j + "]");
    }
    training.forward(features, FloatArray.of(arena, targets));
    float[] once = model.parameters().get(2).gradient().toArray();
    training.backward();
    for (int j = 0; j < once.length; j++) {
      float twice = model.parameters().get(2).gradient().get(j);
      assertEquals(2 * once[j], twice, 1e-6, "a second backward adds to slope " + j);
    }
  }

  @Test
  void inferenceHasTheValuesOfDoublePrecision() {
    Model model = NETWORK.initialize(arena, 3);
    float[] x = Samples.normal(4, ROWS * 3, 2);
    InferenceSession session = model.inference(arena, ROWS);
    FloatArray y = FloatArray.allocate(arena, ROWS * 2);
    session.forward(FloatArray.of(arena, x), y);
    double[] exact = forward(values(model), asDoubles(x));
    for (int i = 0; i < exact.length; i++) {
      assertEquals(exact[i], y.get(i), 1e-6, "output " + i);
    }
  }

  @Test
  void slopesAreTrainedEvenInTheFirstLayer() {
    Sequential network = Sequential.of(PRelu.of(2), Linear.of(2, 1));
    Model model = network.initialize(arena, 1);
    FloatArray x = FloatArray.of(arena, Samples.normal(1, 64, 1));
    FloatArray targets = FloatArray.allocate(arena, 32);
    for (int i = 0; i < 32; i++) {
      float a = x.get(2L * i);
      float b = x.get(2L * i + 1);
      targets.set(i, Math.max(a, 0) - 0.5f * Math.min(a, 0) + Math.max(b, 0) + Math.min(b, 0));
    }
    TrainingSession training = model.training(arena, 32, Loss.meanSquaredError());
    Optimizer adam =
        Optimizer.of(arena, model.parameters(), AdamConfig.DEFAULT.withLearningRate(0.02));
    float loss = 0;
    for (int step = 0; step < 2000; step++) {
      loss = training.forward(x, targets);
      adam.zeroGrad();
      training.backward();
      adam.step();
    }
    assertTrue(loss < 1e-6, "the loss is still " + loss);
    assertEquals(-0.5f, model.parameters().get(0).value().get(0), 1e-3);
    assertEquals(1f, model.parameters().get(0).value().get(1), 1e-3);
  }

  @Test
  void aLossOfTargetsIsThatOfItsElements() {
    List<Loss> losses =
        List.of(
            Loss.meanSquaredError(),
            Loss.l1(),
            Loss.smoothL1(),
            Loss.huber(),
            Loss.binaryCrossEntropyWithLogits(),
            Loss.klDivergence(),
            Loss.of(ElementwiseLoss.huber(2.5)));
    List<ElementwiseLoss> elementwise =
        List.of(
            ElementwiseLoss.MEAN_SQUARED_ERROR,
            ElementwiseLoss.L1,
            ElementwiseLoss.SMOOTH_L1,
            ElementwiseLoss.HUBER,
            ElementwiseLoss.BINARY_CROSS_ENTROPY_WITH_LOGITS,
            ElementwiseLoss.KL_DIVERGENCE,
            ElementwiseLoss.huber(2.5));
    FloatArray targets = FloatArray.of(arena, 0.25f, 0.75f);
    for (int i = 0; i < losses.size(); i++) {
      Identity identity = new Identity(arena, losses.get(i));
      FloatArray gradient = FloatArray.allocate(arena, 2);
      float expected = elementwise.get(i).lossAndGradient(identity.x, targets, gradient);
      assertEquals(expected, identity.training.forward(identity.x, targets), "" + losses.get(i));
      identity.assertGradient(gradient, 0);
      Loss loss = losses.get(i);
      IllegalArgumentException refusal =
          assertThrows(
              IllegalArgumentException.class,
              () -> identity.training.forward(identity.x, new int[] {0}));
      assertEquals(loss + " takes targets, not classes", refusal.getMessage());
    }
  }

  @Test
  void aLossOfClassesIsThatOfItsRows() {
    CrossEntropy options = CrossEntropy.OF_LOGITS.withLabelSmoothing(0.2).withClassWeights(1, 2);
    List<Loss> losses =
        List.of(Loss.crossEntropy(), Loss.negativeLogLikelihood(), Loss.of(options));
    List<CrossEntropy> ofRows =
        List.of(CrossEntropy.OF_LOGITS, CrossEntropy.OF_LOG_PROBABILITIES, options);
    int[] classes = {1};
    for (int i = 0; i < losses.size(); i++) {
      Identity identity = new Identity(arena, losses.get(i));
      FloatArray gradient = FloatArray.allocate(arena, 2);
      float expected = ofRows.get(i).lossAndGradient(identity.x, classes, gradient, 1, 2);
      float actual = identity.training.forward(identity.x, classes);
      assertEquals(expected, actual, ROUNDINGS, "" + losses.get(i));
      identity.assertGradient(gradient, ROUNDINGS);
      Loss loss = losses.get(i);
      IllegalArgumentException refusal =
          assertThrows(
              IllegalArgumentException.class,
              () -> identity.training.forward(identity.x, FloatArray.allocate(arena, 2)));
      assertEquals(loss + " takes classes, not targets", refusal.getMessage());
    }
  }

  @Test
  void layersThatDoNotFitAreRefused() {
    IllegalArgumentException slopes =
        assertThrows(IllegalArgumentException.class, () -> PRelu.of(0));
    assertEquals("PRelu(0) is not possible: at least 1", slopes.getMessage());
    IllegalArgumentException width =
        assertThrows(
            IllegalArgumentException.class, () -> Sequential.of(Linear.of(2, 3), PRelu.of(4)));
    assertEquals("layer 1 does not fit: PRelu(4) takes 4 features, but gets 3", width.getMessage());
    IllegalArgumentException odd =
        assertThrows(
            IllegalArgumentException.class, () -> Sequential.of(Linear.of(2, 3), Glu.LAYER));
    assertEquals("layer 1 does not fit: glu halves its features, but gets 3", odd.getMessage());
  }

  /// A linear layer that changes nothing, in training, and a row for it.
  private static final class Identity {
    final FloatArray x;
    final TrainingSession training;
    private final Arena arena;

    Identity(Arena arena, Loss loss) {
      this.arena = arena;
      Model model = Sequential.of(Linear.of(2, 2)).initialize(arena, 1);
      model.parameters().get(0).value().copyFrom(new float[] {1, 0, 0, 1});
      model.parameters().get(1).value().fill(0f);
      x = FloatArray.of(arena, -0.5f, -3f);
      training = model.training(arena, 1, loss);
    }

    void assertGradient(FloatArray gradient, float tolerance) {
      FloatArray gx = FloatArray.allocate(arena, 2);
      training.backward(gx);
      assertArrayEquals(gradient.toArray(), gx.toArray(), tolerance, "gradient");
    }
  }

  private static double slope(
      double[] changed, int at, double[][] values, double[] x, float[] targets) {
    double before = changed[at];
    double limit =
        Differences.ridders(
            v -> {
              changed[at] = v;
              return loss(values, x, targets);
            },
            before,
            1e-3);
    changed[at] = before;
    return limit;
  }

  private static double loss(double[][] values, double[] x, float[] targets) {
    double[] y = forward(values, x);
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      sum += (y[i] - targets[i]) * (y[i] - targets[i]);
    }
    return sum / y.length;
  }

  /// The network above, layer by layer.
  private static double[] forward(double[][] values, double[] x) {
    double[] h = relu(linear(x, values[0], values[1]), values[2]);
    h = linear(h, values[3], values[4]);
    double[] gated = new double[h.length / 2];
    for (int i = 0; i < h.length; i++) {
      h[i] = StrictMath.tanh(Oracle.sigmoid(h[i]));
    }
    for (int i = 0; i < gated.length; i++) {
      int at = i / 3 * 6 + i % 3;
      gated[i] = h[at] * Oracle.sigmoid(h[at + 3]);
    }
    return linear(relu(gated, values[5]), values[6], values[7]);
  }

  private static double[] relu(double[] x, double[] slopes) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[i] > 0 ? x[i] : slopes[i % slopes.length] * x[i];
    }
    return y;
  }

  private static double[] linear(double[] x, double[] weight, double[] bias) {
    int in = weight.length / bias.length;
    double[] y = new double[x.length / in * bias.length];
    for (int i = 0; i < y.length; i++) {
      int row = i / bias.length;
      int j = i % bias.length;
      y[i] = bias[j];
      for (int l = 0; l < in; l++) {
        y[i] += x[row * in + l] * weight[j * in + l];
      }
    }
    return y;
  }

  private static double[][] values(Model model) {
    return model.parameters().stream()
        .map(parameter -> asDoubles(parameter.value().toArray()))
        .toArray(double[][]::new);
  }

  private static double[] asDoubles(float[] x) {
    double[] values = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      values[i] = x[i];
    }
    return values;
  }
}
