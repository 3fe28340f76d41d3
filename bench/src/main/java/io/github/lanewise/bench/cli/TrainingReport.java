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
        .put("secondsPerEpoch", trainer.secondsPerEpoch())
        .put("microsecondsPerStep", trainer.microsPerStep())
        .put("predictP50Micros", Predictor.micros(latency, 50))
        .put("predictP99Micros", Predictor.micros(latency, 99))
        .put("parameters", InfoCommand.parameters(trained.network()))
        .put("bestEpoch", trainer.bestEpoch())
        .put("losses", trainer.losses())
        .put("validationLosses", trainer.validationLosses())
        .put("network", trained.network().toString())
        .put("version", trained.writer());
  }
}
