package io.github.lanewise.nn.io.onnx;

import io.github.lanewise.core.Activation;
import io.github.lanewise.nn.io.FileException;
import java.nio.file.Path;
import java.util.Map;

/// The activations that single operators with settings are.
final class ActivationReader {
  private final Path file;
  private final Map<String, Tensor> constants;

  ActivationReader(Path file, Map<String, Tensor> constants) {
    this.file = file;
    this.constants = constants;
  }

  /// Returns the activation with the settings of a node, or null if it is none, or one that only a
  /// [FunctionFinder] can tell.
  Activation activation(Graph.Node node) throws FileException {
    try {
      return switch (node.op()) {
        case "LeakyRelu" -> Activation.leakyRelu(Tensor.decimal(node.number("alpha", 0.01)));
        case "Elu" -> Activation.elu(Tensor.decimal(node.number("alpha", 1)));
        case "Celu" -> Activation.celu(Tensor.decimal(node.number("alpha", 1)));
        case "Selu" -> {
          node.require(
              file,
              Math.abs(node.number("alpha", 1.67326) - 1.67326) < 1e-5
                  && Math.abs(node.number("gamma", 1.0507) - 1.0507) < 1e-5,
              "has other settings than SELU");
          yield Activation.SELU;
        }
        case "ThresholdedRelu" -> Activation.threshold(Tensor.decimal(node.number("alpha", 1)), 0);
        case "Shrink" -> shrink(node);
        case "Gelu" -> {
          Graph.Attribute approximate = node.attributes().get("approximate");
          yield approximate != null && approximate.text().equals("tanh")
              ? Activation.GELU_TANH
              : Activation.GELU;
        }
        case "Mish" -> Activation.MISH;
        case "Clip" -> clip(node);
        default -> null;
      };
    } catch (IllegalArgumentException e) {
      throw new FileException(
          file, node + " has a setting that no activation has: " + e.getMessage(), e);
    }
  }

  private Activation shrink(Graph.Node node) throws FileException {
    float lambda = node.number("lambd", 0.5);
    float bias = node.number("bias", 0);
    node.require(file, bias == 0 || bias == lambda, "has a bias that is neither 0 nor lambd");
    return bias == 0
        ? Activation.hardshrink(Tensor.decimal(lambda))
        : Activation.softshrink(Tensor.decimal(lambda));
  }

  private Activation clip(Graph.Node node) {
    Tensor low = constants.get(node.input(1));
    Tensor high = constants.get(node.input(2));
    boolean finite =
        low != null
            && low.isFloat()
            && low.elements() == 1
            && high != null
            && high.isFloat()
            && high.elements() == 1;
    if (!finite) {
      return null;
    }
    double from = Tensor.decimal(low.floats()[0]);
    double to = Tensor.decimal(high.floats()[0]);
    return from == 0 && to == 6 ? Activation.RELU6 : Activation.hardtanh(from, to);
  }
}
