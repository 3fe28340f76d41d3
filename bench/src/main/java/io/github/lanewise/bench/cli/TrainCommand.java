package io.github.lanewise.bench.cli;

import io.github.lanewise.bench.data.Digits;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.io.AtomicFile;
import io.github.lanewise.nn.io.DataFormat;
import io.github.lanewise.nn.io.DataSet;
import io.github.lanewise.nn.io.FeatureScaling;
import io.github.lanewise.nn.io.FileException;
import io.github.lanewise.nn.io.ModelFile;
import io.github.lanewise.nn.io.Task;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Trains a network, tests it, measures its speed, and saves it.
@Command(
    name = "train",
    description = {
      "Trains a network, tests it and saves it.",
      "Without --train and --test it learns digits, which the program draws itself."
    },
    footer = {
      "",
      "Example:",
      "  lanewise train --train train.csv --test test.csv --validation 0.1 --patience 5 --save"
          + " model.safetensors"
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    versionProvider = Lanewise.Version.class)
final class TrainCommand implements Callable<Integer> {
  private final PrintStream out;
  private final boolean terminal;

  @Spec CommandSpec spec;

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
      names = "--hidden",
      paramLabel = "N",
      split = ",",
      showDefaultValue = Visibility.NEVER,
      description = {"the widths of the hidden layers, as in 128,64", "  Default: 128"})
  List<Integer> hidden = List.of(128);

  @Option(
      names = "--activation",
      paramLabel = "NAME",
      completionCandidates = Networks.Names.class,
      description = "the function between the layers, one of: ${COMPLETION-CANDIDATES}")
  String activation = "relu";

  @Option(
      names = "--dropout",
      paramLabel = "P",
      description = "the probability that an output of a hidden layer is dropped in training")
  double dropout;

  @Mixin LearningOptions learning;

  @Option(names = "--batch", paramLabel = "ROWS", description = "the number of rows in a step")
  int batch = 32;

  @Option(names = "--epochs", paramLabel = "N", description = "how often every row is learned")
  int epochs = 30;

  @Option(
      names = "--validation",
      paramLabel = "SHARE",
      description =
          "the share of the training rows, such as 0.1, that tells the best epoch, which is what is"
              + " saved; without it that is the last one")
  double validation;

  @Option(
      names = "--patience",
      paramLabel = "N",
      description = "with --validation, stop after N epochs without a better one; 0 for never")
  int patience;

  @Option(
      names = "--scaling",
      paramLabel = "NAME",
      description =
          "how features are scaled: auto, to about 0 to 1; standard, to mean 0 and deviation 1; none")
  String scalingName = "auto";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "seed of the initial weights, of the order of rows and of dropout")
  long seed = 42;

  @Option(names = "--save", paramLabel = "FILE", description = "a file for the model (safetensors)")
  Path modelFile;

  @Option(names = "--json", paramLabel = "FILE", description = "a file for the figures")
  Path reportFile;

  TrainCommand(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws FileException {
    try {
      check();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    String platform = Lanewise.platform(spec);
    out.println(platform);
    try (Arena arena = Arena.ofConfined()) {
      run(arena, platform);
    }
    return 0;
  }

  private void run(Arena arena, String platform) throws FileException {
    Task task = Task.named(taskName);
    DataSet all =
        trainingFile == null
            ? Digits.training(arena)
            : DataSet.read(arena, trainingFile, format(task));
    DataSet test = test(arena, all, task);
    FeatureScaling scaling = scaling(all);
    scaling.applyTo(all);
    scaling.applyTo(test);
    List<DataSet> parts = parts(all);
    DataSet training = parts.getFirst();
    List<Integer> widths = new ArrayList<>(hidden);
    widths.addFirst(all.columns());
    widths.add(all.outputs());
    Sequential network = Networks.of(widths, Networks.activation(activation), dropout, seed);
    Model model = network.initialize(arena, seed);
    out.printf("training: %s%ntest: %s%n", training, test);
    Trainer trainer =
        new Trainer(
            arena,
            model,
            training,
            parts.size() > 1 ? parts.getLast() : null,
            learning,
            learning.loss(task),
            batch,
            epochs,
            patience,
            seed);
    out.printf(
        Locale.ROOT,
        "network: %s, %,d parameters%noptimizer: %s, learning rate %s, %d rows in a step%n",
        network,
        InfoCommand.parameters(network),
        learning.optimizer,
        learning.optimizer(arena, model.parameters()).learningRate(),
        batch);
    trainer.warmUp();
    try {
      trainer.run(new Progress(out, terminal, epochs, training.rows()));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    ModelFile trained =
        ModelFile.of(model)
            .withTask(task, all.outputNames())
            .withFeatures(all.featureNames(), scaling)
            .withWriter(Lanewise.name());
    finish(trained, trainer, new Predictor(arena, model.serve(arena), task, test), test, platform);
  }

  private void check() throws FileException {
    Task task = Task.named(taskName);
    require((trainingFile == null) == (testFile == null), "--train and --test go together");
    require(
        trainingFile != null || task == Task.CLASSIFICATION,
        "--task " + task + " needs --train and --test");
    require(targets > 0, "--targets is " + targets + ", must be positive");
    require(
        targets == 1 || task != Task.CLASSIFICATION,
        "--targets goes with the tasks regression and multilabel");
    for (int width : hidden) {
      require(width > 0, "--hidden has " + width + ", must be positive");
    }
    Networks.activation(activation);
    require(
        dropout >= 0 && dropout < 1,
        "--dropout is " + dropout + ", must be at least 0 and below 1");
    learning.check(task);
    require(batch > 0, "--batch is " + batch + ", must be positive");
    require(epochs > 0, "--epochs is " + epochs + ", must be positive");
    require(
        validation >= 0 && validation < 1,
        "--validation is " + validation + ", must be at least 0 and below 1");
    require(patience >= 0, "--patience is " + patience + ", must be at least 0");
    require(patience == 0 || validation > 0, "--patience needs --validation");
    require(
        List.of("auto", "standard", "none").contains(scalingName),
        "--scaling is '" + scalingName + "', must be one of [auto, standard, none]");
    for (Path output : Arrays.asList(modelFile, reportFile)) {
      if (output != null) {
        AtomicFile.requireTarget(output);
      }
    }
  }

  private static void require(boolean condition, String problem) {
    if (!condition) {
      throw new IllegalArgumentException(problem);
    }
  }

  private DataFormat format(Task task) {
    return switch (task) {
      case CLASSIFICATION -> DataFormat.CLASSIFICATION;
      case REGRESSION -> DataFormat.regression(targets);
      case MULTILABEL -> DataFormat.multilabel(targets);
    };
  }

  private DataSet test(Arena arena, DataSet training, Task task) throws FileException {
    if (testFile == null) {
      return Digits.test(arena);
    }
    DataFormat format = format(task).withFeatures(training.columns());
    DataSet test =
        DataSet.read(
            arena,
            testFile,
            task == Task.CLASSIFICATION ? format.withClassNames(training.outputNames()) : format);
    if (!test.isLabelled()) {
      throw new FileException(
          testFile,
          task == Task.CLASSIFICATION
              ? "has no classes to test with"
              : "has no targets to test with");
    }
    return test;
  }

  private FeatureScaling scaling(DataSet training) {
    return switch (scalingName) {
      case "auto" -> FeatureScaling.fit(training);
      case "standard" -> FeatureScaling.standard(training);
      default -> FeatureScaling.none(training.columns());
    };
  }

  /// Returns the rows to train with, and those to validate with if that is asked for.
  private List<DataSet> parts(DataSet all) {
    int rows = (int) Math.round(validation * all.rows());
    if (validation == 0) {
      return List.of(all);
    }
    if (rows < 1 || rows >= all.rows()) {
      throw new ParameterException(
          spec.commandLine(),
          "--validation %s of %d rows is %d rows, which leaves none for one of the two"
              .formatted(validation, all.rows(), rows));
    }
    return all.split(rows, seed);
  }

  private void finish(
      ModelFile trained, Trainer trainer, Predictor predictor, DataSet test, String platform)
      throws FileException {
    FloatArray values = predictor.outputs();
    predictor.interpret(values);
    Evaluation evaluation =
        Evaluation.of(trained.task(), test, values, predictor.classes(values), test.outputNames());
    out.print(evaluation.table());
    Histogram latency = predictor.latency();
    if (validation > 0) {
      out.printf("best epoch: %d%n", trainer.bestEpoch());
    }
    out.printf(
        Locale.ROOT,
        "test %s%n%.3f s per epoch, %.1f us per step in the fastest epoch%n%s%n",
        evaluation,
        trainer.secondsPerEpoch(),
        trainer.microsPerStep(),
        Predictor.describe(latency));
    if (modelFile != null) {
      trained.write(modelFile);
      out.println("model saved to " + modelFile.toAbsolutePath());
    }
    if (reportFile != null) {
      TrainingReport.of(trained, trainer, evaluation, latency)
          .put("seed", seed)
          .put("optimizer", learning.optimizer)
          .put("rowsInAStep", batch)
          .put("machine", platform)
          .write(reportFile);
    }
  }
}
