package io.github.lanewise.nn.io.onnx;

import io.github.lanewise.core.Activation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.Supplier;

/// Tells which function of Lanewise some operators compute together, by its values.
///
/// A function of each element is compared at some 4,000 places from -80 to 80, a function of a
/// row on rows of three scales. Two functions that agree at all of them, to a millionth, give the
/// same outputs.
final class FunctionFinder {
  private static final double TOLERANCE = 1e-6;
  private static final double[] PLACES = places();

  /// Some of the places, at which most candidates are already told apart.
  private static final double[] FEW = few(PLACES);

  private static final int FEWER = 100;

  /// Rows of at most so many elements are tried; wider ones hold so many, and the function that a
  /// row of any width has is that of this one.
  private static final int MAX_WIDTH = 4096;

  private final Formula formula;

  /// The values of activations at [#FEW] places.
  private final Map<Activation, double[]> known = new HashMap<>();

  FunctionFinder(Formula formula) {
    this.formula = formula;
  }

  private static double[] places() {
    List<Double> places = new ArrayList<>();
    for (int i = -2000; i <= 2000; i++) {
      places.add(i / 100.0);
    }
    for (double far : new double[] {25, 30, 50, 80}) {
      places.add(far);
      places.add(-far);
    }
    // As floats, since that is what the activations get.
    return places.stream().mapToDouble(x -> (float) (double) x).toArray();
  }

  private static double[] few(double[] values) {
    double[] few = new double[values.length / FEWER];
    for (int i = 0; i < few.length; i++) {
      few[i] = values[i * FEWER];
    }
    return few;
  }

  /// What was found: a step, or that the operators change nothing.
  ///
  /// @param step null if they change nothing
  record Found(Step step) {}

  /// Returns what the operators compute, or null if that is nothing that Lanewise has.
  ///
  /// @param nodes in their order; the last one computes the result
  /// @param input the name of what goes in
  /// @param width of a row, or -1 if it is not known
  Found find(List<Graph.Node> nodes, String input, int width) {
    return nodes.stream().anyMatch(Formula::isReduction)
        ? ofRow(nodes, input, width < 2 ? 16 : Math.min(width, MAX_WIDTH))
        : elementwise(nodes, input);
  }

  private Found elementwise(List<Graph.Node> nodes, String input) {
    double[] values = formula.compute(nodes, input, PLACES);
    if (values.length != PLACES.length) {
      return null;
    }
    if (agree(PLACES, values)) {
      return new Found(null);
    }
    double[] few = few(values);
    for (Activation candidate : candidates(formula.numbers(nodes))) {
      if (agree(known.computeIfAbsent(candidate, f -> Formula.forward(f, FEW)), few)
          && agree(Formula.forward(candidate, PLACES), values)) {
        return new Found(new Step.Elementwise(candidate));
      }
    }
    return null;
  }

  /// The activations with PyTorch's settings, and then with settings that are among some numbers.
  private static List<Activation> candidates(List<Double> numbers) {
    List<Activation> candidates = new ArrayList<>(Activation.defaults());
    for (double a : numbers) {
      add(candidates, () -> Activation.leakyRelu(a));
      add(candidates, () -> Activation.elu(a));
      add(candidates, () -> Activation.celu(a));
      add(candidates, () -> Activation.hardshrink(a));
      add(candidates, () -> Activation.softshrink(a));
      add(candidates, () -> Activation.softplus(a, 20));
      for (double b : numbers) {
        add(candidates, () -> Activation.hardtanh(a, b));
        add(candidates, () -> Activation.threshold(a, b));
      }
    }
    return candidates;
  }

  private static void add(List<Activation> candidates, Supplier<Activation> activation) {
    try {
      candidates.add(activation.get());
    } catch (IllegalArgumentException e) {
      return; // numbers that no such activation has
    }
  }

  private static boolean agree(double[] a, double[] b) {
    for (int i = 0; i < a.length; i++) {
      boolean near = Math.abs(a[i] - b[i]) <= TOLERANCE + 2 * TOLERANCE * Math.abs(b[i]);
      if (!near && Double.compare(a[i], b[i]) != 0) { // equal infinities and NaN agree
        return false;
      }
    }
    return true;
  }

  private Found ofRow(List<Graph.Node> nodes, String input, int width) {
    Random random = new Random(1);
    List<double[]> rows = new ArrayList<>();
    List<double[]> results = new ArrayList<>();
    for (double scale : new double[] {0.001, 1, 10}) {
      double[] row = random.doubles(width, -scale, scale).map(x -> x + scale).toArray();
      double[] result = formula.compute(nodes, input, row);
      if (result.length != width) {
        return null;
      }
      rows.add(row);
      results.add(result);
    }
    for (boolean log : new boolean[] {false, true}) {
      if (allAgree(rows, results, row -> softmax(row, log))) {
        return new Found(new Step.Softmax(log));
      }
    }
    OptionalDouble eps = eps(rows.getFirst(), results.getFirst());
    return eps.isPresent() && allAgree(rows, results, row -> normalised(row, eps.getAsDouble()))
        ? new Found(new Step.LayerNorm(eps.getAsDouble(), null, null))
        : null;
  }

  private interface RowFunction {
    double[] of(double[] row);
  }

  private static boolean allAgree(List<double[]> rows, List<double[]> results, RowFunction f) {
    for (int i = 0; i < rows.size(); i++) {
      if (!agree(f.of(rows.get(i)), results.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static double[] softmax(double[] row, boolean log) {
    double max = Double.NEGATIVE_INFINITY;
    for (double x : row) {
      max = Math.max(max, x);
    }
    double sum = 0;
    for (double x : row) {
      sum += Math.exp(x - max);
    }
    double[] y = new double[row.length];
    for (int i = 0; i < y.length; i++) {
      double logOf = row[i] - max - Math.log(sum);
      y[i] = log ? logOf : Math.exp(logOf);
    }
    return y;
  }

  private static double mean(double[] row) {
    double sum = 0;
    for (double x : row) {
      sum += x;
    }
    return sum / row.length;
  }

  private static double variance(double[] row) {
    double mean = mean(row);
    double sum = 0;
    for (double x : row) {
      sum += (x - mean) * (x - mean);
    }
    return sum / row.length;
  }

  private static double[] normalised(double[] row, double eps) {
    double mean = mean(row);
    double divisor = Math.sqrt(variance(row) + eps);
    double[] y = new double[row.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = (row[i] - mean) / divisor;
    }
    return y;
  }

  /// Returns the eps with which LayerNorm gives `result`, if it is LayerNorm that gave it.
  private static OptionalDouble eps(double[] row, double[] result) {
    double mean = mean(row);
    int far = 0;
    for (int i = 0; i < row.length; i++) {
      far = Math.abs(row[i] - mean) > Math.abs(row[far] - mean) ? i : far;
    }
    double divisor = (row[far] - mean) / result[far];
    // eps stands in files as a float, and so does what is found here, without the rounding.
    double eps = Tensor.decimal((float) (divisor * divisor - variance(row)));
    return eps > 0 && eps < 1 ? OptionalDouble.of(eps) : OptionalDouble.empty();
  }
}
