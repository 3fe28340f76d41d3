package io.github.lanewise.bench.cli;

import io.github.lanewise.nn.io.AtomicFile;
import io.github.lanewise.nn.io.DataFormat;
import io.github.lanewise.nn.io.DataSet;
import io.github.lanewise.nn.io.FileException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Classifies the rows of a file with a model that `train` saved.
@Command(
    name = "predict",
    description = "Classifies the rows of a file, and measures how long a prediction takes.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    versionProvider = Lanewise.Version.class)
final class PredictCommand implements Callable<Integer> {
  private static final int CLASSES_PER_LINE = 32;

  private final PrintStream out;

  @Spec CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "a model that train saved")
  Path modelFile;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      required = true,
      description = "the rows, in a file as train reads it; a CSV file may lack the classes")
  Path dataFile;

  @Option(names = "--json", paramLabel = "FILE", description = "a file for the figures")
  Path reportFile;

  PredictCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws FileException {
    if (reportFile != null) {
      AtomicFile.requireTarget(reportFile);
    }
    String platform = Lanewise.platform(spec);
    try (Arena arena = Arena.ofConfined()) {
      TrainedModel trained = TrainedModel.load(arena, modelFile);
      int inputs = trained.model().network().inputs();
      List<String> classes =
          IntStream.range(0, trained.model().network().outputs())
              .mapToObj(Integer::toString)
              .toList();
      DataSet data =
          DataSet.read(
              arena,
              dataFile,
              DataFormat.CLASSIFICATION.withFeatures(inputs).withClassNames(classes));
      trained.scaling().applyTo(data);
      out.println(platform);
      out.println("network: " + trained.model().network());
      Predictor predictor = new Predictor(arena, trained.model(), data);
      int[] predicted = predictor.predict();
      print(predicted);
      Double accuracy = data.isLabelled() ? predictor.accuracy(predicted) : null;
      if (accuracy != null) {
        out.print(predictor.confusion(predicted));
        out.printf(Locale.ROOT, "accuracy %.4f%n", accuracy);
      }
      Histogram latency = predictor.latency();
      out.println(Predictor.describe(latency));
      if (reportFile != null) {
        new Report()
            .put("accuracy", accuracy)
            .put("p50Micros", Predictor.micros(latency, 50))
            .put("p99Micros", Predictor.micros(latency, 99))
            .put("p999Micros", Predictor.micros(latency, 99.9))
            .write(reportFile);
      }
    }
    return 0;
  }

  private void print(int[] predicted) {
    out.println("predicted classes of the " + predicted.length + " rows:");
    StringBuilder line = new StringBuilder();
    for (int row = 0; row < predicted.length; row++) {
      line.append(predicted[row]);
      boolean last = row + 1 == predicted.length || (row + 1) % CLASSES_PER_LINE == 0;
      line.append(last ? System.lineSeparator() : " ");
    }
    out.print(line);
  }
}
