package io.github.lanewise.nn.io.onnx;

import io.github.lanewise.nn.io.FileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What an ONNX file holds, as far as networks of Lanewise need it.
///
/// @param opset the version of ONNX's operators
/// @param producer the name and version of the program that wrote the file; may be empty
/// @param nodes in an order in which each uses only what stands before it
/// @param constants by name
/// @param inputs without the constants
/// @param outputs the names of the outputs
record Graph(
    long opset,
    String producer,
    List<Node> nodes,
    Map<String, Tensor> constants,
    List<Input> inputs,
    List<String> outputs) {

  /// An operator at work.
  ///
  /// @param op the name of the operator
  /// @param name of the node; may be empty
  /// @param inputs names, which are empty for inputs that are left out
  /// @param outputs names, which are empty for outputs that are left out
  /// @param attributes by name
  record Node(
      String op,
      String name,
      List<String> inputs,
      List<String> outputs,
      Map<String, Attribute> attributes) {

    /// Returns the name of an input, empty if it is left out.
    String input(int i) {
      return i < inputs.size() ? inputs.get(i) : "";
    }

    String output() {
      return outputs.getFirst();
    }

    /// Returns an attribute that is a float, or `otherwise` if it is left out.
    float number(String attribute, double otherwise) {
      Attribute found = attributes.get(attribute);
      return found == null ? (float) otherwise : found.number();
    }

    /// Returns an attribute that is an integer, or `otherwise` if it is left out.
    long integer(String attribute, long otherwise) {
      Attribute found = attributes.get(attribute);
      return found == null ? otherwise : found.integer();
    }

    /// @throws FileException that names this node and the problem, unless the condition holds
    void require(Path file, boolean condition, String problem) throws FileException {
      if (!condition) {
        throw new FileException(file, this + " " + problem);
      }
    }

    /// Such as `Gemm '/0/Gemm'`, for messages.
    @Override
    public String toString() {
      return name.isEmpty() ? op + " of '" + output() + "'" : op + " '" + name + "'";
    }
  }

  /// A setting of a node; what it does not hold is 0, empty or null.
  record Attribute(
      float number,
      long integer,
      String text,
      Tensor tensor,
      List<Float> numbers,
      List<Long> integers) {}

  /// An input of the graph.
  ///
  /// @param sizes of the dimensions, -1 where the size is open; null if nothing is known
  @SuppressWarnings("ArrayRecordComponent") // nobody asks whether two inputs are equal
  record Input(String name, long[] sizes) {}
}
