package io.github.lanewise.nn.io.onnx;

import io.github.lanewise.core.Activation;
import io.github.lanewise.nn.io.FileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// What single operators of ONNX are in Lanewise.
final class Operators {
  private static final int FLOAT = 1;

  /// The most features of a row, however large the file is.
  private static final int MAX_FEATURES = 1 << 24;

  private final Path file;
  private final Map<String, Tensor> constants;
  private final ActivationReader activations;

  /// The features of a row at the current place, or -1 if they are not known.
  private int width = -1;

  /// Whether rows are still as the input has them, with more or fewer than two dimensions.
  private boolean shaped;

  private long batch = -1;

  /// The most features that the file has weights for: a few bytes must not ask for gigabytes.
  private final long maxFeatures;

  Operators(Path file, int fileBytes, Map<String, Tensor> constants) {
    this.file = file;
    this.maxFeatures = Math.min(MAX_FEATURES, fileBytes / Float.BYTES);
    this.constants = constants;
    this.activations = new ActivationReader(file, constants);
  }

  int width() {
    return width;
  }

  /// Begins at the input of the graph.
  void begin(Graph.Input input) throws FileException {
    long[] sizes = input.sizes();
    if (sizes == null) {
      return;
    }
    if (sizes.length < 2) {
      throw new FileException(
          file,
          "has input '%s' of shape %s, rows of features are needed"
              .formatted(input.name(), Arrays.toString(sizes)));
    }
    shaped = sizes.length > 2;
    batch = sizes[0];
    long features = 1;
    for (int i = 1; i < sizes.length; i++) {
      boolean open = sizes[i] < 0 || features < 0 || features > maxFeatures;
      features = open ? -1 : features * sizes[i];
    }
    if (features == 0 || features > maxFeatures) {
      throw new FileException(
          file,
          "has input '%s' of shape %s, which is no row of features"
              .formatted(input.name(), Arrays.toString(sizes)));
    }
    width = (int) features;
  }

  /// Returns what a node computes from constants alone, or null.
  Tensor constant(Graph.Node node) throws FileException {
    if (node.op().equals("Constant")) {
      return value(node);
    }
    Tensor input = constants.get(node.input(0));
    if (input == null || node.inputs().size() != 1) {
      return null;
    }
    return switch (node.op()) {
      case "Identity" -> input;
      case "Cast" -> input.isFloat() && node.integer("to", FLOAT) == FLOAT ? input : null;
      case "Transpose" -> input.isFloat() && input.sizes().length == 2 ? input.transposed() : null;
      default -> null;
    };
  }

  private Tensor value(Graph.Node node) throws FileException {
    for (Map.Entry<String, Graph.Attribute> each : node.attributes().entrySet()) {
      Graph.Attribute value = each.getValue();
      switch (each.getKey()) {
        case "value" -> {
          if (value.tensor() != null) {
            return value.tensor();
          }
        }
        case "value_float" -> {
          return Tensor.of(value.number());
        }
        case "value_int" -> {
          return new Tensor("", new long[0], null, new long[] {value.integer()});
        }
        case "value_floats" -> {
          float[] floats = new float[value.numbers().size()];
          for (int i = 0; i < floats.length; i++) {
            floats[i] = value.numbers().get(i);
          }
          return new Tensor("", new long[] {floats.length}, floats, null);
        }
        case "value_ints" -> {
          long[] longs = value.integers().stream().mapToLong(Long::longValue).toArray();
          return new Tensor("", new long[] {longs.length}, null, longs);
        }
        default -> throw wrong(node, "has a value that is neither numbers nor a tensor");
      }
    }
    throw wrong(node, "has no value");
  }

  /// Adds the layer that an operator is, if it is one.
  ///
  /// @param current the value that goes in
  boolean layer(Graph.Node node, String current, List<Step> steps) throws FileException {
    if (!node.input(0).equals(current)) {
      return false;
    }
    if (shaped && !node.op().equals("Flatten") && !node.op().equals("Reshape")) {
      throw wrong(node, "gets rows of more than one dimension");
    }
    switch (node.op()) {
      case "Identity" -> {}
      case "Dropout" -> requireNoTraining(node);
      case "Cast" -> require(node, node.integer("to", 0) == FLOAT, "makes no floats");
      case "Flatten" -> {
        long axis = node.integer("axis", 1);
        require(node, axis == 1 || (axis == -1 && !shaped), "changes the shape of a row");
        shaped = false;
      }
      case "Reshape" -> reshape(node);
      case "Gemm" -> steps.add(gemm(node));
      case "MatMul" -> steps.add(linear(node, matrix(node).transposed(), 1, null, 1));
      case "Softmax", "LogSoftmax" -> {
        requireRows(node, node.integer("axis", -1));
        steps.add(new Step.Softmax(node.op().equals("LogSoftmax")));
      }
      case "LayerNormalization" -> steps.add(layerNorm(node));
      case "PRelu" -> steps.add(new Step.ParametricRelu(row(node, 1)));
      default -> {
        Activation activation = activations.activation(node);
        if (activation == null) {
          return false;
        }
        steps.add(new Step.Elementwise(activation));
      }
    }
    return true;
  }

  private void requireNoTraining(Graph.Node node) throws FileException {
    Tensor training = constants.get(node.input(2));
    boolean off =
        node.input(2).isEmpty()
            || (training != null
                && training.elements() == 1
                && !training.isFloat()
                && training.longs()[0] == 0);
    require(node, off, "is in training mode; export the model in evaluation mode");
  }

  private void reshape(Graph.Node node) throws FileException {
    Tensor shape = constants.get(node.input(1));
    require(node, shape != null && !shape.isFloat(), "has a shape that is not constant");
    long[] sizes = shape.longs();
    boolean rows =
        sizes.length == 2
            && (sizes[0] == -1 || sizes[0] == 0 || (sizes[0] == batch && batch > 0))
            && (sizes[1] == width
                || (sizes[1] == -1 && sizes[0] != -1)
                || (sizes[1] == 0 && !shaped)
                || (width < 0 && sizes[1] > 0));
    require(node, rows, "changes the shape of a row");
    width = sizes[1] > 0 ? (int) Math.min(sizes[1], Integer.MAX_VALUE) : width;
    shaped = false;
  }

  private Step gemm(Graph.Node node) throws FileException {
    require(node, node.integer("transA", 0) == 0, "transposes its rows");
    Tensor weight = matrix(node);
    weight = node.integer("transB", 0) == 0 ? weight.transposed() : weight;
    float[] bias = node.input(2).isEmpty() ? null : row(node, 2);
    return linear(node, weight, node.number("alpha", 1), bias, node.number("beta", 1));
  }

  private Step linear(Graph.Node node, Tensor weight, float alpha, float[] bias, float beta)
      throws FileException {
    int out = (int) weight.sizes()[0];
    int in = (int) weight.sizes()[1];
    require(node, in == width || width < 0, "takes %d features, but gets %d".formatted(in, width));
    require(
        node,
        bias == null || bias.length == 1 || bias.length == out,
        "has a bias of another width than its outputs");
    float[] weights = weight.floats().clone();
    float[] biases = new float[out];
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= alpha;
    }
    for (int i = 0; bias != null && i < out; i++) {
      biases[i] = bias[bias.length == 1 ? 0 : i] * beta;
    }
    width = out;
    return new Step.Linear(in, out, weights, biases);
  }

  private Tensor matrix(Graph.Node node) throws FileException {
    Tensor weight = constants.get(node.input(1));
    require(node, weight != null && weight.isFloat(), "has weights that are not constant floats");
    require(
        node,
        weight.sizes().length == 2 && weight.elements() > 0,
        "has weights of shape " + Arrays.toString(weight.sizes()) + ", not a matrix");
    return weight;
  }

  private float[] row(Graph.Node node, int input) throws FileException {
    Tensor row = constants.get(node.input(input));
    require(node, row != null && row.isFloat(), "has a parameter that is not constant floats");
    require(
        node,
        row.isRow()
            && row.elements() > 0
            && (row.elements() == 1 || row.elements() == width || width < 0 || input == 2),
        "has a parameter of shape " + Arrays.toString(row.sizes()) + ", not one for each feature");
    return row.floats();
  }

  private Step layerNorm(Graph.Node node) throws FileException {
    requireRows(node, node.integer("axis", -1));
    float[] scale = row(node, 1);
    float[] bias = node.input(2).isEmpty() ? new float[] {0} : row(node, 2);
    int features = width < 0 ? scale.length : width;
    require(
        node,
        (scale.length == 1 || scale.length == features)
            && (bias.length == 1 || bias.length == features),
        "has a scale or bias that is not one for each feature");
    float[] weights = new float[features];
    float[] biases = new float[features];
    for (int i = 0; i < features; i++) {
      weights[i] = scale[scale.length == 1 ? 0 : i];
      biases[i] = bias[bias.length == 1 ? 0 : i];
    }
    width = features;
    return new Step.LayerNorm(Tensor.decimal(node.number("epsilon", 1e-5)), weights, biases);
  }

  /// Adds the scale or shift that an operator is, if it is one.
  boolean affine(Graph.Node node, String current, List<Step> steps) {
    boolean first = node.input(0).equals(current);
    Tensor other = constants.get(node.input(first ? 1 : 0));
    boolean fits =
        node.inputs().size() == 2
            && other != null
            && other.isFloat()
            && other.isRow()
            && other.elements() > 0
            && (other.elements() == 1 || other.elements() == width);
    if (!fits || shaped) {
      return false;
    }
    float[] value = other.floats();
    float[] one = {1};
    float[] zero = {0};
    Step.Affine step =
        switch (node.op()) {
          case "Add" -> new Step.Affine(one, value, node.toString());
          case "Sub" ->
              first
                  ? new Step.Affine(one, mapped(value, -1), node.toString())
                  : new Step.Affine(new float[] {-1}, value, node.toString());
          case "Mul" -> new Step.Affine(value, zero, node.toString());
          case "Div" -> first ? new Step.Affine(reciprocals(value), zero, node.toString()) : null;
          default -> null;
        };
    if (step == null) {
      return false;
    }
    steps.add(step);
    return true;
  }

  private static float[] mapped(float[] values, float factor) {
    float[] mapped = values.clone();
    for (int i = 0; i < mapped.length; i++) {
      mapped[i] *= factor;
    }
    return mapped;
  }

  private static float[] reciprocals(float[] values) {
    float[] reciprocals = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      reciprocals[i] = 1 / values[i];
    }
    return reciprocals;
  }

  private void requireRows(Graph.Node node, long axis) throws FileException {
    require(node, axis == -1 || axis == 1, "goes over axis " + axis + ", not over rows");
  }

  private void require(Graph.Node node, boolean condition, String problem) throws FileException {
    node.require(file, condition, problem);
  }

  private FileException wrong(Graph.Node node, String problem) {
    return new FileException(file, node + " " + problem);
  }
}
