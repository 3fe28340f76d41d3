package io.github.lanewise.nn.io.onnx;

import static io.github.lanewise.nn.io.onnx.GraphWriter.attribute;
import static io.github.lanewise.nn.io.onnx.GraphWriter.inputs;

import io.github.lanewise.core.Activation;
import java.util.Arrays;

/// Writes activations as ONNX's operators: as one where there is one, else as a few.
final class ActivationWriter {
  /// From this threshold of softplus on, what it adds to x is less than a float shows.
  private static final double FAR = 16;

  private final GraphWriter graph;

  ActivationWriter(GraphWriter graph) {
    this.graph = graph;
  }

  /// @throws IllegalArgumentException if ONNX has no counterpart
  void write(Activation activation) {
    String text = activation.toString();
    int open = text.indexOf('(');
    String name = open < 0 ? text : text.substring(0, open);
    double[] numbers =
        open < 0
            ? new double[0]
            : Arrays.stream(text.substring(open + 1, text.length() - 1).split(","))
                .mapToDouble(Double::parseDouble)
                .toArray();
    if (!single(name, numbers) && !several(name, numbers)) {
      throw new IllegalArgumentException("ONNX has no counterpart of the activation " + text);
    }
  }

  private static float or(double[] numbers, int i, double otherwise) {
    return (float) (i < numbers.length ? numbers[i] : otherwise);
  }

  /// Writes an activation that is one operator, and returns whether it is.
  private boolean single(String name, double[] numbers) {
    switch (name) {
      case "relu" -> apply("Relu");
      case "leaky_relu" -> apply("LeakyRelu", attribute("alpha", or(numbers, 0, 0.01)));
      case "rrelu" -> apply("LeakyRelu", attribute("alpha", (float) ((1 / 8.0 + 1 / 3.0) / 2)));
      case "elu" -> apply("Elu", attribute("alpha", or(numbers, 0, 1)));
      case "celu" -> apply("Celu", attribute("alpha", or(numbers, 0, 1)));
      case "selu" -> apply("Selu");
      case "gelu" -> apply("Gelu");
      case "gelu_tanh" -> apply("Gelu", attribute("approximate", "tanh"));
      case "mish" -> apply("Mish");
      case "sigmoid" -> apply("Sigmoid");
      case "tanh" -> apply("Tanh");
      case "softsign" -> apply("Softsign");
      case "relu6" -> clip(0, 6);
      case "hardtanh" -> clip(or(numbers, 0, -1), or(numbers, 1, 1));
      case "hardsigmoid" ->
          apply("HardSigmoid", attribute("alpha", 1 / 6f), attribute("beta", 0.5f));
      case "hardswish" -> apply("HardSwish");
      case "hardshrink" -> shrink(or(numbers, 0, 0.5), 0);
      case "softshrink" -> shrink(or(numbers, 0, 0.5), or(numbers, 0, 0.5));
      case "exp" -> apply("Exp");
      case "log" -> apply("Log");
      case "erf" -> apply("Erf");
      default -> {
        return false;
      }
    }
    return true;
  }

  private void apply(String op, Message... attributes) {
    graph.next(op, inputs(graph.current()), attributes);
  }

  private void apply(String op, double number) {
    graph.next(op, inputs(graph.current(), graph.number(number)));
  }

  private void clip(float low, float high) {
    graph.next("Clip", inputs(graph.current(), graph.number(low), graph.number(high)));
  }

  private void shrink(float lambda, float bias) {
    apply("Shrink", attribute("lambd", lambda), attribute("bias", bias));
  }

  /// Writes an activation that is several operators, and returns whether it is known.
  private boolean several(String name, double[] numbers) {
    String x = graph.current();
    switch (name) {
      case "silu" -> {
        apply("Sigmoid");
        graph.next("Mul", inputs(x, graph.current()));
      }
      case "quick_gelu" -> {
        apply("Mul", 1.702);
        apply("Sigmoid");
        graph.next("Mul", inputs(x, graph.current()));
      }
      case "tanhshrink" -> {
        apply("Tanh");
        graph.next("Sub", inputs(x, graph.current()));
      }
      case "logsigmoid" -> {
        apply("Neg");
        apply("Softplus");
        apply("Neg");
      }
      case "softplus" -> {
        double beta = or(numbers, 0, 1);
        if (or(numbers, 1, 20) < FAR) {
          return false;
        }
        apply("Mul", beta);
        apply("Softplus");
        apply("Div", beta);
      }
      case "expm1" -> {
        apply("Exp");
        apply("Sub", 1);
      }
      case "log1p" -> {
        apply("Add", 1);
        apply("Log");
      }
      case "threshold" -> {
        apply("Greater", numbers[0]);
        graph.next("Where", inputs(graph.current(), x, graph.number(numbers[1])));
      }
      default -> {
        return false;
      }
    }
    return true;
  }
}
