package io.github.lanewise.bench.cli;

import io.github.lanewise.core.Layer;
import io.github.lanewise.core.ParameterSpec;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.io.AtomicFile;
import io.github.lanewise.nn.io.FileException;
import io.github.lanewise.nn.io.ModelFile;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Shows what a file of a model holds.
@Command(
    name = "info",
    description = "Shows what a model is: layers, parameters, scaling, classes, and who made it.",
    footer = {"", "Example:", "  lanewise info model.safetensors"},
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    versionProvider = Lanewise.Version.class)
final class InfoCommand implements Callable<Integer> {
  private static final int SHOWN_NAMES = 20;

  private final PrintStream out;

  @Parameters(paramLabel = "FILE", description = "a model file, safetensors or ONNX (.onnx)")
  Path file;

  @Option(names = "--json", paramLabel = "FILE", description = "a file for the same, for programs")
  Path reportFile;

  @Mixin ModelSource source;

  InfoCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws FileException {
    if (reportFile != null) {
      AtomicFile.requireTarget(reportFile);
    }
    try (Arena arena = Arena.ofConfined()) {
      ModelFile model = source.read(arena, file);
      Sequential network = model.network();
      long bytes = bytes();
      out.println("task: " + model.task());
      out.printf("inputs: %d%s%n", network.inputs(), named(model.featureNames()));
      out.printf("outputs: %d%s%n", network.outputs(), named(model.outputNames()));
      out.println("scaling: " + (model.scaling().isNone() ? "none" : model.scaling()));
      out.println("layers:");
      int width = network.inputs();
      for (Layer layer : network.layers()) {
        width = layer.outputs(width);
        out.printf(Locale.ROOT, "  %-24s %,12d parameters%n", layer, parameters(layer));
      }
      out.printf(
          Locale.ROOT, "parameters: %,d in a file of %,d bytes%n", parameters(network), bytes);
      out.println("made by: " + (model.writer().isEmpty() ? "unknown" : model.writer()));
      if (reportFile != null) {
        new Report()
            .put("task", model.task().toString())
            .put("inputs", network.inputs())
            .put("outputs", network.outputs())
            .put("featureNames", model.featureNames())
            .put("outputNames", model.outputNames())
            .put("scaling", model.scaling().isNone() ? null : model.scaling().toString())
            .put("layers", network.layers().stream().map(Layer::toString).toList())
            .put("parameters", parameters(network))
            .put("bytes", bytes)
            .put("writer", model.writer())
            .write(reportFile);
      }
    }
    return 0;
  }

  private long bytes() throws FileException {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw FileException.of(file, e);
    }
  }

  private static String named(List<String> names) {
    if (names.isEmpty()) {
      return "";
    }
    boolean all = names.size() <= SHOWN_NAMES;
    List<String> shown = all ? names : names.subList(0, SHOWN_NAMES);
    return " (" + String.join(", ", shown) + (all ? ")" : ", ...)");
  }

  /// Returns the number of values that training changes.
  static long parameters(Sequential network) {
    return network.layers().stream().mapToLong(InfoCommand::parameters).sum();
  }

  private static long parameters(Layer layer) {
    return layer.parameters().stream()
        .map(ParameterSpec::shape)
        .mapToLong(shape -> shape.elements())
        .sum();
  }
}
