package io.github.lanewise.bench.cli;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Setting;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.nn.io.Checkpoint;
import io.github.lanewise.nn.io.FileException;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.schedule.Schedule;
import io.github.lanewise.optim.schedule.Scheduler;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// How far a training is, and everything that decides how it goes on: what a checkpoint keeps.
final class TrainingState {
  private final Model model;
  private final TrainingSession session;
  private final Optimizer optimizer;

  /// The settings of the optimizer before the first step.
  private final Map<String, Double> optimizerSettings = new LinkedHashMap<>();

  /// Null if the learning rate is constant.
  private final Scheduler scheduler;

  /// The parameters of the best epoch.
  private final StateDict best;

  private final List<Double> losses = new ArrayList<>();
  private final List<Double> validationLosses = new ArrayList<>();
  private int bestEpoch;
  private double bestLoss = Double.POSITIVE_INFINITY;

  /// The steps of the epoch that runs, and the sum of the losses of their rows.
  private int steps;

  private double lossSum;

  /// @param steps of all epochs
  TrainingState(
      Arena arena, Model model, TrainingSession session, LearningOptions learning, long steps) {
    this.model = model;
    this.session = session;
    optimizer = learning.optimizer(arena, model.parameters());
    for (Setting setting : optimizer.groups().getFirst().settings()) {
      optimizerSettings.put(setting.name(), setting.value());
    }
    Schedule schedule = learning.schedule(optimizer.learningRate(), steps);
    scheduler = schedule == null ? null : Scheduler.of(schedule, optimizer.groups());
    best = copy(arena, model.stateDict());
  }

  private static StateDict copy(Arena arena, StateDict parameters) {
    StateDict copy = new StateDict();
    for (String name : parameters.names()) {
      StateDict.Entry entry = parameters.get(name);
      FloatArray values = FloatArray.allocate(arena, entry.values().length());
      copy.put(name, entry.shape(), values.copyFrom(entry.values()));
    }
    return copy;
  }

  Optimizer optimizer() {
    return optimizer;
  }

  Map<String, Double> optimizerSettings() {
    return optimizerSettings;
  }

  /// The mean loss of each epoch that is over.
  List<Double> losses() {
    return losses;
  }

  /// The mean loss of the validation rows after each epoch.
  List<Double> validationLosses() {
    return validationLosses;
  }

  int epochs() {
    return losses.size();
  }

  /// The steps of the epoch that runs.
  int steps() {
    return steps;
  }

  int bestEpoch() {
    return bestEpoch;
  }

  /// Counts a step, and sets the learning rate of the next one.
  void step(double loss, int rows) {
    if (scheduler != null) {
      scheduler.step();
    }
    steps++;
    lossSum += loss * rows;
  }

  /// Ends an epoch, and returns its mean loss.
  double endEpoch(int rows) {
    double mean = lossSum / rows;
    losses.add(mean);
    steps = 0;
    lossSum = 0;
    return mean;
  }

  /// Keeps the parameters if they are the best so far.
  ///
  /// @param judged is smaller for a better epoch
  void judge(double judged) {
    if (judged < bestLoss) {
      bestLoss = judged;
      bestEpoch = losses.size();
      best.copyFrom(model.stateDict());
    }
  }

  /// Gives the model the parameters of the best epoch.
  void restoreBest() {
    model.stateDict().copyFrom(best);
  }

  /// Writes a checkpoint.
  ///
  /// @param settings what must be the same when the training goes on
  void save(Path file, Map<String, String> settings) throws FileException {
    Map<String, String> progress = new LinkedHashMap<>();
    progress.put("losses", text(losses));
    progress.put("validationLosses", text(validationLosses));
    progress.put("bestEpoch", Integer.toString(bestEpoch));
    progress.put("bestLoss", Double.toString(bestLoss));
    progress.put("steps", Integer.toString(steps));
    progress.put("lossSum", Double.toString(lossSum));
    progress.put("sessionStep", Long.toString(session.step()));
    try (Arena arena = Arena.ofConfined()) {
      new Checkpoint()
          .put("model", model.stateDict())
          .put("best", best)
          .put("optimizer", optimizer.stateDict(arena))
          .put("scheduler", scheduler == null ? Map.of() : scheduler.state())
          .put("progress", progress)
          .put("settings", settings)
          .write(file);
    }
  }

  /// Goes on from a checkpoint.
  ///
  /// @throws FileException if the file is missing or damaged, or of a training with other settings
  void load(Path file, Map<String, String> settings) throws FileException {
    try (Arena arena = Arena.ofConfined()) {
      Checkpoint saved = Checkpoint.read(arena, file);
      requireSame(saved.texts("settings"), settings);
      Map<String, String> progress = saved.texts("progress");
      model.stateDict().copyFrom(saved.arrays("model"));
      best.copyFrom(saved.arrays("best"));
      optimizer.loadStateDict(saved.arrays("optimizer"));
      if (scheduler != null) {
        scheduler.loadState(saved.texts("scheduler"));
      }
      losses.addAll(numbers(entry(progress, "losses")));
      validationLosses.addAll(numbers(entry(progress, "validationLosses")));
      bestEpoch = Integer.parseInt(entry(progress, "bestEpoch"));
      bestLoss = Double.parseDouble(entry(progress, "bestLoss"));
      steps = Integer.parseInt(entry(progress, "steps"));
      lossSum = Double.parseDouble(entry(progress, "lossSum"));
      session.resumeAt(Long.parseLong(entry(progress, "sessionStep")));
    } catch (IllegalArgumentException e) {
      throw new FileException(file, "cannot be resumed: " + e.getMessage(), e);
    }
  }

  private static void requireSame(Map<String, String> saved, Map<String, String> settings) {
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      String before = entry(saved, setting.getKey());
      if (!before.equals(setting.getValue())) {
        throw new IllegalArgumentException(
            "%s is %s, but was %s in the training that is to go on"
                .formatted(setting.getKey(), setting.getValue(), before));
      }
    }
  }

  private static String entry(Map<String, String> texts, String key) {
    String text = texts.get(key);
    if (text == null) {
      throw new IllegalArgumentException("the checkpoint has no entry " + key);
    }
    return text;
  }

  private static String text(List<Double> numbers) {
    return numbers.stream().map(Object::toString).collect(Collectors.joining(" "));
  }

  private static List<Double> numbers(String text) {
    List<Double> numbers = new ArrayList<>();
    for (String number : text.isEmpty() ? new String[0] : text.split(" ", -1)) {
      numbers.add(Double.valueOf(number));
    }
    return numbers;
  }
}
