package io.github.lanewise.nn.io.onnx;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.ParameterSpec;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.Dropout;
import io.github.lanewise.nn.LayerNorm;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.PRelu;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.io.FeatureScaling;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Writes a network as an ONNX model. Field numbers are those of ONNX's `onnx.proto`.
final class GraphWriter {
  private static final int OPSET = 20;

  /// The version of the format that ONNX 1.15 has, as operators of version 20 need it.
  private static final int IR_VERSION = 9;

  private static final int FLOAT = 1;
  private static final int FLOAT_ATTRIBUTE = 1;
  private static final int INT_ATTRIBUTE = 2;
  private static final int STRING_ATTRIBUTE = 3;

  private final Sequential network;
  private final StateDict parameters;
  private final Message graph = new Message();

  /// The name of the value that the last node computes.
  private String current = "x";

  private int values;
  private int numbers;

  GraphWriter(Sequential network, StateDict parameters) {
    this.network = network;
    this.parameters = parameters;
  }

  /// Returns the bytes of the file.
  ///
  /// @throws IllegalArgumentException if ONNX has no counterpart of a layer, or a parameter does
  ///     not fit
  byte[] bytes() {
    for (int i = 0; i < network.layers().size(); i++) {
      layer(network.layers().get(i), i + ".");
    }
    node("Identity", new String[] {current}, "y");
    graph.put(2, "lanewise");
    graph.put(11, value("x", network.inputs()));
    graph.put(12, value("y", network.outputs()));
    return new Message()
        .put(1, (long) IR_VERSION)
        .put(2, "lanewise")
        .put(7, graph)
        .put(8, new Message().put(1, "").put(2, (long) OPSET))
        .bytes();
  }

  private void layer(Layer layer, String prefix) {
    for (ParameterSpec spec : layer.parameters()) {
      StateDict.Entry entry = parameters.get(prefix + spec.name());
      if (!entry.shape().equals(spec.shape())) {
        throw new IllegalArgumentException(
            "%s%s has shape %s, but %s is needed"
                .formatted(prefix, spec.name(), entry.shape(), spec.shape()));
      }
      constant(prefix + spec.name(), entry.shape(), entry.values());
    }
    String weight = prefix + "weight";
    String bias = prefix + "bias";
    switch (layer) {
      case Linear linear -> next("Gemm", inputs(current, weight, bias), attribute("transB", 1));
      case LayerNorm norm ->
          next(
              "LayerNormalization",
              inputs(current, weight, bias),
              attribute("axis", -1),
              attribute("epsilon", (float) norm.eps()));
      case PRelu relu -> next("PRelu", inputs(current, weight));
      case Softmax softmax -> next("Softmax", inputs(current), attribute("axis", -1));
      case LogSoftmax softmax -> next("LogSoftmax", inputs(current), attribute("axis", -1));
      case FeatureScaling scaling -> {
        next("Sub", inputs(current, row(scaling.minimum())));
        next("Div", inputs(current, row(scaling.range())));
      }
      case Dropout dropout -> {} // changes nothing when a network answers
      case Activation activation -> new ActivationWriter(this).write(activation);
      default ->
          throw new IllegalArgumentException("ONNX has no counterpart of the layer " + layer);
    }
  }

  static String[] inputs(String... inputs) {
    return inputs;
  }

  String current() {
    return current;
  }

  /// Adds a node, whose output is the current value from then on; returns the name of that value.
  String next(String op, String[] inputs, Message... attributes) {
    current = "v" + values++;
    node(op, inputs, current, attributes);
    return current;
  }

  private void node(String op, String[] inputs, String output, Message... attributes) {
    Message node = new Message();
    for (String input : inputs) {
      node.put(1, input);
    }
    node.put(2, output).put(4, op);
    for (Message attribute : attributes) {
      node.put(5, attribute);
    }
    graph.put(1, node);
  }

  static Message attribute(String name, float value) {
    return new Message().put(1, name).put(2, value).put(20, (long) FLOAT_ATTRIBUTE);
  }

  static Message attribute(String name, int value) {
    return new Message().put(1, name).put(3, (long) value).put(20, (long) INT_ATTRIBUTE);
  }

  static Message attribute(String name, String value) {
    return new Message().put(1, name).put(4, value).put(20, (long) STRING_ATTRIBUTE);
  }

  /// Adds a constant that is a single number, and returns its name.
  String number(double value) {
    String name = "c" + numbers++;
    constant(name, Shape.of(), bytes((float) value));
    return name;
  }

  /// Adds a constant with one number for each feature, and returns its name.
  private String row(float[] values) {
    String name = "c" + numbers++;
    constant(name, Shape.of(values.length), bytes(values));
    return name;
  }

  private static byte[] bytes(float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  private void constant(String name, Shape shape, FloatArray elements) {
    long n = elements.length() * Float.BYTES;
    if (n > Integer.MAX_VALUE - (1 << 20)) {
      throw new IllegalArgumentException(name + " is larger than an ONNX file can be");
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) n).order(ByteOrder.LITTLE_ENDIAN);
    for (long i = 0; i < elements.length(); i++) {
      bytes.putFloat(elements.get(i));
    }
    constant(name, shape, bytes.array());
  }

  private void constant(String name, Shape shape, byte[] raw) {
    Message tensor = new Message();
    for (int i = 0; i < shape.rank(); i++) {
      tensor.put(1, shape.size(i));
    }
    graph.put(5, tensor.put(2, (long) FLOAT).put(8, name).put(9, raw));
  }

  /// Returns the description of an input or output of the graph.
  private static Message value(String name, int features) {
    Message shape =
        new Message()
            .put(1, new Message().put(2, "n"))
            .put(1, new Message().put(1, (long) features));
    Message type = new Message().put(1, (long) FLOAT).put(2, shape);
    return new Message().put(1, name).put(2, new Message().put(1, type));
  }
}
