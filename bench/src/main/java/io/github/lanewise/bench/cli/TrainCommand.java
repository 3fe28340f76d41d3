package io.github.lanewise.bench.cli;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.io.AtomicFile;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
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
  /// What a shell reports for a program that Ctrl-C has ended.
  private static final int INTERRUPTED = 130;

  private static final Set<String> OUTPUTS =
      Set.of("--save", "--json", "--report", "--checkpoint", "--resume");

  private final PrintStream out;
  private final boolean terminal;

  @Spec CommandSpec spec;

  @Mixin DataOptions data;

  @Option(
      names = "--hidden",
      paramLabel = "N",
      split = ",",
      showDefaultValue = Visibility.NEVER,
      description = {"the widths of the hidden layers, as in 128,64", "  Default: 128"})
  List<Integer> hidden = List.of(128);

  @Option(
      names = "--activation",
      paramLabel = "FUNCTION",
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
      names = "--patience",
      paramLabel = "N",
      description = "with --validation, stop after N epochs without a better one; 0 for never")
  int patience;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "seed of the initial weights, of the order of rows and of dropout")
  long seed = 42;

  @Option(names = "--save", paramLabel = "FILE", description = "a file for the model (safetensors)")
  Path modelFile;

  @Option(names = "--json", paramLabel = "FILE", description = "a file for the figures")
  Path reportFile;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description =
          "a directory for index.html, a page with loss curves, test results and all settings that"
              + " needs no network")
  Path pageDirectory;

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description = "a file from which --resume goes on: written after each epoch, and on Ctrl-C")
  Path checkpointFile;

  @Option(
      names = "--resume",
      paramLabel = "FILE",
      description =
          "go on from a checkpoint, as if the training had never stopped; the other options must be"
              + " those of that training")
  Path resumedFile;

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
      return run(arena, platform);
    }
  }

  private int run(Arena arena, String platform) throws FileException {
    Task task = data.task();
    Progress progress = new Progress(out, terminal);
    DataSet all = data.training(arena, progress);
    DataSet test = data.test(arena, all, progress);
    FeatureScaling scaling = data.scaling(all);
    scaling.applyTo(all);
    scaling.applyTo(test);
    List<Integer> widths = new ArrayList<>(hidden);
    widths.addFirst(all.columns());
    widths.add(all.outputs());
    List<DataSet> parts;
    Sequential network;
    try {
      parts = data.parts(all, seed);
      network = Networks.of(widths, Networks.activation(activation), dropout, seed);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    DataSet training = parts.getFirst();
    Model model = network.initialize(arena, seed);
    Trainer.Course course =
        new Trainer.Course(learning, learning.loss(task), batch, epochs, patience, seed);
    out.printf("training: %s%ntest: %s%n", training, test);
    DataSet validation = parts.size() > 1 ? parts.getLast() : null;
    Trainer trainer = new Trainer(arena, model, training, validation, course);
    out.printf(
        Locale.ROOT,
        "network: %s, %,d parameters%noptimizer: %s, learning rate %s, %d rows in a step%n",
        network,
        InfoCommand.parameters(network),
        learning.optimizer,
        learning.optimizer(arena, model.parameters()).learningRate(),
        batch);
    progress.plan(epochs, training.rows());
    if (!train(trainer, settings(network, training), progress)) {
      return INTERRUPTED;
    }
    ModelFile trained =
        ModelFile.of(model)
            .withTask(task, all.outputNames())
            .withFeatures(all.featureNames(), scaling)
            .withWriter(Lanewise.name());
    finish(trained, trainer, new Predictor(arena, model.serve(arena), task, test), test, platform);
    return 0;
  }

  /// Trains, and returns whether the training came to its end.
  private boolean train(Trainer trainer, Map<String, String> settings, Progress progress)
      throws FileException {
    if (resumedFile != null) {
      trainer.resume(resumedFile, settings);
      out.printf(
          "resumed from %s, after %d epochs and %d steps%n",
          resumedFile.toAbsolutePath(), trainer.state().epochs(), trainer.state().steps());
    }
    if (checkpointFile == null) {
      return run(trainer, progress);
    }
    try (Interruption interruption = Interruption.watch()) {
      trainer.keep(checkpointFile, settings, interruption::isRequested);
      boolean finished = run(trainer, progress);
      if (!finished) {
        out.printf("stopped: --resume %s goes on%n", checkpointFile.toAbsolutePath());
        out.flush();
      }
      return finished;
    }
  }

  private boolean run(Trainer trainer, Progress progress) throws FileException {
    trainer.warmUp();
    try {
      return trainer.run(progress);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /// What must be the same when a training goes on from a checkpoint.
  private Map<String, String> settings(Sequential network, DataSet training) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("the network", network.toString());
    settings.put("--task", data.taskName);
    settings.put("--seed", Long.toString(seed));
    settings.put("--batch", Integer.toString(batch));
    settings.put("--validation", Double.toString(data.validation));
    settings.putAll(learning.settings(data.task()));
    if (!learning.isConstant()) { // any other schedule depends on the number of all steps
      settings.put("--epochs", Integer.toString(epochs));
    }
    settings.put("the training data", DataOptions.digest(training));
    return settings;
  }

  private void check() throws FileException {
    data.check();
    for (int width : hidden) {
      require(width > 0, "--hidden has " + width + ", must be positive");
    }
    Networks.activation(activation);
    require(
        dropout >= 0 && dropout < 1,
        "--dropout is " + dropout + ", must be at least 0 and below 1");
    learning.check(data.task());
    require(batch > 0, "--batch is " + batch + ", must be positive");
    require(epochs > 0, "--epochs is " + epochs + ", must be positive");
    require(patience >= 0, "--patience is " + patience + ", must be at least 0");
    require(patience == 0 || data.validation > 0, "--patience needs --validation");
    for (Path output : Arrays.asList(modelFile, reportFile, checkpointFile)) {
      if (output != null) {
        AtomicFile.requireTarget(output);
      }
    }
    if (pageDirectory != null) {
      Report.requireDirectory(pageDirectory);
    }
  }

  private static void require(boolean condition, String problem) {
    if (!condition) {
      throw new IllegalArgumentException(problem);
    }
  }

  private void finish(
      ModelFile trained, Trainer trainer, Predictor predictor, DataSet test, String platform)
      throws FileException {
    FloatArray values = predictor.outputs();
    predictor.interpret(values);
    Evaluation evaluation =
        Evaluation.of(
            trained.task(), test, values, predictor.classes(values), PredictCommand.names(trained));
    out.print(evaluation.table());
    Histogram latency = predictor.latency();
    if (data.validation > 0) {
      out.printf("best epoch: %d%n", trainer.state().bestEpoch());
    }
    out.println("test " + evaluation);
    if (!Double.isNaN(trainer.microsPerStep())) {
      out.printf(
          Locale.ROOT,
          "%.3f s per epoch, %.1f us per step in the fastest epoch%n",
          trainer.secondsPerEpoch(),
          trainer.microsPerStep());
    }
    out.println(Predictor.describe(latency));
    if (modelFile != null) {
      trained.write(modelFile);
      out.println("model saved to " + modelFile.toAbsolutePath());
    }
    Report report =
        TrainingReport.of(trained, trainer, evaluation, latency)
            .put("settings", options())
            .put("machine", platform);
    if (reportFile != null) {
      report.write(reportFile);
    }
    if (pageDirectory != null) {
      Report.write(pageDirectory, TrainingPage.of(report, evaluation, trainer.state()));
      out.println("page written to " + pageDirectory.resolve("index.html").toAbsolutePath());
    }
  }

  /// What the options say that decide the result: not those that name files to write.
  private Map<String, Object> options() {
    Map<String, Object> values = new LinkedHashMap<>();
    for (OptionSpec option : spec.options()) {
      boolean decides =
          !option.usageHelp() && !option.versionHelp() && !OUTPUTS.contains(option.longestName());
      if (decides && option.getValue() != null) {
        Object value = option.getValue();
        values.put(
            TrainingPage.key(option.longestName()),
            value instanceof List<?> list
                ? list.stream().map(Object::toString).collect(Collectors.joining(","))
                : value);
      }
    }
    return values;
  }
}
