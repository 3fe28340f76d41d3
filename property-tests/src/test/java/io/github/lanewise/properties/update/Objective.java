package io.github.lanewise.properties.update;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.function.DoubleSupplier;

/// A loss of one vector and its gradient, in double. The vector lies in two parameters, apart from
/// each other in memory: the first three quarters, and the rest.
final class Objective implements DoubleSupplier {
  /// Fills in the gradient and returns the loss.
  private interface Function {
    double of(double[] x, double[] gradient);
  }

  private final Function function;
  private final Parameter first;
  private final Parameter rest;

  private Objective(Function function, Parameter first, Parameter rest) {
    this.function = function;
    this.first = first;
    this.rest = rest;
  }

  /// A function of the manifest of L-BFGS at a starting point.
  static Objective of(String name, Arena arena, float[] start) {
    Function function =
        switch (name) {
          case "quadratic" -> Objective::quadratic;
          case "rosenbrock" -> Objective::rosenbrock;
          case "quartic" -> Objective::quartic;
          default -> throw new IllegalArgumentException("no function " + name);
        };
    int cut = start.length * 3 / 4;
    float[] head = new float[cut];
    float[] tail = new float[start.length - cut];
    System.arraycopy(start, 0, head, 0, cut);
    System.arraycopy(start, cut, tail, 0, tail.length);
    return new Objective(
        function, parameter(arena, "0.weight", head), parameter(arena, "0.bias", tail));
  }

  private static Parameter parameter(Arena arena, String name, float[] values) {
    FloatArray value = FloatArray.of(arena, values);
    return new Parameter(
        name, Shape.of(values.length), value, FloatArray.allocate(arena, values.length));
  }

  List<Parameter> parameters() {
    return List.of(first, rest);
  }

  float[] values() {
    int cut = (int) first.shape().elements();
    float[] values = new float[cut + (int) rest.shape().elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i < cut ? first.value().get(i) : rest.value().get(i - cut);
    }
    return values;
  }

  @Override
  public double getAsDouble() {
    float[] values = values();
    int cut = (int) first.shape().elements();
    double[] x = new double[values.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = values[i];
    }
    double[] gradient = new double[x.length];
    double loss = function.of(x, gradient);
    for (int i = 0; i < x.length; i++) {
      FloatArray target = i < cut ? first.gradient() : rest.gradient();
      target.set(i < cut ? i : i - cut, (float) gradient[i]);
    }
    return loss;
  }

  private static double quadratic(double[] x, double[] gradient) {
    double loss = 0;
    for (int i = 0; i < x.length; i++) {
      double a = 1 + i * i / 4.0;
      double distance = x[i] - Math.sin(i);
      loss += a * distance * distance / 2;
      gradient[i] = a * distance;
    }
    return loss;
  }

  private static double rosenbrock(double[] x, double[] gradient) {
    double loss = 0;
    for (int i = 0; i + 1 < x.length; i += 2) {
      double valley = x[i + 1] - x[i] * x[i];
      loss += 100 * valley * valley + (1 - x[i]) * (1 - x[i]);
      gradient[i] = -400 * valley * x[i] - 2 * (1 - x[i]);
      gradient[i + 1] = 200 * valley;
    }
    return loss;
  }

  private static double quartic(double[] x, double[] gradient) {
    double loss = 0;
    for (int i = 0; i < x.length; i++) {
      double slope = (i - 3) / 2.0;
      loss += Math.pow(x[i], 4) / 4 + x[i] * x[i] / 2 - slope * x[i];
      gradient[i] = Math.pow(x[i], 3) + x[i] - slope;
    }
    return loss;
  }
}
