package io.github.lanewise.bench.lab;

import io.github.lanewise.bench.lab.Problem.Plane;
import io.github.lanewise.bench.report.Chart;
import io.github.lanewise.bench.report.Contours;
import io.github.lanewise.bench.report.Scale;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/// The charts of a [Findings].
final class Charts {
  /// Losses above this many times the median first one stand at the upper edge.
  static final double LIMIT = 10;

  private static final int LEVELS = 9;

  private final Findings findings;
  private final Plan plan;
  private final double[] steps;

  Charts(Findings findings) {
    this.findings = findings;
    plan = findings.plan();
    steps = Arrays.stream(plan.recorded()).asDoubleStream().toArray();
  }

  /// The paths of every rule over the contour lines of a problem, a chart each.
  List<Chart> paths(int problem, Plane plane) {
    Scale x = Scale.linear(plane.left(), plane.right());
    Scale y = Scale.linear(plane.bottom(), plane.top());
    List<double[]> segments = Contours.of(plane.loss(), x, y, levels(plane));
    List<Chart> charts = new ArrayList<>();
    for (int rule = 0; rule < plan.candidates().size(); rule++) {
      Run run = findings.runsOn(problem).get(rule);
      Chart chart = new Chart(title(run), Chart.SMALL, x, "x", y, "y");
      chart.contours("contours-" + run.problem().key(), segments);
      for (int seed = 0; seed < plan.seeds(); seed++) {
        chart.line(path(problem, rule, seed));
      }
      minima(chart, problem, plane);
      charts.add(chart);
    }
    return charts;
  }

  /// The paths of all rules from the first start, in one chart.
  Chart firstPaths(int problem, Plane plane) {
    Scale x = Scale.linear(plane.left(), plane.right());
    Scale y = Scale.linear(plane.bottom(), plane.top());
    String key = plan.problems().get(problem).key();
    Chart chart = new Chart(key + ": paths from the first start", Chart.WIDE, x, "x", y, "y");
    chart.contours("contours-wide-" + key, Contours.of(plane.loss(), x, y, levels(plane)));
    for (int rule = 0; rule < plan.candidates().size(); rule++) {
      chart.line(path(problem, rule, 0));
    }
    minima(chart, problem, plane);
    return chart;
  }

  private Chart.Line path(int problem, int rule, int seed) {
    Run run = findings.runsOn(problem).get(rule);
    float[][] path = run.trials().get(seed).path();
    String json = "%s.paths[%d]".formatted(place(problem, rule), seed);
    return new Chart.Line(
        run.candidate().name(),
        rule,
        IntStream.range(0, path.length).mapToDouble(i -> path[i][0]).toArray(),
        IntStream.range(0, path.length).mapToDouble(i -> path[i][1]).toArray(),
        json + ".x " + json + ".y");
  }

  private static void minima(Chart chart, int problem, Plane plane) {
    String minima = ".problems[%d].minima".formatted(problem);
    chart.dots(
        new Chart.Line(
            "minimum",
            7,
            plane.minima().stream().mapToDouble(each -> each[0]).toArray(),
            plane.minima().stream().mapToDouble(each -> each[1]).toArray(),
            minima + ".x " + minima + ".y"));
  }

  /// Levels at equal ratios, between the losses that the plane has.
  private static double[] levels(Plane plane) {
    double most = 0;
    for (int i = 0; i <= 8; i++) {
      for (int j = 0; j <= 8; j++) {
        double x = plane.left() + i * (plane.right() - plane.left()) / 8;
        double y = plane.bottom() + j * (plane.top() - plane.bottom()) / 8;
        most = Math.max(most, plane.loss().applyAsDouble(x, y));
      }
    }
    double[] levels = new double[LEVELS];
    for (int i = 0; i < LEVELS; i++) {
      levels[i] = most * StrictMath.pow(2.4, i - LEVELS);
    }
    return levels;
  }

  /// The median losses of all rules over the steps.
  Chart losses(int problem) {
    Chart chart =
        new Chart(
            plan.problems().get(problem).key() + ": median loss",
            Chart.WIDE,
            Scale.linear(0, plan.steps()),
            "step",
            lossScale(problem),
            "loss");
    for (int rule = 0; rule < plan.candidates().size(); rule++) {
      chart.line(lossLine(problem, rule, Spread::median, "median"));
    }
    return chart;
  }

  /// The loss of each rule with the band of all seeds, a chart each, on the same axes.
  List<Chart> bands(int problem) {
    List<Chart> charts = new ArrayList<>();
    for (int rule = 0; rule < plan.candidates().size(); rule++) {
      Run run = findings.runsOn(problem).get(rule);
      Scale across = Scale.linear(0, plan.steps());
      Chart chart = new Chart(title(run), Chart.SMALL, across, "step", lossScale(problem), "loss");
      Chart.Line high = lossLine(problem, rule, Spread::high, "high");
      chart.band(lossLine(problem, rule, Spread::low, "low"), high);
      charts.add(chart.line(lossLine(problem, rule, Spread::median, "median")));
    }
    return charts;
  }

  private Chart.Line lossLine(
      int problem, int rule, ToDoubleFunction<Spread> part, String partName) {
    Run run = findings.runsOn(problem).get(rule);
    return new Chart.Line(
        run.candidate().name(),
        rule,
        steps,
        IntStream.range(0, steps.length)
            .mapToDouble(i -> part.applyAsDouble(run.losses(i)))
            .toArray(),
        ".recordedSteps %s.loss.%s".formatted(place(problem, rule), partName));
  }

  private Scale lossScale(int problem) {
    List<Run> runs = findings.runsOn(problem);
    DoubleStream all =
        runs.stream()
            .flatMapToDouble(
                run -> run.trials().stream().flatMapToDouble(t -> Arrays.stream(t.losses())));
    return Scale.decades(all.toArray(), LIMIT * runs.getFirst().losses(0).median());
  }

  /// The median final losses of all rules over the learning rates.
  Chart sweep(int problem) {
    double[] rates = plan.rates().stream().mapToDouble(Double::doubleValue).toArray();
    List<Run> runs = findings.runsOn(problem);
    double[] all =
        runs.stream()
            .flatMapToDouble(run -> run.sweep().stream().mapToDouble(Spread::median))
            .toArray();
    Chart chart =
        new Chart(
            plan.problems().get(problem).key() + ": median final loss by learning rate",
            Chart.WIDE,
            Scale.decades(rates, Double.MAX_VALUE),
            "learning rate",
            Scale.decades(all, LIMIT * runs.getFirst().losses(0).median()),
            "final loss");
    for (int rule = 0; rule < runs.size(); rule++) {
      Run run = runs.get(rule);
      String json = ".learningRates %s.sweep.median".formatted(place(problem, rule));
      double[] medians = run.sweep().stream().mapToDouble(Spread::median).toArray();
      chart.line(new Chart.Line(run.candidate().name(), rule, rates, medians, json));
    }
    return chart;
  }

  /// The drift of each rule in low precision, a chart each, on the same axes.
  List<Chart> drifts(int problem) {
    List<Chart> charts = new ArrayList<>();
    List<Precision> all = new ArrayList<>();
    for (int rule = 0; rule < plan.candidates().size(); rule++) {
      all.addAll(findings.precisionsOf(problem, rule));
    }
    double[] drifts = all.stream().flatMapToDouble(each -> Arrays.stream(each.drift())).toArray();
    Scale y = Scale.decades(drifts, 1e3);
    for (int rule = 0; rule < plan.candidates().size(); rule++) {
      Scale x = Scale.linear(0, plan.steps());
      String title = title(findings.runsOn(problem).get(rule));
      Chart chart = new Chart(title, Chart.SMALL, x, "step", y, "drift");
      List<Precision> own = findings.precisionsOf(problem, rule);
      for (int i = 0; i < own.size(); i++) {
        Precision each = own.get(i);
        String json = ".recordedSteps %s.precision[%d].drift".formatted(place(problem, rule), i);
        int colour = List.of(Precision.Kind.values()).indexOf(each.kind());
        chart.line(new Chart.Line(each.kind().words(), colour, steps, each.drift(), json));
      }
      charts.add(chart);
    }
    return charts;
  }

  /// The performance profiles of all rules.
  Chart profiles() {
    Chart chart =
        new Chart(
            "performance profiles",
            Chart.WIDE,
            Scale.linear(1, 16),
            "steps to the target, as a factor of the best rule's",
            Scale.linear(0, 1),
            "share of runs");
    double[][] shares = Profiles.of(plan, findings.runs());
    for (int rule = 0; rule < shares.length; rule++) {
      String json = ".profiles.factors .profiles.shares[%d]".formatted(rule);
      String name = plan.candidates().get(rule).name();
      chart.line(new Chart.Line(name, rule, Profiles.factors(), shares[rule], json));
    }
    return chart;
  }

  /// The divergence of the dialects of a rule, a line for each library and variant.
  Chart parity(String optimizer) {
    List<Parity> all = findings.parities();
    double[] ulps =
        all.stream().flatMapToDouble(each -> Arrays.stream(each.differences())).toArray();
    Chart chart =
        new Chart(
            optimizer + ": distance from the first dialect",
            Chart.WIDE,
            Scale.linear(0, Parity.STEPS),
            "step",
            Scale.decades(ulps, Double.MAX_VALUE),
            "ulp");
    double[] xs = IntStream.rangeClosed(1, Parity.STEPS).asDoubleStream().toArray();
    for (int k = 0; k < all.size(); k++) {
      Parity each = all.get(k);
      if (each.dialect().optimizer().equals(optimizer)) {
        int dashes = List.of(Parity.Variant.values()).indexOf(each.variant());
        int colour = 8 * dashes + (each.dialect().library().equals("Optax") ? 0 : 1);
        String name = each.dialect().library() + ", " + each.variant().words();
        String json = ".paritySteps .parity[%d].ulps".formatted(k);
        chart.line(new Chart.Line(name, colour, xs, each.differences(), json));
      }
    }
    return chart;
  }

  private static String title(Run run) {
    return "%s, lr %s".formatted(run.candidate().name(), Figures.number(run.lr(), 3));
  }

  /// Where the numbers of a run stand in the JSON.
  static String place(int problem, int rule) {
    return ".problems[%d].runs[%d]".formatted(problem, rule);
  }
}
