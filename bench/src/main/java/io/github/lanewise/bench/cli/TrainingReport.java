package io.github.lanewise.bench.cli;

import io.github.lanewise.nn.io.ModelFile;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/// What `train --json` tells of a training.
final class TrainingReport {
  private TrainingReport() {}

  static Report of(ModelFile trained, Trainer trainer, Evaluation evaluation, Histogram latency) {
    String figure = evaluation.figure();
    return new Report()
        .put(
            "test" + figure.substring(0, 1).toUpperCase(Locale.ROOT) + figure.substring(1),
            evaluation.value())
        .put("secondsPerEpoch", number(trainer.secondsPerEpoch()))
        .put("microsecondsPerStep", number(trainer.microsPerStep()))
        .put("predictP50Micros", Predictor.micros(latency, 50))
        .put("predictP99Micros", Predictor.micros(latency, 99))
        .put("parameters", InfoCommand.parameters(trained.network()))
        .put("bestEpoch", trainer.state().bestEpoch())
        .put("losses", trainer.state().losses())
        .put("validationLosses", trainer.state().validationLosses())
        .put("network", trained.network().toString())
        .put("version", trained.writer());
  }

  /// The number, or null for one that was not measured.
  private static Double number(double value) {
    return Double.isNaN(value) ? null : value;
  }
}
