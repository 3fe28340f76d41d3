package io.github.lanewise.bench.cli;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.nn.io.Batch;
import io.github.lanewise.nn.io.Batches;
import io.github.lanewise.nn.io.DataSet;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.schedule.Schedule;
import io.github.lanewise.optim.schedule.Scheduler;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/// Trains a model epoch by epoch, and keeps the parameters of the best one.
final class Trainer {
  private static final long WARM_UP_NANOS = 3_000_000_000L;

  private final Arena arena;
  private final Model model;
  private final DataSet training;

  /// What tells the best epoch; null if nothing does, so that it is the last one.
  private final DataSet validation;

  private final LearningOptions learning;
  private final Loss loss;
  private final int batch;
  private final int epochs;
  private final int patience;
  private final long seed;

  private final List<Double> losses = new ArrayList<>();
  private final List<Double> validationLosses = new ArrayList<>();
  private int bestEpoch;
  private double microsPerStep = Double.POSITIVE_INFINITY;
  private double seconds;

  /// @param validation null if there is none
  /// @param patience after how many epochs without a better one to stop; 0 for never
  Trainer(
      Arena arena,
      Model model,
      DataSet training,
      DataSet validation,
      LearningOptions learning,
      Loss loss,
      int batch,
      int epochs,
      int patience,
      long seed) {
    this.arena = arena;
    this.model = model;
    this.training = training;
    this.validation = validation;
    this.learning = learning;
    this.loss = loss;
    this.batch = Math.min(batch, training.rows());
    this.epochs = epochs;
    this.patience = patience;
    this.seed = seed;
  }

  /// The mean loss of each epoch.
  List<Double> losses() {
    return losses;
  }

  /// The mean loss of the validation rows after each epoch.
  List<Double> validationLosses() {
    return validationLosses;
  }

  /// The epoch whose parameters the model has in the end, from 1.
  int bestEpoch() {
    return bestEpoch;
  }

  /// The mean, validation included.
  double secondsPerEpoch() {
    return seconds / losses.size();
  }

  /// Forward, backward and update: the mean of the fastest epoch, since the first ones run before
  /// the JVM has compiled the kernels.
  double microsPerStep() {
    return microsPerStep;
  }

  /// Trains another model of the same network for a while, no longer than the training itself, so
  /// that the JVM has compiled the kernels before the epochs that count.
  void warmUp() {
    try (Arena other = Arena.ofConfined()) {
      Model copy = model.network().initialize(other, seed);
      TrainingSession session = copy.training(other, batch, loss);
      Optimizer update = learning.optimizer(other, copy.parameters());
      Batches batches = Batches.of(other, training, batch, seed);
      long deadline = System.nanoTime() + WARM_UP_NANOS;
      for (int epoch = 0; epoch < epochs && System.nanoTime() < deadline; epoch++) {
        for (Batch next : batches) {
          step(session, update, next);
          if (System.nanoTime() > deadline) {
            break;
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

  /// Trains until the last epoch, or until patience is at an end. Then the model has the
  /// parameters of the best epoch.
  ///
  /// @throws IllegalArgumentException if the loss is not finite
  void run(Progress progress) {
    TrainingSession session = model.training(arena, batch, loss);
    Optimizer update = learning.optimizer(arena, model.parameters());
    Batches batches = Batches.of(arena, training, batch, seed);
    double base = update.learningRate();
    Schedule schedule = learning.schedule(base, (long) epochs * batches.count());
    Scheduler scheduler = schedule == null ? null : Scheduler.of(schedule, update.groups());
    Batches validating = validation == null ? null : Batches.of(arena, validation, batch, seed);
    StateDict best = copy(model.stateDict());
    double bestLoss = Double.POSITIVE_INFINITY;
    long begin = System.nanoTime();
    for (int epoch = 1; epoch <= epochs && !isOutOfPatience(epoch); epoch++) {
      double mean = epoch(progress.begin(epoch), session, update, scheduler, batches);
      losses.add(mean);
      if (!Double.isFinite(mean)) {
        throw new IllegalArgumentException(
            "--lr %s is too large: the loss is %s in epoch %d".formatted(base, mean, epoch));
      }
      update.evaluate(); // the parameters are those that answer, until the next epoch
      double judged = validating == null ? -epoch : evaluate(session, validating);
      if (validating != null) {
        validationLosses.add(judged);
      }
      if (judged < bestLoss) {
        bestLoss = judged;
        bestEpoch = epoch;
        best.copyFrom(model.stateDict());
      }
      update.train();
      progress.end(mean, validating == null ? Double.NaN : judged);
    }
    seconds = (System.nanoTime() - begin) / 1e9;
    model.stateDict().copyFrom(best);
  }

  private boolean isOutOfPatience(int epoch) {
    return patience > 0 && epoch - bestEpoch > patience;
  }

  private double epoch(
      Progress.Epoch shown,
      TrainingSession session,
      Optimizer update,
      Scheduler scheduler,
      Batches batches) {
    double sum = 0;
    long nanos = 0;
    for (Batch rows : batches) {
      long before = System.nanoTime();
      float value = step(session, update, rows);
      if (scheduler != null) {
        scheduler.step();
      }
      nanos += System.nanoTime() - before;
      sum += (double) value * rows.rows();
      shown.step(rows.rows(), value);
    }
    microsPerStep = Math.min(microsPerStep, nanos / 1e3 / batches.count());
    return sum / training.rows();
  }

  private double evaluate(TrainingSession session, Batches batches) {
    double sum = 0;
    for (Batch rows : batches) {
      float value =
          rows.hasClasses()
              ? session.evaluate(rows.features(), rows.labels())
              : session.evaluate(rows.features(), rows.targets());
      sum += (double) value * rows.rows();
    }
    return sum / validation.rows();
  }

  private StateDict copy(StateDict parameters) {
    StateDict copy = new StateDict();
    for (String name : parameters.names()) {
      StateDict.Entry entry = parameters.get(name);
      FloatArray values = FloatArray.allocate(arena, entry.values().length());
      copy.put(name, entry.shape(), values.copyFrom(entry.values()));
    }
    return copy;
  }
}
