package io.github.lanewise.bench.cli;

import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.nn.io.Batch;
import io.github.lanewise.nn.io.Batches;
import io.github.lanewise.nn.io.DataSet;
import io.github.lanewise.nn.io.FileException;
import io.github.lanewise.optim.Optimizer;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// Trains a model epoch by epoch, and keeps the parameters of the best one.
final class Trainer {
  /// How a network is to be trained.
  ///
  /// @param learning the optimizer and the schedule
  /// @param loss what is made smaller
  /// @param batch the number of rows in a step
  /// @param epochs how often every row is learned
  /// @param patience after how many epochs without a better one to stop; 0 for never
  /// @param seed of the order of the rows
  record Course(
      LearningOptions learning, Loss loss, int batch, int epochs, int patience, long seed) {}

  private static final long WARM_UP_NANOS = 3_000_000_000L;

  private final Model model;
  private final DataSet training;

  /// What tells the best epoch; null if nothing does, so that it is the last one.
  private final DataSet validation;

  private final Course course;
  private final int batch;
  private final TrainingSession session;
  private final Batches batches;
  private final Batches validating;
  private final TrainingState state;

  /// Where checkpoints go; null for none.
  private Path checkpoint;

  private Map<String, String> settings = Map.of();
  private BooleanSupplier stop = () -> false;
  private double microsPerStep = Double.NaN;
  private double secondsPerEpoch = Double.NaN;

  /// @param validation null if there is none
  Trainer(Arena arena, Model model, DataSet training, DataSet validation, Course course) {
    this.model = model;
    this.training = training;
    this.validation = validation;
    this.course = course;
    batch = Math.min(course.batch(), training.rows());
    session = model.training(arena, batch, course.loss());
    batches = Batches.of(arena, training, batch, course.seed());
    validating = validation == null ? null : Batches.of(arena, validation, batch, course.seed());
    long steps = (long) course.epochs() * batches.count();
    state = new TrainingState(arena, model, session, course.learning(), steps);
  }

  /// Writes a checkpoint after each epoch, and when the training is asked to stop.
  ///
  /// @param settings what must be the same when the training goes on
  /// @param stop is asked after each step
  void keep(Path checkpoint, Map<String, String> settings, BooleanSupplier stop) {
    this.checkpoint = checkpoint;
    this.settings = settings;
    this.stop = stop;
  }

  /// Goes on from a checkpoint.
  ///
  /// @param settings what must be the same as in the training that wrote it
  /// @throws FileException if the file is missing or damaged, or of a training with other settings
  void resume(Path file, Map<String, String> settings) throws FileException {
    state.load(file, settings);
    batches.skip(state.epochs());
  }

  TrainingState state() {
    return state;
  }

  /// The mean, validation included; NaN if no epoch was run.
  double secondsPerEpoch() {
    return secondsPerEpoch;
  }

  /// Forward, backward and update: the mean of the fastest epoch, since the first ones run before
  /// the JVM has compiled the kernels. NaN if no epoch was run from its first step on.
  double microsPerStep() {
    return microsPerStep;
  }

  /// Trains another model of the same network for a while, no longer than the training itself, so
  /// that the JVM has compiled the kernels before the epochs that count.
  void warmUp() {
    Loss loss = course.loss();
    try (Arena other = Arena.ofConfined()) {
      Model copy = model.network().initialize(other, course.seed());
      TrainingSession warm = copy.training(other, batch, loss);
      Optimizer update = course.learning().optimizer(other, copy.parameters());
      Batches rows = Batches.of(other, training, batch, course.seed());
      long deadline = System.nanoTime() + WARM_UP_NANOS;
      for (int epoch = state.epochs(); epoch < course.epochs(); epoch++) {
        for (Batch next : rows) {
          step(warm, update, next);
          if (System.nanoTime() > deadline || stop.getAsBoolean()) {
            return;
          }
        }
      }
    }
  }

  private static float step(TrainingSession session, Optimizer update, Batch rows) {
    float value =
        rows.hasClasses()
            ? session.forward(rows.features(), rows.labels())
            : session.forward(rows.features(), rows.targets());
    update.zeroGrad();
    session.backward();
    update.step();
    return value;
  }

  /// Trains until the last epoch, or until patience is at an end; then the model has the parameters
  /// of the best epoch. Or until it is asked to stop, and has written a checkpoint.
  ///
  /// @return whether it came to its end
  /// @throws IllegalArgumentException if the loss is not finite
  boolean run(Progress progress) throws FileException {
    Optimizer update = state.optimizer();
    double base = update.learningRate();
    long begin = System.nanoTime();
    int first = state.epochs();
    while (state.epochs() < course.epochs() && !isOutOfPatience()) {
      int epoch = state.epochs() + 1;
      if (!epoch(progress.begin(epoch))) {
        progress.interrupt();
        state.save(checkpoint, settings);
        return false;
      }
      double mean = state.endEpoch(training.rows());
      if (!Double.isFinite(mean)) {
        throw new IllegalArgumentException(
            "--lr %s is too large: the loss is %s in epoch %d".formatted(base, mean, epoch));
      }
      update.evaluate(); // the parameters are those that answer, until the next epoch
      double judged = validation == null ? -epoch : evaluate();
      if (validation != null) {
        if (!Double.isFinite(judged)) {
          throw new IllegalArgumentException(
              "--lr %s is too large: the validation loss is %s in epoch %d"
                  .formatted(base, judged, epoch));
        }
        state.validationLosses().add(judged);
      }
      state.judge(judged);
      update.train();
      progress.end(mean, validation == null ? Double.NaN : judged);
      if (checkpoint != null) {
        state.save(checkpoint, settings);
      }
    }
    if (state.epochs() > first) {
      secondsPerEpoch = (System.nanoTime() - begin) / 1e9 / (state.epochs() - first);
    }
    state.restoreBest();
    return true;
  }

  private boolean isOutOfPatience() {
    return course.patience() > 0 && state.epochs() - state.bestEpoch() >= course.patience();
  }

  /// Runs what is left of an epoch, and returns whether it came to its end.
  private boolean epoch(Progress.Epoch shown) {
    Iterator<Batch> rest = batches.iterator();
    for (int step = 0; step < state.steps(); step++) {
      shown.step(rest.next().rows(), 0);
    }
    boolean isWhole = state.steps() == 0;
    long nanos = 0;
    while (rest.hasNext()) {
      if (stop.getAsBoolean()) {
        return false;
      }
      Batch rows = rest.next();
      long before = System.nanoTime();
      float value = step(session, state.optimizer(), rows);
      state.step(value, rows.rows());
      nanos += System.nanoTime() - before;
      shown.step(rows.rows(), value);
    }
    if (isWhole) {
      double micros = nanos / 1e3 / batches.count();
      microsPerStep = Double.isNaN(microsPerStep) ? micros : Math.min(microsPerStep, micros);
    }
    return true;
  }

  private double evaluate() {
    double sum = 0;
    for (Batch rows : validating) {
      float value =
          rows.hasClasses()
              ? session.evaluate(rows.features(), rows.labels())
              : session.evaluate(rows.features(), rows.targets());
      sum += (double) value * rows.rows();
    }
    return sum / validation.rows();
  }
}
