package io.github.lanewise.bench.cli;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.io.AtomicFile;
import io.github.lanewise.nn.io.DataFormat;
import io.github.lanewise.nn.io.DataSet;
import io.github.lanewise.nn.io.FileException;
import io.github.lanewise.nn.io.ModelFile;
import io.github.lanewise.nn.io.Task;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Predicts from the rows of a file.
@Command(
    name = "predict",
    description = {
      "Predicts from the rows of a file, and prints one row a line: the class and its probability,"
          + " the labels that are more likely there than not, or the values.",
      "If the file has the classes or values too, it says how good the predictions are."
    },
    footer = {
      "",
      "Example:",
      "  lanewise predict --model model.safetensors --data test.csv --output classes.csv"
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    versionProvider = Lanewise.Version.class)
final class PredictCommand implements Callable<Integer> {
  private final PrintStream out;
  private final boolean terminal;

  @Spec CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "a model file that train or convert wrote, safetensors, or ONNX (.onnx)")
  Path modelFile;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      required = true,
      description = "the rows, in a file as train reads it, which may lack the classes or values")
  Path dataFile;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "a file for the predictions instead of the screen: .npy for the probabilities or values of"
              + " all outputs, .json, or CSV for any other ending and /dev/stdout")
  Path outputFile;

  @Option(names = "--raw", description = "the outputs of the network as they are")
  boolean raw;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      description = "what the outputs mean, if the file of the model does not say it")
  String task;

  @Option(names = "--latency", description = "measure how long the prediction of one row takes")
  boolean latency;

  @Option(names = "--json", paramLabel = "FILE", description = "a file for the figures")
  Path reportFile;

  @Mixin ModelSource source;

  PredictCommand(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws FileException {
    if (reportFile != null) {
      AtomicFile.requireTarget(reportFile);
    }
    if (outputFile != null && !Predictions.isStream(outputFile)) {
      AtomicFile.requireTarget(outputFile);
    }
    Lanewise.platform(spec);
    try (Arena arena = Arena.ofConfined()) {
      ModelFile model = model(arena);
      DataSet data = data(arena, format(model));
      Predictor predictor = new Predictor(arena, model.serve(arena), model.task(), data);
      FloatArray values = predictor.outputs();
      if (raw) {
        write(new Predictions(model, values, null));
      }
      predictor.interpret(values);
      int[] predicted = predictor.classes(values);
      if (!raw) {
        write(new Predictions(model, values, predicted));
      }
      Evaluation evaluation =
          data.isLabelled()
              ? Evaluation.of(model.task(), data, values, predicted, names(model))
              : null;
      finish(evaluation, latency ? predictor.latency() : null);
    }
    return 0;
  }

  /// Reads the rows, and shows on a terminal how far that is. What goes into a pipe or a stream is
  /// the predictions alone.
  private DataSet data(Arena arena, DataFormat format) throws FileException {
    if (!terminal || (outputFile != null && Predictions.isStream(outputFile))) {
      return DataSet.read(arena, dataFile, format);
    }
    try (Progress.Reading reading = new Progress(out, true).read(dataFile)) {
      return DataSet.read(arena, dataFile, null, format, reading::bytes);
    }
  }

  private ModelFile model(Arena arena) throws FileException {
    ModelFile model = source.read(arena, modelFile);
    try {
      return task == null ? model : model.withTask(Task.named(task), model.outputNames());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--task: " + e.getMessage(), e);
    }
  }

  /// The name of each output, which is its index if the model has no names.
  static List<String> names(ModelFile model) {
    return IntStream.range(0, model.network().outputs()).mapToObj(model::outputName).toList();
  }

  private static DataFormat format(ModelFile model) {
    int outputs = model.network().outputs();
    DataFormat format =
        switch (model.task()) {
          case CLASSIFICATION -> DataFormat.CLASSIFICATION.withClassNames(names(model));
          case REGRESSION -> DataFormat.regression(outputs);
          case MULTILABEL -> DataFormat.multilabel(outputs);
        };
    return format.withFeatures(model.network().inputs());
  }

  private void write(Predictions predictions) throws FileException {
    if (outputFile == null) {
      predictions.print(out);
    } else {
      predictions.write(outputFile);
    }
  }

  /// Says how good and how fast the predictions were, unless the output is a stream, which shall
  /// hold nothing but them.
  private void finish(Evaluation evaluation, Histogram nanos) throws FileException {
    boolean quiet = outputFile != null && Predictions.isStream(outputFile);
    if (evaluation != null && !quiet) {
      out.print(evaluation.table());
      out.println(evaluation);
    }
    if (nanos != null && !quiet) {
      out.println(Predictor.describe(nanos));
    }
    if (reportFile != null) {
      Report report = new Report();
      if (evaluation != null) {
        report.put(evaluation.figure(), evaluation.value());
        evaluation.tree().forEach(report::put);
      }
      if (nanos != null) {
        report
            .put("p50Micros", Predictor.micros(nanos, 50))
            .put("p99Micros", Predictor.micros(nanos, 99))
            .put("p999Micros", Predictor.micros(nanos, 99.9));
      }
      report.write(reportFile);
    }
  }
}
