package io.github.lanewise.bench.cli;

import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.io.FileException;
import io.github.lanewise.nn.io.ModelFile;
import io.github.lanewise.nn.io.SafeTensors;
import io.github.lanewise.nn.io.onnx.OnnxFile;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The options that say what a file of a model does not.
final class ModelSource {
  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Option(
      names = "--layers",
      paramLabel = "N",
      split = ",",
      description =
          "the widths of the layers, from the inputs to the outputs, as in 64,128,10: for a"
              + " safetensors file of parameters alone, such as PyTorch's")
  List<Integer> layers = List.of();

  @Option(
      names = "--activation",
      paramLabel = "FUNCTION",
      completionCandidates = Networks.Names.class,
      description = "with --layers, the function between them, one of: ${COMPLETION-CANDIDATES}")
  String activation = "relu";

  @Option(
      names = "--onnx-output",
      paramLabel = "NAME",
      description = "the output of an ONNX file that has several")
  String onnxOutput = "";

  /// Whether a file is ONNX, by its ending.
  static boolean isOnnx(Path file) {
    return file.toString().endsWith(".onnx");
  }

  /// Reads a model: ONNX, a model file, or parameters whose layers the options tell.
  ///
  /// @throws FileException if the file cannot be read as such
  /// @throws ParameterException if an option is wrong
  ModelFile read(Arena arena, Path file) throws FileException {
    if (isOnnx(file)) {
      require(layers.isEmpty(), "--layers is not for ONNX files, which have their layers: " + file);
      OnnxFile.Contents contents = OnnxFile.read(arena, file, onnxOutput);
      return ModelFile.of(contents.network(), contents.parameters());
    }
    require(onnxOutput.isEmpty(), "--onnx-output is only for files named *.onnx, not " + file);
    if (layers.isEmpty()) {
      return ModelFile.read(arena, file);
    }
    return ModelFile.read(arena, file, network());
  }

  private void require(boolean condition, String problem) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), problem);
    }
  }

  private Sequential network() {
    try {
      if (layers.size() < 2) {
        throw new IllegalArgumentException(
            "--layers is " + layers + ", at least the inputs and the outputs are needed");
      }
      return Networks.of(layers, Networks.activation(activation));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /// Writes a model as parameters alone.
  static void writeBare(Path file, ModelFile model) throws FileException {
    SafeTensors.write(file, model.parameters());
  }
}
