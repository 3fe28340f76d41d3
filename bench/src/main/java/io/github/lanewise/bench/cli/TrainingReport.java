package io.github.lanewise.bench.cli;

import io.github.lanewise.nn.io.ModelFile;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/// What `train --json` tells of a training, and `--report` shows of it.
final class TrainingReport {
  private TrainingReport() {}

  static Report of(ModelFile trained, Trainer trainer, Evaluation evaluation, Histogram latency) {
    TrainingState state = trainer.state();
    Map<String, Object> curve = new LinkedHashMap<>();
    curve.put("epoch", IntStream.rangeClosed(1, state.epochs()).boxed().toList());
    curve.put("loss", state.losses());
    curve.put("validationLoss", state.validationLosses());
    List<Double> judged =
        state.validationLosses().isEmpty() ? state.losses() : state.validationLosses();
    Report report =
        new Report()
            .put(testFigure(evaluation), evaluation.value())
            .put("bestEpoch", state.bestEpoch())
            .put("bestLoss", judged.get(state.bestEpoch() - 1))
            .put("parameters", InfoCommand.parameters(trained.network()))
            .put("secondsPerEpoch", number(trainer.secondsPerEpoch()))
            .put("microsecondsPerStep", number(trainer.microsPerStep()))
            .put("predictP50Micros", Predictor.micros(latency, 50))
            .put("predictP99Micros", Predictor.micros(latency, 99))
            .put("curve", curve);
    evaluation.tree().forEach(report::put);
    return report
        .put("network", trained.network().toString())
        .put("version", trained.writer())
        .put("optimizerSettings", trainer.state().optimizerSettings());
  }

  /// The name of the figure of the test rows, such as `testAccuracy`.
  static String testFigure(Evaluation evaluation) {
    String figure = evaluation.figure();
    return "test" + figure.substring(0, 1).toUpperCase(Locale.ROOT) + figure.substring(1);
  }

  /// The number, or null for one that was not measured.
  static Double number(double value) {
    return Double.isNaN(value) ? null : value;
  }

  static List<Double> list(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  static List<List<Integer>> lists(int[][] values) {
    return Arrays.stream(values).map(row -> Arrays.stream(row).boxed().toList()).toList();
  }
}
