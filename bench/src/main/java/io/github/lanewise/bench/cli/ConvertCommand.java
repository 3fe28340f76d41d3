package io.github.lanewise.bench.cli;

import io.github.lanewise.nn.io.AtomicFile;
import io.github.lanewise.nn.io.FileException;
import io.github.lanewise.nn.io.ModelFile;
import io.github.lanewise.nn.io.onnx.OnnxFile;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Writes a model in another format.
@Command(
    name = "convert",
    description = {
      "Writes a model in another format.",
      "A file that ends with .onnx is ONNX, any other is a model file: safetensors with a"
          + " description, which PyTorch reads too."
    },
    footer = {
      "",
      "Example, for a state_dict that PyTorch saved:",
      "  lanewise convert --from net.safetensors --layers 64,128,10 --to model.safetensors"
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    versionProvider = Lanewise.Version.class)
final class ConvertCommand implements Callable<Integer> {
  private final PrintStream out;

  @Spec CommandSpec spec;

  @Option(names = "--from", paramLabel = "FILE", required = true, description = "the model to read")
  Path from;

  @Option(names = "--to", paramLabel = "FILE", required = true, description = "the file to write")
  Path to;

  @Option(
      names = "--bare",
      description = "write the parameters alone, without description and scaling")
  boolean bare;

  @Mixin ModelSource source;

  ConvertCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws FileException {
    if (bare && ModelSource.isOnnx(to)) {
      throw new ParameterException(spec.commandLine(), "--bare goes with safetensors, not ONNX");
    }
    AtomicFile.requireTarget(to);
    try (Arena arena = Arena.ofConfined()) {
      ModelFile model = source.read(arena, from);
      if (bare) {
        ModelSource.writeBare(to, model);
      } else if (ModelSource.isOnnx(to)) {
        writeOnnx(model.withScalingAsLayer());
      } else {
        model.write(to);
      }
      out.println(model.network() + " written to " + to.toAbsolutePath());
    }
    return 0;
  }

  private void writeOnnx(ModelFile model) throws FileException {
    try {
      OnnxFile.write(to, model.network(), model.parameters());
    } catch (IllegalArgumentException e) {
      throw new FileException(from, "cannot become ONNX: " + e.getMessage(), e);
    }
  }
}
