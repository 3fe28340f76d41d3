package io.github.lanewise.bench.cli;

import io.github.lanewise.bench.cli.Evaluation.Comparison;
import io.github.lanewise.bench.cli.Evaluation.Counts;
import io.github.lanewise.bench.lab.Figures;
import io.github.lanewise.bench.report.Chart;
import io.github.lanewise.bench.report.CountTable;
import io.github.lanewise.bench.report.Page;
import io.github.lanewise.bench.report.Page.Cell;
import io.github.lanewise.bench.report.Scale;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The page of `train --report`. Each of its numbers is also in the JSON of `--json`.
final class TrainingPage {
  private static final int SHOWN_CLASSES = 200;

  /// An axis of fewer epochs would have labels between whole ones.
  private static final int LEAST_EPOCHS = 6;

  private final Report report;
  private final Page page = new Page("A training");

  private TrainingPage(Report report) {
    this.report = report;
  }

  /// {@return the page, by the name of its file}
  ///
  /// @param report what `--json` tells
  /// @param evaluation of the test rows
  /// @param state of the training in the end
  static Map<String, String> of(Report report, Evaluation evaluation, TrainingState state) {
    TrainingPage training = new TrainingPage(report);
    training.page.text(
        "%s, trained by %s. %s."
            .formatted(
                training.text("network"), training.text("version"), training.text("machine")));
    training.result(evaluation);
    training.losses(state);
    training.test(evaluation);
    training.settings();
    return Map.of("index.html", training.page.html());
  }

  private String text(String key) {
    return report.get(key).toString();
  }

  /// A cell with a number of the report; a dash for one that was not measured.
  private Cell cell(String key) {
    return report.get(key) == null
        ? Cell.of("-")
        : number(((Number) report.get(key)).doubleValue(), "." + key);
  }

  private static Cell number(double value, String place) {
    return new Cell(Figures.number(value), place);
  }

  private void result(Evaluation evaluation) {
    page.section("Result");
    page.table(
        List.of("figure", "value"),
        List.of(
            List.of(
                Cell.of("test rows: " + evaluation.words()),
                cell(TrainingReport.testFigure(evaluation))),
            List.of(Cell.of("best epoch, whose parameters the model has"), cell("bestEpoch")),
            List.of(Cell.of("loss of that epoch"), cell("bestLoss")),
            List.of(Cell.of("parameters"), cell("parameters")),
            List.of(Cell.of("seconds for an epoch"), cell("secondsPerEpoch")),
            List.of(Cell.of("microseconds for a step"), cell("microsecondsPerStep")),
            List.of(Cell.of("microseconds to predict one row, median"), cell("predictP50Micros")),
            List.of(Cell.of("microseconds to predict one row, p99"), cell("predictP99Micros"))));
  }

  private void losses(TrainingState state) {
    page.section("Loss");
    boolean isValidated = !state.validationLosses().isEmpty();
    page.text(
        isValidated
            ? "The mean loss of the rows of each epoch while they were learned, and that of the"
                + " validation rows after it. The dot is the best epoch."
            : "The mean loss of the rows of each epoch while they were learned. The dot is the last"
                + " epoch, which is the one kept, since no rows were set aside by --validation.");
    double[] epochs = IntStream.rangeClosed(1, state.epochs()).asDoubleStream().toArray();
    double[] losses = array(state.losses());
    double[] validation = array(state.validationLosses());
    double[] all = Stream.of(losses, validation).flatMapToDouble(Arrays::stream).toArray();
    Chart chart =
        new Chart(
                "loss",
                Chart.WIDE,
                Scale.linear(0, Math.max(state.epochs(), LEAST_EPOCHS)),
                "epoch",
                Scale.decades(all, Double.MAX_VALUE),
                "mean loss of a row")
            .line(new Chart.Line("training", 0, epochs, losses, ".curve.epoch .curve.loss"));
    if (isValidated) {
      chart.line(
          new Chart.Line(
              "validation", 1, epochs, validation, ".curve.epoch .curve.validationLoss"));
    }
    double[] best = {((Number) report.get("bestEpoch")).doubleValue()};
    double[] bestLoss = {((Number) report.get("bestLoss")).doubleValue()};
    chart.dots(
        new Chart.Line(
            isValidated ? "validation" : "training",
            isValidated ? 1 : 0,
            best,
            bestLoss,
            ".bestEpoch .bestLoss"));
    page.charts(List.of(chart), Chart.WIDE);
  }

  private static double[] array(Collection<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private void test(Evaluation evaluation) {
    page.section("Test rows");
    if (evaluation.counts() != null) {
      counts(evaluation.counts(), evaluation.figure().equals("accuracy") ? "class" : "label");
      return;
    }
    page.text(
        "Predicted against true values: a perfect prediction is a dot on the line. At most 1000"
            + " rows and the first 12 outputs are shown.");
    List<Chart> charts = new ArrayList<>();
    List<List<Cell>> rows = new ArrayList<>();
    for (int i = 0; i < evaluation.comparisons().size(); i++) {
      Comparison one = evaluation.comparisons().get(i);
      String place = ".predictions[%d]".formatted(i);
      double[] range = one.range();
      Scale scale = Scale.linear(range[0], range[1]);
      charts.add(
          new Chart(one.name(), Chart.WIDE, scale, "true", scale, "predicted")
              .line(new Chart.Line("equal", 7, range, range, place + ".range " + place + ".range"))
              .dots(
                  new Chart.Line(
                      one.name(),
                      0,
                      one.targets(),
                      one.predicted(),
                      place + ".target " + place + ".predicted")));
      rows.add(List.of(Cell.of(one.name()), number(one.rmse(), place + ".rmse")));
    }
    page.table(List.of("output", "root of the mean squared error"), rows);
    page.charts(charts, Chart.WIDE);
  }

  private void counts(Counts counts, String kind) {
    if (counts.confusion() != null) {
      page.text(
          "Rows of each class (down) by the class that was predicted (across). The colour is the"
              + " share of the row: on the diagonal what is right, beside it what is not.");
      page.picture(
          CountTable.svg("rows by class", counts.names(), counts.confusion(), ".confusion"));
    }
    int shown = Math.min(counts.names().size(), SHOWN_CLASSES);
    page.text(
        ("Recall is the share of the rows of a %s that were predicted so, precision the share of"
                + " its predictions that were right.%s")
            .formatted(
                kind,
                shown < counts.names().size()
                    ? " The first %d of %d are shown.".formatted(shown, counts.names().size())
                    : ""));
    List<List<Cell>> rows = new ArrayList<>();
    for (int i = 0; i < shown; i++) {
      String place = ".%s[%d]".formatted(kind.equals("class") ? "classes" : "labels", i);
      rows.add(
          List.of(
              Cell.of(counts.names().get(i)),
              number(counts.present()[i], place + ".rows"),
              number(counts.predicted()[i], place + ".predicted"),
              number(counts.right()[i], place + ".right"),
              number(counts.recall(i), place + ".recall"),
              number(counts.precision(i), place + ".precision")));
    }
    page.table(List.of(kind, "rows", "predicted", "right", "recall", "precision"), rows);
  }

  private void settings() {
    page.section("Settings");
    List<List<Cell>> rows = new ArrayList<>();
    ((Map<?, ?>) report.get("settings"))
        .forEach((key, value) -> rows.add(row(option(key.toString()), value, ".settings." + key)));
    page.table(List.of("option", "value"), rows);
    List<List<Cell>> optimizer = new ArrayList<>();
    ((Map<?, ?>) report.get("optimizerSettings"))
        .forEach(
            (key, value) -> optimizer.add(row(key.toString(), value, ".optimizerSettings." + key)));
    page.table(List.of("setting of the optimizer before the first step", "value"), optimizer);
  }

  private static List<Cell> row(String name, Object value, String place) {
    return List.of(
        Cell.of(name),
        value instanceof Double number ? number(number, place) : new Cell(value.toString(), place));
  }

  /// Returns the key of an option in the JSON: `weightDecay` for `--weight-decay`.
  static String key(String option) {
    StringBuilder key = new StringBuilder();
    for (String word : option.substring(2).split("-", -1)) {
      key.append(
          key.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
    }
    return key.toString();
  }

  private static String option(String key) {
    return "--" + key.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
