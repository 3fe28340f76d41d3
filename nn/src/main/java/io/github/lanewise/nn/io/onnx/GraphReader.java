package io.github.lanewise.nn.io.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.github.lanewise.nn.io.FileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads the graph of an ONNX file. Field numbers are those of ONNX's `onnx.proto`.
///
/// Nothing is taken on trust: a size is held against the bytes that are there before memory is
/// allocated for it, the numbers of nodes and names are bounded, and messages nest only as deep as
/// this class calls itself.
final class GraphReader {
  private static final int MIN_OPSET = 13;
  private static final int MAX_OPSET = 23;

  /// The most nodes, constants, inputs and outputs of a graph, and inputs of a node.
  private static final int MAX_ENTRIES = 10_000;

  private final Path file;
  private final CodedInputStream in;
  private final TensorReader tensors;
  private final List<Graph.Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> constants = new HashMap<>();
  private final List<Graph.Input> inputs = new ArrayList<>();
  private final List<String> outputs = new ArrayList<>();
  private long opset = -1;
  private String producer = "";
  private String producerVersion = "";
  private boolean hasGraph;

  private GraphReader(Path file, byte[] bytes) {
    this.file = file;
    this.in = CodedInputStream.newInstance(bytes);
    this.tensors = new TensorReader(file, in);
  }

  /// Reads the graph in the bytes of a file.
  ///
  /// @throws FileException if the bytes are no ONNX file, or one that Lanewise does not read
  static Graph read(Path file, byte[] bytes) throws FileException {
    try {
      return new GraphReader(file, bytes).graph();
    } catch (FileException e) {
      throw e;
    } catch (InvalidProtocolBufferException e) {
      throw new FileException(file, "is no ONNX file, or a damaged one: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new FileException(file, e.getMessage(), e);
    }
  }

  /// Reads the fields of a message; how a field is read depends on its number.
  @FunctionalInterface
  interface Fields {
    /// Reads the value of a field, and returns whether it did; if not, the field is skipped.
    boolean read(int field, int wireType) throws IOException;
  }

  /// Reads the fields of a message that the stream is at the length of.
  static void message(CodedInputStream in, Fields fields) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    fields(in, fields);
    in.popLimit(limit);
  }

  private static void fields(CodedInputStream in, Fields fields) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int wireType = WireFormat.getTagWireType(tag);
      if (!fields.read(WireFormat.getTagFieldNumber(tag), wireType) && !in.skipField(tag)) {
        throw new IOException("is no ONNX file, or a damaged one: a group ends that did not begin");
      }
    }
  }

  private Graph graph() throws IOException {
    fields(
        in,
        (field, wire) -> {
          switch (field) {
            case 2 -> producer = text(wire);
            case 3 -> producerVersion = text(wire);
            case 7 -> graphMessage(wire);
            case 8 -> opset(wire);
            case 25 -> throw wrong("has functions of its own; export it without them");
            default -> {
              return false;
            }
          }
          return true;
        });
    if (!hasGraph) {
      throw wrong("is no ONNX file: it has no graph");
    }
    if (opset < MIN_OPSET || opset > MAX_OPSET) {
      throw wrong(
          "has ONNX's operators of version %s; Lanewise reads %d to %d"
              .formatted(opset < 0 ? "unknown" : opset, MIN_OPSET, MAX_OPSET));
    }
    inputs.removeIf(input -> constants.containsKey(input.name()));
    requireOrder();
    String by = (producer + " " + producerVersion).strip();
    return new Graph(opset, by, nodes, constants, inputs, outputs);
  }

  private void opset(int wire) throws IOException {
    requireBytes(wire);
    String[] domain = {""};
    long[] version = {0};
    message(
        in,
        (field, type) -> {
          if (field == 1) {
            domain[0] = text(type);
          } else if (field == 2) {
            version[0] = integer(type);
          }
          return field == 1 || field == 2;
        });
    if (domain[0].isEmpty() || domain[0].equals("ai.onnx")) {
      opset = version[0];
    }
  }

  private void graphMessage(int wire) throws IOException {
    requireBytes(wire);
    if (hasGraph) {
      throw wrong("has more than one graph");
    }
    hasGraph = true;
    message(
        in,
        (field, type) -> {
          switch (field) {
            case 1 -> add(nodes, node(type), "nodes");
            case 5 -> constant(type);
            case 11 -> add(inputs, input(type), "inputs");
            case 12 -> add(outputs, input(type).name(), "outputs");
            case 15 -> throw wrong("has sparse constants; Lanewise reads dense ones");
            default -> {
              return false;
            }
          }
          return true;
        });
  }

  private <T> void add(List<T> list, T entry, String what) throws FileException {
    if (list.size() == MAX_ENTRIES) {
      throw wrong("has more than " + MAX_ENTRIES + " " + what);
    }
    list.add(entry);
  }

  private void constant(int wire) throws IOException {
    requireBytes(wire);
    Tensor tensor = tensors.read("constant");
    if (constants.size() == MAX_ENTRIES) {
      throw wrong("has more than " + MAX_ENTRIES + " constants");
    }
    if (constants.put(tensor.name(), tensor) != null) {
      throw wrong("has two constants named '" + tensor.name() + "'");
    }
  }

  private Graph.Node node(int wire) throws IOException {
    requireBytes(wire);
    String[] names = new String[] {"", "", ""}; // of the operator, the node and the domain
    List<String> from = new ArrayList<>();
    List<String> to = new ArrayList<>();
    Map<String, Graph.Attribute> attributes = new HashMap<>();
    message(
        in,
        (field, type) -> {
          switch (field) {
            case 1 -> add(from, text(type), "inputs of a node");
            case 2 -> add(to, text(type), "outputs of a node");
            case 3 -> names[1] = text(type);
            case 4 -> names[0] = text(type);
            case 5 -> attribute(type, attributes);
            case 7 -> names[2] = text(type);
            default -> {
              return false;
            }
          }
          return true;
        });
    if (to.isEmpty() || to.getFirst().isEmpty()) {
      throw wrong("has a node " + names[0] + " without an output");
    }
    boolean standard = names[2].isEmpty() || names[2].equals("ai.onnx");
    String op = standard ? names[0] : names[2] + "." + names[0];
    return new Graph.Node(op, names[1], from, to, attributes);
  }

  private void attribute(int wire, Map<String, Graph.Attribute> into) throws IOException {
    requireBytes(wire);
    String[] texts = {"", ""};
    float[] number = {0};
    long[] integer = {0};
    Tensor[] tensor = {null};
    List<Float> numbers = new ArrayList<>();
    List<Long> integers = new ArrayList<>();
    message(
        in,
        (field, type) -> {
          switch (field) {
            case 1 -> texts[0] = text(type);
            case 2 -> number[0] = number(type);
            case 3 -> integer[0] = integer(type);
            case 4 -> texts[1] = text(type);
            case 5 -> {
              requireBytes(type);
              tensor[0] = tensors.read("attribute '" + texts[0] + "'");
            }
            case 7 -> tensors.eachFloat(type, value -> add(numbers, value, "numbers in a list"));
            case 8 -> tensors.eachLong(type, value -> add(integers, value, "numbers in a list"));
            case 21 -> throw wrong("has an attribute that refers to a function");
            default -> {
              return false;
            }
          }
          return true;
        });
    Graph.Attribute attribute =
        new Graph.Attribute(number[0], integer[0], texts[1], tensor[0], numbers, integers);
    if (into.size() == MAX_ENTRIES || into.put(texts[0], attribute) != null) {
      throw wrong("has a node with two attributes named '" + texts[0] + "'");
    }
  }

  private Graph.Input input(int wire) throws IOException {
    requireBytes(wire);
    String[] name = {""};
    List<Long> sizes = new ArrayList<>();
    boolean[] shaped = {false};
    message(
        in,
        (field, type) -> {
          if (field == 1) {
            name[0] = text(type);
          } else if (field == 2 && type == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            message(in, (kind, wireType) -> kind == 1 && tensorType(wireType, sizes, shaped));
          } else {
            return false;
          }
          return true;
        });
    return new Graph.Input(
        name[0], shaped[0] ? sizes.stream().mapToLong(Long::longValue).toArray() : null);
  }

  private boolean tensorType(int wire, List<Long> sizes, boolean[] shaped) throws IOException {
    requireBytes(wire);
    message(
        in,
        (field, type) -> {
          if (field != 2) {
            return false;
          }
          requireBytes(type);
          shaped[0] = true;
          message(
              in,
              (kind, wireType) -> {
                if (kind == 1) {
                  requireBytes(wireType);
                  add(sizes, dimension(), "dimensions of an input");
                }
                return kind == 1;
              });
          return true;
        });
    return true;
  }

  private long dimension() throws IOException {
    long[] size = {-1};
    message(
        in,
        (field, type) -> {
          if (field == 1) {
            size[0] = integer(type);
          }
          return field == 1;
        });
    return size[0];
  }

  /// Requires that every node uses only what stands before it, so that there is no cycle, and that
  /// no value is computed twice.
  private void requireOrder() throws FileException {
    Set<String> known = new HashSet<>(constants.keySet());
    for (Graph.Input input : inputs) {
      if (!known.add(input.name())) {
        throw wrong("has two inputs named '" + input.name() + "'");
      }
    }
    for (Graph.Node node : nodes) {
      for (String name : node.inputs()) {
        if (!name.isEmpty() && !known.contains(name)) {
          throw wrong(node + " uses '" + name + "', which nothing before it computes");
        }
      }
      for (String name : node.outputs()) {
        if (!name.isEmpty() && !known.add(name)) {
          throw wrong(node + " computes '" + name + "', which is there already");
        }
      }
    }
  }

  private String text(int wire) throws IOException {
    requireBytes(wire);
    return new String(in.readByteArray(), StandardCharsets.UTF_8);
  }

  private long integer(int wire) throws IOException {
    if (wire != WireFormat.WIRETYPE_VARINT) {
      throw wrong("is no ONNX file, or a damaged one: an integer is not written as one");
    }
    return in.readInt64();
  }

  private float number(int wire) throws IOException {
    if (wire != WireFormat.WIRETYPE_FIXED32) {
      throw wrong("is no ONNX file, or a damaged one: a float is not written as one");
    }
    return in.readFloat();
  }

  private void requireBytes(int wire) throws FileException {
    TensorReader.requireBytes(file, wire);
  }

  private FileException wrong(String problem) {
    return new FileException(file, problem);
  }
}
