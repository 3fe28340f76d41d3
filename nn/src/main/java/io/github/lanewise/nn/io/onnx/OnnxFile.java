package io.github.lanewise.nn.io.onnx;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.LayerNorm;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.PRelu;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.io.AtomicFile;
import io.github.lanewise.nn.io.FileException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// Reads and writes ONNX files, as far as they hold a chain of layers.
///
/// Read are, of ONNX's versions 13 to 23: Gemm; MatMul, with Add; LayerNormalization; PRelu;
/// Softmax and LogSoftmax; every activation of Lanewise that ONNX has, and the groups of
/// operators that exporters write for one, such as Div, Erf, Add, Mul, Mul for GELU; scales and
/// shifts beside a linear layer, which takes them over; and Identity, Dropout, Cast, Flatten and
/// Reshape where they change nothing. Constants are FLOAT, raw or typed, in the file itself.
/// Anything else is refused by name.
///
/// Nothing in a file is taken on trust: sizes are held against the bytes that are there, and a
/// file of n bytes costs a small multiple of n.
///
/// Needs `com.google.protobuf:protobuf-javalite`, an optional dependency.
public final class OnnxFile {
  /// Larger ones cannot be: protobuf counts the bytes of a message with 31 bits.
  private static final long MAX_BYTES = Integer.MAX_VALUE - 8;

  private OnnxFile() {}

  /// A network and its parameters.
  ///
  /// @param network the layers
  /// @param parameters under their names, such as `0.weight`
  public record Contents(Sequential network, StateDict parameters) {}

  /// Reads the network of a file with one output.
  ///
  /// @param arena owns the parameters
  /// @param file the file to read
  /// @return the network and its parameters
  /// @throws FileException if the file is missing or damaged, or holds what Lanewise does not read
  public static Contents read(Arena arena, Path file) throws FileException {
    return read(arena, file, "");
  }

  /// Reads the part of a file that computes one of its outputs.
  ///
  /// @param arena owns the parameters
  /// @param file the file to read
  /// @param output the name of the output; empty for the only one
  /// @return the network and its parameters
  /// @throws FileException as [#read(Arena, Path)] does, and if there is no such output
  public static Contents read(Arena arena, Path file, String output) throws FileException {
    Objects.requireNonNull(arena, "arena is null");
    return read(arena, file, bytes(file), output);
  }

  private static byte[] bytes(Path file) throws FileException {
    if (Files.isDirectory(file)) {
      throw new FileException(file, "is a directory");
    }
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new FileException(file, "is larger than the 2 GB that an ONNX file can have");
      }
      return Files.readAllBytes(file);
    } catch (FileException e) {
      throw e;
    } catch (IOException e) {
      throw FileException.of(file, e);
    }
  }

  static Contents read(Arena arena, Path file, byte[] bytes, String output) throws FileException {
    Graph graph = GraphReader.read(file, bytes);
    List<Step> steps = Recogniser.recognise(file, bytes.length, graph, output);
    try {
      return contents(arena, steps);
    } catch (IllegalArgumentException e) {
      throw new FileException(file, "has layers that do not fit: " + e.getMessage(), e);
    }
  }

  private static Contents contents(Arena arena, List<Step> steps) {
    List<Layer> layers = new ArrayList<>();
    StateDict parameters = new StateDict();
    int width = -1;
    for (Step step : steps) {
      String name = layers.size() + ".";
      switch (step) {
        case Step.Linear linear -> {
          layers.add(Linear.of(linear.in(), linear.out()));
          put(arena, parameters, name + "weight", linear.weight(), linear.out(), linear.in());
          put(arena, parameters, name + "bias", linear.bias(), linear.out());
          width = linear.out();
        }
        case Step.Elementwise elementwise -> layers.add(elementwise.activation());
        case Step.Softmax softmax -> layers.add(softmax.log() ? LogSoftmax.LAYER : Softmax.LAYER);
        case Step.LayerNorm norm -> {
          width = norm.weight() == null ? width : norm.weight().length;
          layers.add(new LayerNorm(width, norm.eps()));
          put(arena, parameters, name + "weight", orElse(norm.weight(), 1, width), width);
          put(arena, parameters, name + "bias", orElse(norm.bias(), 0, width), width);
        }
        case Step.ParametricRelu relu -> {
          layers.add(PRelu.of(relu.slopes().length));
          put(arena, parameters, name + "weight", relu.slopes(), relu.slopes().length);
        }
        case Step.Affine affine -> throw new AssertionError(affine.node() + " was not folded");
      }
    }
    return new Contents(Sequential.of(layers.toArray(Layer[]::new)), parameters);
  }

  private static float[] orElse(float[] values, float otherwise, int n) {
    if (values != null) {
      return values;
    }
    float[] all = new float[Math.max(n, 0)];
    Arrays.fill(all, otherwise);
    return all;
  }

  private static void put(
      Arena arena, StateDict parameters, String name, float[] values, long... sizes) {
    parameters.put(name, Shape.of(sizes), FloatArray.of(arena, values));
  }

  /// Writes a network to a file, which is created or replaced: with ONNX's operators of version
  /// 20, an input `x` and an output `y`, each `[n, features]`.
  ///
  /// @param file the file to write
  /// @param network of layers that ONNX has: linear layers, LayerNorm, PReLU, softmax,
  ///     log-softmax, activations, and dropout, which is left out
  /// @param parameters under their names, such as a model's `stateDict()`
  /// @throws IllegalArgumentException if ONNX has no counterpart of a layer, or a parameter is
  ///     missing or of another shape
  /// @throws FileException if writing fails; a file that stood there is as it was
  public static void write(Path file, Sequential network, StateDict parameters)
      throws FileException {
    byte[] bytes = new GraphWriter(network, parameters).bytes();
    AtomicFile.write(file, out -> out.write(bytes));
  }
}
