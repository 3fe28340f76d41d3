package io.github.lanewise.properties.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.ParameterSpec;
import io.github.lanewise.core.Shape;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.rule.AdamConfig;
import io.github.lanewise.properties.support.Differences;
import io.github.lanewise.properties.support.Samples;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A layer and losses that are written outside the library train and answer like its own.
class UserLayerTest {
  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void close() {
    arena.close();
  }

  /// y = a x^2 + b x, with a and b for each feature.
  private record Parabola(int features) implements Layer {
    @Override
    public OptionalInt inputs(OptionalInt outputs) {
      return OptionalInt.of(features);
    }

    @Override
    public List<ParameterSpec> parameters() {
      return List.of(
          new ParameterSpec("square", Shape.of(features), Parabola::halves),
          ParameterSpec.constant("slope", Shape.of(features), 1));
    }

    private static void halves(FloatArray values, SplittableRandom random) {
      for (long i = 0; i < values.length(); i++) {
        values.set(i, random.nextBoolean() ? 0.5f : -0.5f);
      }
    }

    @Override
    public void forward(Batch x, List<FloatArray> parameters, Batch y) {
      for (int i = 0; i < x.rows(); i++) {
        for (int j = 0; j < features; j++) {
          float xij = x.get(i, j);
          y.set(i, j, (parameters.get(0).get(j) * xij + parameters.get(1).get(j)) * xij);
        }
      }
    }

    @Override
    public void backward(
        Batch x,
        Batch y,
        Batch gy,
        List<FloatArray> parameters,
        List<FloatArray> gradients,
        Batch gx) {
      for (int i = 0; i < x.rows(); i++) {
        for (int j = 0; j < features; j++) {
          float xij = x.get(i, j);
          float g = gy.get(i, j);
          gradients.get(0).set(j, gradients.get(0).get(j) + g * xij * xij);
          gradients.get(1).set(j, gradients.get(1).get(j) + g * xij);
          if (gx != null) {
            float slope = 2 * parameters.get(0).get(j) * xij + parameters.get(1).get(j);
            gx.set(i, j, g * slope);
          }
        }
      }
    }
  }

  /// The mean of log(cosh(y - target)).
  private static final class LogCosh extends Loss {
    @Override
    public float ofTargets(Batch outputs, Batch targets, Batch gradient) {
      double sum = 0;
      int n = outputs.rows() * outputs.features();
      for (int i = 0; i < outputs.rows(); i++) {
        for (int j = 0; j < outputs.features(); j++) {
          double d = (double) outputs.get(i, j) - targets.get(i, j);
          sum += StrictMath.log(StrictMath.cosh(d));
          gradient.set(i, j, (float) (StrictMath.tanh(d) / n));
        }
      }
      return (float) (sum / n);
    }

    @Override
    public String toString() {
      return "log_cosh";
    }
  }

  /// The mean over the rows of the sum of (1 + y - y of the class)^2 over the other classes that
  /// come closer than 1: the squared hinge.
  private static final class SquaredHinge extends Loss {
    @Override
    public float ofClasses(Batch outputs, int[] classes, Batch gradient) {
      double sum = 0;
      for (int i = 0; i < outputs.rows(); i++) {
        double ofClass = 0;
        for (int j = 0; j < outputs.features(); j++) {
          double margin = 1.0 + outputs.get(i, j) - outputs.get(i, classes[i]);
          double m = j == classes[i] ? 0 : Math.max(0, margin);
          sum += m * m;
          gradient.set(i, j, (float) (2 * m / outputs.rows()));
          ofClass -= 2 * m / outputs.rows();
        }
        gradient.set(i, classes[i], (float) ofClass);
      }
      return (float) (sum / outputs.rows());
    }
  }

  @Test
  void firstValuesComeFromTheLayer() {
    Model model = Sequential.of(new Parabola(40), Linear.of(40, 1)).initialize(arena, 1);
    assertEquals("[0.square, 0.slope, 1.weight, 1.bias]", model.stateDict().names().toString());
    float[] square = model.parameters().get(0).value().toArray();
    float[] again = new float[40];
    ParameterSpec spec = new Parabola(40).parameters().get(0);
    FloatArray values = FloatArray.allocate(arena, 40);
    spec.initializer().fill(values, new SplittableRandom(1));
    values.copyTo(again);
    assertArrayEquals(again, square, "the first parameter draws first");
    float[] ones = new float[40];
    Arrays.fill(ones, 1);
    assertArrayEquals(ones, model.parameters().get(1).value().toArray());
    assertThrows(NullPointerException.class, () -> new ParameterSpec(null, Shape.of(1), null));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 32, 45, 70})
  void gradientsAreTheLimitsOfDifferences(int rows) {
    Model model =
        Sequential.of(new Parabola(3), Linear.of(3, 4), Activation.TANH, new Parabola(4))
            .initialize(arena, 3);
    model.parameters().get(1).value().copyFrom(new float[] {0.3f, -0.7f, 1.2f});
    float[] x = Samples.normal(4, rows * 3, 1);
    float[] targets = Samples.normal(5, rows * 4, 1);
    TrainingSession training = model.training(arena, 70, new LogCosh());
    FloatArray gx = FloatArray.allocate(arena, x.length);
    float loss = training.forward(FloatArray.of(arena, x), FloatArray.of(arena, targets));
    training.backward(gx);
    double[][] values =
        model.parameters().stream()
            .map(parameter -> LayerOracle.asDoubles(parameter.value().toArray()))
            .toArray(double[][]::new);
    double[] features = LayerOracle.asDoubles(x);
    assertEquals(loss(values, features, targets), loss, 1e-5);
    for (int i = 0; i < values.length; i++) {
      Parameter parameter = model.parameters().get(i);
      for (int j = 0; j < values[i].length; j++) {
        double limit = slope(values[i], j, values, features, targets);
        assertEquals(limit, parameter.gradient().get(j), 1e-5, parameter.name() + "[" + j + "]");
      }
    }
    for (int j = 0; j < x.length; j++) {
      double limit = slope(features, j, values, features, targets);
      assertEquals(limit, gx.get(j), 1e-5, "gx[" + j + "]");
    }
  }

  @Test
  void aLayerAndALossOfTargetsTrainWithAdam() {
    Model model = Sequential.of(new Parabola(2)).initialize(arena, 1);
    float[] x = Samples.normal(1, 2 * 45, 1);
    FloatArray targets = FloatArray.allocate(arena, x.length);
    for (int i = 0; i < x.length; i++) {
      targets.set(i, i % 2 == 0 ? -2 * x[i] * x[i] + 3 * x[i] : x[i] * x[i] - x[i]);
    }
    FloatArray features = FloatArray.of(arena, x);
    TrainingSession training = model.training(arena, 45, new LogCosh());
    Optimizer adam =
        Optimizer.of(arena, model.parameters(), AdamConfig.DEFAULT.withLearningRate(0.02));
    float loss = 0;
    for (int step = 0; step < 3000; step++) {
      loss = training.forward(features, targets);
      adam.zeroGrad();
      training.backward();
      adam.step();
    }
    assertTrue(loss < 1e-6, "the loss is still " + loss);
    assertArrayEquals(new float[] {-2, 1}, model.parameters().get(0).value().toArray(), 1e-3f);
    assertArrayEquals(new float[] {3, -1}, model.parameters().get(1).value().toArray(), 1e-3f);
    FloatArray y = FloatArray.allocate(arena, x.length);
    model.inference(arena, 45).forward(features, y);
    assertArrayEquals(targets.toArray(), y.toArray(), 0.02f, "the trained layer is served");
    float[] heap = new float[2];
    model.serve(arena).session(arena, 1).forward(new float[] {x[0], x[1]}, heap);
    assertArrayEquals(y.slice(0, 2).toArray(), heap, "a row alone");
  }

  @Test
  void aLossOfClassesTrainsWithAdam() {
    Model model =
        Sequential.of(Linear.of(2, 16), Activation.RELU, Linear.of(16, 3)).initialize(arena, 1);
    FloatArray x = FloatArray.of(arena, Samples.normal(1, 2 * 50, 1));
    int[] classes = new int[50];
    for (int i = 0; i < 50; i++) {
      classes[i] = x.get(2L * i) > 0 ? 0 : x.get(2L * i + 1) > 0 ? 1 : 2;
    }
    TrainingSession training = model.training(arena, 50, new SquaredHinge());
    Optimizer adam =
        Optimizer.of(arena, model.parameters(), AdamConfig.DEFAULT.withLearningRate(0.02));
    float loss = 0;
    for (int step = 0; step < 3000; step++) {
      loss = training.forward(x, classes);
      adam.zeroGrad();
      training.backward();
      adam.step();
    }
    assertTrue(loss < 0.01, "the loss is still " + loss);
    assertEquals(loss, training.evaluate(x, classes), 0.01);
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> training.forward(x, FloatArray.allocate(arena, 150)));
    assertTrue(refusal.getMessage().endsWith("takes classes, not targets"), refusal.getMessage());
    TrainingSession ofTargets = model.training(arena, 50, new LogCosh());
    assertEquals(
        "log_cosh takes targets, not classes",
        assertThrows(IllegalArgumentException.class, () -> ofTargets.forward(x, classes))
            .getMessage());
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
    double[] h = parabola(x, values[0], values[1]);
    double[] z = new double[h.length / 3 * 4];
    for (int i = 0; i < z.length; i++) {
      double sum = values[3][i % 4];
      for (int l = 0; l < 3; l++) {
        sum += h[i / 4 * 3 + l] * values[2][i % 4 * 3 + l];
      }
      z[i] = StrictMath.tanh(sum);
    }
    double[] y = parabola(z, values[4], values[5]);
    double loss = 0;
    for (int i = 0; i < y.length; i++) {
      loss += StrictMath.log(StrictMath.cosh(y[i] - targets[i])) / y.length;
    }
    return loss;
  }

  private static double[] parabola(double[] x, double[] square, double[] slope) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int j = i % square.length;
      y[i] = (square[j] * x[i] + slope[j]) * x[i];
    }
    return y;
  }
}
