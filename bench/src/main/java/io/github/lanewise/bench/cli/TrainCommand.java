package io.github.lanewise.bench.cli;

import io.github.lanewise.bench.data.Digits;
import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.nn.io.AtomicFile;
import io.github.lanewise.nn.io.Batch;
import io.github.lanewise.nn.io.Batches;
import io.github.lanewise.nn.io.DataFormat;
import io.github.lanewise.nn.io.DataSet;
import io.github.lanewise.nn.io.FeatureScaling;
import io.github.lanewise.nn.io.FileException;
import io.github.lanewise.nn.io.ModelFile;
import io.github.lanewise.nn.io.Task;
import io.github.lanewise.optim.Optimizer;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Trains a classifier, tests it, measures its speed, and saves it.
@Command(
    name = "train",
    description = {
      "Trains a classifier, tests it and saves it.",
      "Without --train and --test it learns digits, which the program draws itself."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    versionProvider = Lanewise.Version.class)
final class TrainCommand implements Callable<Integer> {
  private static final long WARM_UP_NANOS = 3_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;

  @Spec CommandSpec spec;

  @Option(
      names = "--train",
      paramLabel = "FILE",
      description =
          "the rows to learn from: a CSV file with the class in its last column, or the images of"
              + " MNIST (IDX) with the file of their labels beside it; both may be gzipped")
  Path trainingFile;

  @Option(
      names = "--test",
      paramLabel = "FILE",
      description = "the rows to test with, in a file of the same kind")
  Path testFile;

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
      names = "--optimizer",
      paramLabel = "NAME",
      completionCandidates = Optimizers.class,
      description = "the update rule, one of: ${COMPLETION-CANDIDATES}")
  String optimizer = "adam";

  @Option(names = "--lr", paramLabel = "RATE", description = "the learning rate")
  double learningRate = 1e-3;

  @Option(names = "--batch", paramLabel = "ROWS", description = "the number of rows in a step")
  int batch = 32;

  @Option(names = "--epochs", paramLabel = "N", description = "how often every row is learned")
  int epochs = 30;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "seed of the initial weights and of the order of rows")
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
    Activation between = check();
    out.println(Lanewise.platform(spec));
    try (Arena arena = Arena.ofConfined()) {
      DataSet training =
          trainingFile == null ? Digits.training(arena) : DataSet.read(arena, trainingFile);
      int classes = training.outputs();
      DataSet test = test(arena, training);
      FeatureScaling scaling = FeatureScaling.fit(training);
      scaling.applyTo(training);
      scaling.applyTo(test);

      List<Integer> widths = new ArrayList<>(hidden);
      widths.addFirst(training.columns());
      widths.add(classes);
      Model model = Networks.of(widths, between).initialize(arena, seed);
      ModelFile trained =
          ModelFile.of(model)
              .withTask(Task.CLASSIFICATION, training.outputNames())
              .withFeatures(training.featureNames(), scaling)
              .withWriter(Lanewise.name());
      out.printf("training: %s%ntest: %s%n", training, test);
      out.printf(
          Locale.ROOT,
          "network: %s, %,d parameters%noptimizer: %s, learning rate %s, %d rows in a step%n",
          model.network(),
          InfoCommand.parameters(model.network()),
          optimizer,
          learningRate,
          batch);
      warmUp(model, training);
      Timing timing = train(arena, model, training);
      Predictor predictor = new Predictor(arena, model.serve(arena), Task.CLASSIFICATION, test);
      finish(trained, timing, predictor, test);
    }
    return 0;
  }

  /// The names for `--help`.
  private static final class Optimizers implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Optimizer.NAMES.iterator();
    }
  }

  private Activation check() throws FileException {
    require((trainingFile == null) == (testFile == null), "--train and --test go together");
    for (int width : hidden) {
      require(width > 0, "--hidden has " + width + ", must be positive");
    }
    require(
        learningRate > 0 && Double.isFinite(learningRate),
        "--lr is " + learningRate + ", must be positive and finite");
    require(batch > 0, "--batch is " + batch + ", must be positive");
    require(epochs > 0, "--epochs is " + epochs + ", must be positive");
    require(
        Optimizer.NAMES.contains(optimizer),
        "--optimizer is '%s', must be one of %s".formatted(optimizer, Optimizer.NAMES));
    for (Path output : Arrays.asList(modelFile, reportFile)) {
      if (output != null) {
        AtomicFile.requireTarget(output);
      }
    }
    try {
      return Networks.activation(activation);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void require(boolean condition, String problem) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), problem);
    }
  }

  private DataSet test(Arena arena, DataSet training) throws FileException {
    if (testFile == null) {
      return Digits.test(arena);
    }
    DataSet test =
        DataSet.read(
            arena,
            testFile,
            DataFormat.CLASSIFICATION
                .withFeatures(training.columns())
                .withClassNames(training.outputNames()));
    if (!test.isLabelled()) {
      throw new FileException(testFile, "has no classes to test with");
    }
    return test;
  }

  /// What a training took.
  ///
  /// @param secondsPerEpoch the mean, warm-up included
  /// @param microsPerStep forward, backward and update: the mean of the fastest epoch, since the
  ///     first ones run before the JVM has compiled the kernels
  private record Timing(double secondsPerEpoch, double microsPerStep) {}

  /// Trains another model of the same network for a while, no longer than the training itself, so
  /// that the JVM has compiled the kernels before the epochs that count.
  private void warmUp(Model model, DataSet data) {
    try (Arena arena = Arena.ofConfined()) {
      int rows = Math.min(batch, data.rows());
      Model other = model.network().initialize(arena, seed);
      TrainingSession session = other.training(arena, rows, Loss.crossEntropy());
      Optimizer update = Optimizer.named(optimizer, arena, other.parameters(), learningRate);
      Batches batches = Batches.of(arena, data, rows, seed);
      long deadline = System.nanoTime() + WARM_UP_NANOS;
      for (int epoch = 0; epoch < epochs; epoch++) {
        for (Batch next : batches) {
          session.forward(next.features(), next.labels());
          update.zeroGrad();
          session.backward();
          update.step();
          if (System.nanoTime() > deadline) {
            return;
          }
        }
      }
    }
  }

  private Timing train(Arena arena, Model model, DataSet data) {
    int rows = Math.min(batch, data.rows());
    TrainingSession session = model.training(arena, rows, Loss.crossEntropy());
    Optimizer update = Optimizer.named(optimizer, arena, model.parameters(), learningRate);
    Batches batches = Batches.of(arena, data, rows, seed);
    double microsPerStep = Double.POSITIVE_INFINITY;
    long begin = System.nanoTime();
    try (Progress progress = new Progress(out, terminal, epochs, data.rows())) {
      for (int epoch = 0; epoch < epochs; epoch++) {
        long epochBegin = System.nanoTime();
        long stepNanos = 0;
        double lossSum = 0;
        for (Batch next : batches) {
          long before = System.nanoTime();
          float loss = session.forward(next.features(), next.labels());
          update.zeroGrad();
          session.backward();
          update.step();
          stepNanos += System.nanoTime() - before;
          lossSum += loss * next.labels().length;
          progress.step(next.labels().length, loss);
        }
        microsPerStep = Math.min(microsPerStep, stepNanos / 1e3 / batches.count());
        double loss = lossSum / data.rows();
        require(
            Double.isFinite(loss),
            "--lr %s is too large: the loss is %s in epoch %d"
                .formatted(learningRate, loss, epoch + 1));
        progress.epoch(epoch + 1, loss, System.nanoTime() - epochBegin);
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    return new Timing(seconds / epochs, microsPerStep);
  }

  private void finish(ModelFile trained, Timing timing, Predictor predictor, DataSet test)
      throws FileException {
    FloatArray values = predictor.outputs();
    Evaluation evaluation =
        Evaluation.of(
            Task.CLASSIFICATION, test, values, predictor.classes(values), test.outputNames());
    out.print(evaluation.table());
    Histogram latency = predictor.latency();
    out.printf(
        Locale.ROOT,
        "test %s%n%.3f s per epoch, %.1f us per step in the fastest epoch%n%s%n",
        evaluation,
        timing.secondsPerEpoch,
        timing.microsPerStep,
        Predictor.describe(latency));
    if (modelFile != null) {
      trained.write(modelFile);
      out.println("model saved to " + modelFile.toAbsolutePath());
    }
    if (reportFile != null) {
      new Report()
          .put("testAccuracy", evaluation.value())
          .put("secondsPerEpoch", timing.secondsPerEpoch)
          .put("microsecondsPerStep", timing.microsPerStep)
          .put("predictP50Micros", Predictor.micros(latency, 50))
          .put("predictP99Micros", Predictor.micros(latency, 99))
          .put("parameters", InfoCommand.parameters(trained.network()))
          .put("seed", seed)
          .write(reportFile);
    }
  }
}
