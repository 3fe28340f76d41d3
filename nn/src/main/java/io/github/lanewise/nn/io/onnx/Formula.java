package io.github.lanewise.nn.io.onnx;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/// Computes a few operators of a graph on a row of numbers, in double precision: so that a
/// function is recognised by its values, in whatever form an exporter has written it.
///
/// A value is a row, or a single number that counts for the whole row.
final class Formula {
  private static final Map<String, DoubleUnaryOperator> UNARY =
      Map.ofEntries(
          Map.entry("Identity", x -> x),
          Map.entry("Cast", x -> x),
          Map.entry("Neg", x -> -x),
          Map.entry("Abs", Math::abs),
          Map.entry("Sign", Math::signum),
          Map.entry("Sqrt", Math::sqrt),
          Map.entry("Exp", Math::exp),
          Map.entry("Log", Math::log),
          Map.entry("Tanh", Math::tanh),
          Map.entry("Reciprocal", x -> 1 / x),
          Map.entry("Not", x -> 1 - x),
          Map.entry("Relu", x -> Math.max(x, 0)),
          Map.entry("Sigmoid", x -> 1 / (1 + Math.exp(-x))),
          Map.entry("Softplus", x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
          Map.entry("Softsign", x -> x / (1 + Math.abs(x))),
          Map.entry("HardSwish", x -> x * Math.clamp((x + 3) / 6, 0, 1)));

  private static final Map<String, DoubleBinaryOperator> BINARY =
      Map.ofEntries(
          Map.entry("Add", Double::sum),
          Map.entry("Sub", (a, b) -> a - b),
          Map.entry("Mul", (a, b) -> a * b),
          Map.entry("Div", (a, b) -> a / b),
          Map.entry("Pow", Math::pow),
          Map.entry("Min", Math::min),
          Map.entry("Max", Math::max),
          Map.entry("And", Math::min),
          Map.entry("Or", Math::max),
          Map.entry("Greater", (a, b) -> a > b ? 1 : 0),
          Map.entry("GreaterOrEqual", (a, b) -> a >= b ? 1 : 0),
          Map.entry("Less", (a, b) -> a < b ? 1 : 0),
          Map.entry("LessOrEqual", (a, b) -> a <= b ? 1 : 0));

  private static final Set<String> REDUCTIONS = Set.of("ReduceMean", "ReduceSum", "ReduceMax");

  private static final int MAX_NUMBERS = 8;

  private final Map<String, Tensor> constants;

  /// @param constants of the graph, by name
  Formula(Map<String, Tensor> constants) {
    this.constants = constants;
  }

  /// Whether the operator of a node can be computed here: all constants that it uses are single
  /// numbers, and it goes over whole rows if over any.
  boolean knows(Graph.Node node) {
    if (REDUCTIONS.contains(node.op())) {
      return reducesRows(node);
    }
    return inputs(node).contains(node.inputs().size())
        && !node.input(0).isEmpty()
        && (node.op().equals("Clip") || !node.inputs().contains(""))
        && node.inputs().stream()
            .allMatch(name -> !constants.containsKey(name) || constants.get(name).elements() == 1);
  }

  /// Returns the numbers of inputs with which an operator can be computed here.
  private static Set<Integer> inputs(Graph.Node node) {
    if (UNARY.containsKey(node.op())) {
      return Set.of(1);
    }
    if (BINARY.containsKey(node.op())) {
      return Set.of(2);
    }
    return switch (node.op()) {
      case "Erf", "HardSigmoid", "LeakyRelu", "Elu" -> Set.of(1);
      case "Clip" -> Set.of(1, 2, 3);
      case "Where" -> Set.of(3);
      default -> Set.of();
    };
  }

  static boolean isReduction(Graph.Node node) {
    return REDUCTIONS.contains(node.op());
  }

  /// Whether a reduction goes over the last of two dimensions, and keeps it with size 1. The axes
  /// are an attribute in old versions of an operator, and an input in new ones.
  private boolean reducesRows(Graph.Node node) {
    List<Long> axes =
        node.attributes().containsKey("axes")
            ? node.attributes().get("axes").integers()
            : List.of();
    Tensor input = constants.get(node.input(1));
    if (input != null && !input.isFloat() && input.elements() == 1) {
      axes = List.of(input.longs()[0]);
    }
    return axes.size() == 1
        && (axes.getFirst() == -1 || axes.getFirst() == 1)
        && node.integer("keepdims", 1) == 1;
  }

  /// Returns the numbers that some nodes use, in the order of their use; at most [#MAX_NUMBERS].
  List<Double> numbers(List<Graph.Node> nodes) {
    return nodes.stream()
        .flatMap(node -> node.inputs().stream())
        .filter(constants::containsKey)
        .map(name -> constants.get(name).number())
        .distinct()
        .limit(MAX_NUMBERS)
        .toList();
  }

  /// Computes the output of the last of some nodes.
  ///
  /// @param nodes each uses `input`, constants, or what stands before it
  /// @param input the name of the value that `row` is
  double[] compute(List<Graph.Node> nodes, String input, double[] row) {
    Map<String, double[]> values = new HashMap<>();
    values.put(input, row);
    double[] last = row;
    for (Graph.Node node : nodes) {
      last = compute(node, values);
      values.put(node.output(), last);
    }
    return last;
  }

  private double[] compute(Graph.Node node, Map<String, double[]> values) {
    double[] x = value(node.input(0), values);
    if (UNARY.containsKey(node.op())) {
      return map(UNARY.get(node.op()), x);
    }
    if (BINARY.containsKey(node.op())) {
      return map(BINARY.get(node.op()), x, value(node.input(1), values));
    }
    return switch (node.op()) {
      case "ReduceMean" -> new double[] {sum(x) / x.length};
      case "ReduceSum" -> new double[] {sum(x)};
      case "ReduceMax" -> {
        double largest = Double.NEGATIVE_INFINITY;
        for (double each : x) {
          largest = Math.max(largest, each);
        }
        yield new double[] {largest};
      }
      case "Erf" -> erf(x);
      case "Clip" ->
          map(
              Math::min,
              map(Math::max, x, bound(node, 1, Double.NEGATIVE_INFINITY, values)),
              bound(node, 2, Double.POSITIVE_INFINITY, values));
      case "Where" -> {
        double[] yes = map((c, a) -> c > 0 ? a : 0, x, value(node.input(1), values));
        double[] no = map((c, b) -> c > 0 ? 0 : b, x, value(node.input(2), values));
        yield map(Double::sum, yes, no);
      }
      case "HardSigmoid" -> {
        double alpha = node.number("alpha", 0.2);
        double beta = node.number("beta", 0.5);
        yield map(each -> Math.clamp(alpha * each + beta, 0, 1), x);
      }
      case "LeakyRelu" -> {
        double alpha = node.number("alpha", 0.01);
        yield map(each -> each < 0 ? alpha * each : each, x);
      }
      case "Elu" -> {
        double alpha = node.number("alpha", 1);
        yield map(each -> each < 0 ? alpha * Math.expm1(each) : each, x);
      }
      default -> throw new AssertionError(node + " is not known");
    };
  }

  private double[] value(String name, Map<String, double[]> values) {
    double[] value = values.get(name);
    if (value != null) {
      return value;
    }
    Tensor constant = constants.get(name);
    return new double[] {constant.isFloat() ? constant.floats()[0] : constant.longs()[0]};
  }

  private double[] bound(Graph.Node node, int input, double open, Map<String, double[]> values) {
    return node.input(input).isEmpty() ? new double[] {open} : value(node.input(input), values);
  }

  private static double sum(double[] x) {
    double sum = 0;
    for (double each : x) {
      sum += each;
    }
    return sum;
  }

  private static double[] map(DoubleUnaryOperator f, double[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = f.applyAsDouble(x[i]);
    }
    return y;
  }

  private static double[] map(DoubleBinaryOperator f, double[] a, double[] b) {
    double[] y = new double[Math.max(a.length, b.length)];
    for (int i = 0; i < y.length; i++) {
      y[i] = f.applyAsDouble(a[a.length == 1 ? 0 : i], b[b.length == 1 ? 0 : i]);
    }
    return y;
  }

  private static double[] erf(double[] x) {
    return forward(Activation.ERF, x);
  }

  /// Returns the activation of each element, as a float.
  static double[] forward(Activation activation, double[] x) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray values = FloatArray.allocate(arena, x.length);
      for (int i = 0; i < x.length; i++) {
        values.set(i, (float) x[i]);
      }
      activation.forward(values, values);
      double[] y = new double[x.length];
      for (int i = 0; i < y.length; i++) {
        y[i] = values.get(i);
      }
      return y;
    }
  }
}
