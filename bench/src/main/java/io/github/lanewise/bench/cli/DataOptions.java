package io.github.lanewise.bench.cli;

import io.github.lanewise.bench.data.Digits;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.io.DataFormat;
import io.github.lanewise.nn.io.DataSet;
import io.github.lanewise.nn.io.FeatureScaling;
import io.github.lanewise.nn.io.FileException;
import io.github.lanewise.nn.io.Task;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import picocli.CommandLine.Option;

/// The options that say what a network learns from, and what it is tested with.
final class DataOptions {
  private static final long CHUNK_BYTES = 1 << 20;

  @Option(
      names = "--train",
      paramLabel = "FILE",
      description =
          "the rows to learn from: CSV with the class or the values in the last columns, or .npy or"
              + " the images of MNIST (IDX) with the file of their targets beside it; all may be"
              + " gzipped")
  Path trainingFile;

  @Option(
      names = "--test",
      paramLabel = "FILE",
      description = "the rows to test with, in a file of the same kind")
  Path testFile;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      description =
          "classification of rows into classes, regression of numbers, or multilabel with 0 or 1 for"
              + " each label")
  String taskName = "classification";

  @Option(
      names = "--targets",
      paramLabel = "N",
      description = "how many columns at the end are numbers to predict, or labels")
  int targets = 1;

  @Option(
      names = "--validation",
      paramLabel = "SHARE",
      description =
          "the share of the training rows, such as 0.1, that tells the best epoch, which is what is"
              + " saved; without it that is the last one")
  double validation;

  @Option(
      names = "--scaling",
      paramLabel = "NAME",
      description =
          "how features are scaled: auto, to about 0 to 1; standard, to mean 0 and deviation 1; none")
  String scalingName = "auto";

  /// Checks the options, before anything is read.
  ///
  /// @throws IllegalArgumentException that names the option that is wrong
  void check() {
    Task task = task();
    require((trainingFile == null) == (testFile == null), "--train and --test go together");
    require(
        trainingFile != null || task == Task.CLASSIFICATION,
        "--task " + task + " needs --train and --test");
    require(targets > 0, "--targets is " + targets + ", must be positive");
    require(
        targets == 1 || task != Task.CLASSIFICATION,
        "--targets goes with the tasks regression and multilabel");
    require(
        validation >= 0 && validation < 1,
        "--validation is " + validation + ", must be at least 0 and below 1");
    require(
        List.of("auto", "standard", "none").contains(scalingName),
        "--scaling is '" + scalingName + "', must be one of [auto, standard, none]");
  }

  private static void require(boolean condition, String problem) {
    if (!condition) {
      throw new IllegalArgumentException(problem);
    }
  }

  Task task() {
    return Task.named(taskName);
  }

  private DataFormat format() {
    return switch (task()) {
      case CLASSIFICATION -> DataFormat.CLASSIFICATION;
      case REGRESSION -> DataFormat.regression(targets);
      case MULTILABEL -> DataFormat.multilabel(targets);
    };
  }

  /// Reads the rows to learn from, or draws digits if no file is named.
  DataSet training(Arena arena, Progress progress) throws FileException {
    return trainingFile == null
        ? Digits.training(arena)
        : read(arena, trainingFile, format(), progress);
  }

  /// Reads the rows to test with.
  DataSet test(Arena arena, DataSet training, Progress progress) throws FileException {
    if (testFile == null) {
      return Digits.test(arena);
    }
    boolean isClassification = task() == Task.CLASSIFICATION;
    DataFormat format = format().withFeatures(training.columns());
    DataSet test =
        read(
            arena,
            testFile,
            isClassification ? format.withClassNames(training.outputNames()) : format,
            progress);
    if (!test.isLabelled()) {
      throw new FileException(
          testFile,
          isClassification ? "has no classes to test with" : "has no targets to test with");
    }
    return test;
  }

  private static DataSet read(Arena arena, Path file, DataFormat format, Progress progress)
      throws FileException {
    try (Progress.Reading reading = progress.read(file)) {
      return DataSet.read(arena, file, null, format, reading::bytes);
    }
  }

  FeatureScaling scaling(DataSet training) {
    return switch (scalingName) {
      case "auto" -> FeatureScaling.fit(training);
      case "standard" -> FeatureScaling.standard(training);
      default -> FeatureScaling.none(training.columns());
    };
  }

  /// Returns the rows to train with, and those to validate with if that is asked for.
  ///
  /// @throws IllegalArgumentException if one of the two would have no row
  List<DataSet> parts(DataSet all, long seed) {
    int rows = (int) Math.round(validation * all.rows());
    if (validation == 0) {
      return List.of(all);
    }
    require(
        rows >= 1 && rows < all.rows(),
        "--validation %s of %d rows is %d rows, which leaves none for one of the two"
            .formatted(validation, all.rows(), rows));
    return all.split(rows, seed);
  }

  /// Describes rows so that others are told from them.
  static String digest(DataSet rows) {
    CRC32C sum = new CRC32C();
    update(sum, rows.features());
    if (rows.hasClasses()) {
      for (int row = 0; row < rows.rows(); row++) {
        int label = rows.label(row);
        sum.update(label);
        sum.update(label >> 8);
      }
    } else {
      update(sum, rows.targets());
    }
    return "%s with the checksum %08x".formatted(rows, sum.getValue());
  }

  private static void update(CRC32C sum, FloatArray values) {
    long bytes = values.segment().byteSize();
    for (long from = 0; from < bytes; from += CHUNK_BYTES) {
      long n = Math.min(CHUNK_BYTES, bytes - from);
      sum.update(values.segment().asSlice(from, n).asByteBuffer());
    }
  }
}
