package io.github.lanewise.bench.cli;

import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.io.Task;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.ParameterGroup;
import io.github.lanewise.optim.Passes;
import io.github.lanewise.optim.rule.RmsPropConfig;
import io.github.lanewise.optim.rule.Rules;
import io.github.lanewise.optim.rule.SgdConfig;
import io.github.lanewise.optim.schedule.CosineAnnealingLr;
import io.github.lanewise.optim.schedule.LinearLr;
import io.github.lanewise.optim.schedule.OneCycleLr;
import io.github.lanewise.optim.schedule.PolynomialLr;
import io.github.lanewise.optim.schedule.Schedule;
import io.github.lanewise.optim.schedule.SequentialLr;
import java.lang.foreign.Arena;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/// The options that say how a network learns: loss, optimizer, learning rate and its schedule.
final class LearningOptions {
  private static final List<String> CLASS_LOSSES = List.of("cross_entropy");
  private static final List<String> VALUE_LOSSES = List.of("mse", "l1", "smooth_l1", "huber");
  private static final List<String> LABEL_LOSSES = List.of("bce_with_logits");
  private static final List<String> SCHEDULES =
      List.of("constant", "linear", "cosine", "warmup_cosine", "one_cycle");

  /// The share of the steps in which `warmup_cosine` rises to the learning rate.
  private static final double WARM_UP = 0.05;

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      showDefaultValue = Visibility.NEVER,
      description = {
        "what is made smaller: cross_entropy for a classification; mse (the default), l1,"
            + " smooth_l1 or huber for a regression; bce_with_logits for a multilabel task"
      })
  String loss;

  @Option(
      names = "--optimizer",
      paramLabel = "RULE",
      completionCandidates = Optimizers.class,
      description = "the update rule, one of: ${COMPLETION-CANDIDATES}")
  String optimizer = "adam";

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      showDefaultValue = Visibility.NEVER,
      description = {"the learning rate", "  Default: the optimizer's own, PyTorch's"})
  Double learningRate;

  @Option(
      names = "--momentum",
      paramLabel = "M",
      description = "the momentum of sgd or rmsprop, from 0 to below 1")
  double momentum;

  @Option(
      names = "--weight-decay",
      paramLabel = "D",
      showDefaultValue = Visibility.NEVER,
      description = {"how much weights shrink in a step", "  Default: the optimizer's own"})
  Double weightDecay;

  @Option(
      names = "--schedule",
      paramLabel = "SCHEDULE",
      completionCandidates = Schedules.class,
      description =
          "how the learning rate changes over all steps, one of: ${COMPLETION-CANDIDATES}")
  String schedule = "constant";

  @Option(
      names = "--clip",
      paramLabel = "NORM",
      description = "the largest norm of all gradients together; larger ones are scaled down to it")
  Double clip;

  @Option(
      names = "--clip-value",
      paramLabel = "V",
      description = "the largest absolute value of each element of a gradient")
  Double clipValue;

  /// The names for `--help`.
  private static final class Optimizers implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Rules.NAMES.iterator();
    }
  }

  /// The names for `--help`.
  private static final class Schedules implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return SCHEDULES.iterator();
    }
  }

  /// Checks the options, before anything is read.
  ///
  /// @throws IllegalArgumentException that names the option that is wrong
  void check(Task task) {
    List<String> losses = losses(task);
    require(
        loss == null || losses.contains(loss),
        () -> "--loss is '%s', must be one of %s for a %s".formatted(loss, losses, task));
    require(
        Rules.NAMES.contains(optimizer),
        () -> "--optimizer is '%s', must be one of %s".formatted(optimizer, Rules.NAMES));
    require(
        learningRate == null || (learningRate > 0 && Double.isFinite(learningRate)),
        () -> "--lr is " + learningRate + ", must be positive and finite");
    require(
        momentum >= 0 && momentum < 1,
        () -> "--momentum is " + momentum + ", must be at least 0 and below 1");
    require(
        momentum == 0 || List.of("sgd", "rmsprop").contains(optimizer),
        () -> "--momentum goes with sgd and rmsprop, not with " + optimizer);
    require(
        weightDecay == null || (weightDecay >= 0 && Double.isFinite(weightDecay)),
        () -> "--weight-decay is " + weightDecay + ", must be at least 0 and finite");
    require(
        clip == null || (clip > 0 && Double.isFinite(clip)),
        () -> "--clip is " + clip + ", must be positive and finite");
    require(
        clipValue == null || (clipValue > 0 && Double.isFinite(clipValue)),
        () -> "--clip-value is " + clipValue + ", must be positive and finite");
    require(
        SCHEDULES.contains(schedule),
        () -> "--schedule is '%s', must be one of %s".formatted(schedule, SCHEDULES));
  }

  private static void require(boolean condition, Supplier<String> problem) {
    if (!condition) {
      throw new IllegalArgumentException(problem.get());
    }
  }

  private static List<String> losses(Task task) {
    return switch (task) {
      case CLASSIFICATION -> CLASS_LOSSES;
      case REGRESSION -> VALUE_LOSSES;
      case MULTILABEL -> LABEL_LOSSES;
    };
  }

  Loss loss(Task task) {
    return switch (loss == null ? losses(task).getFirst() : loss) {
      case "cross_entropy" -> Loss.crossEntropy();
      case "mse" -> Loss.meanSquaredError();
      case "l1" -> Loss.l1();
      case "smooth_l1" -> Loss.smoothL1();
      case "huber" -> Loss.huber();
      default -> Loss.binaryCrossEntropyWithLogits();
    };
  }

  Optimizer optimizer(Arena arena, List<Parameter> parameters) {
    UpdateRule rule = Rules.named(optimizer);
    if (momentum > 0) {
      rule =
          rule instanceof SgdConfig sgd
              ? sgd.withMomentum(momentum)
              : ((RmsPropConfig) rule).withMomentum(momentum);
    }
    Optimizer made = Optimizer.of(arena, parameters, rule, passes());
    if (learningRate != null) {
      made.setLearningRate(learningRate);
    }
    if (weightDecay != null) {
      for (ParameterGroup group : made.groups()) {
        group.set("weightDecay", weightDecay);
      }
    }
    return made;
  }

  private Passes passes() {
    Passes passes = clip == null ? Passes.NONE : Passes.NONE.withMaxNorm(clip);
    return clipValue == null ? passes : passes.withClipValue(clipValue);
  }

  boolean isConstant() {
    return schedule.equals("constant");
  }

  /// Returns what must be the same when a training goes on from a checkpoint, by the names of the
  /// options.
  Map<String, String> settings(Task task) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("--loss", loss == null ? losses(task).getFirst() : loss);
    settings.put("--optimizer", optimizer);
    settings.put("--lr", text(learningRate));
    settings.put("--momentum", text(momentum));
    settings.put("--weight-decay", text(weightDecay));
    settings.put("--clip", text(clip));
    settings.put("--clip-value", text(clipValue));
    settings.put("--schedule", schedule);
    return settings;
  }

  private static String text(Double value) {
    return value == null ? "the default" : value.toString();
  }

  /// Returns the schedule, or null for a constant rate.
  ///
  /// @param base the learning rate
  /// @param steps how many there are in all
  Schedule schedule(double base, long steps) {
    long warmUp = Math.max(1, Math.round(WARM_UP * steps));
    return switch (schedule) {
      case "linear" -> new PolynomialLr(steps, 1);
      case "cosine" -> CosineAnnealingLr.of(steps);
      case "warmup_cosine" ->
          SequentialLr.of(
              new LinearLr(0.01, 1, warmUp),
              warmUp,
              CosineAnnealingLr.of(Math.max(1, steps - warmUp)));
      case "one_cycle" -> OneCycleLr.of(base, Math.max(2, steps)).withoutMomentum();
      default -> null;
    };
  }
}
