package io.github.lanewise.bench.lab;

import io.github.lanewise.bench.report.Chart;
import io.github.lanewise.bench.report.Page;
import io.github.lanewise.bench.report.Page.Cell;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The page of a [Findings], and its charts as files.
public final class LabPage {
  private final Findings findings;
  private final Plan plan;
  private final Charts charts;
  private final Page page;
  private final Map<String, String> files = new LinkedHashMap<>();

  private LabPage(Findings findings) {
    this.findings = findings;
    plan = findings.plan();
    charts = new Charts(findings);
    page = new Page("The optimizer lab");
  }

  /// {@return the page `index.html` and every chart as an SVG file, by their names}
  ///
  /// @param findings what was found
  /// @param command the command that found it, as the user gave it
  public static Map<String, String> of(Findings findings, String command) {
    LabPage report = new LabPage(findings);
    report.begin(command);
    for (int k = 0; k < report.plan.problems().size(); k++) {
      report.problem(k);
    }
    report.profiles();
    report.twins();
    report.precision();
    report.cost();
    report.parity();
    report.settings();
    Map<String, String> files = new LinkedHashMap<>();
    files.put("index.html", report.page.html());
    files.putAll(report.files);
    return files;
  }

  private void begin(String command) {
    page.text(command);
    page.text(
        ("Every rule ran on every problem for %d steps from %s, once for each of %d learning"
                + " rates from %s to %s at equal ratios. It is shown with the rate that gave the"
                + " least median of final losses (the smaller one of two); all other settings are"
                + " its defaults, which stand at the end of the page. No schedule, no clipping of"
                + " gradients.")
            .formatted(
                plan.steps(),
                plan.seeds() == 1 ? "one start" : plan.seeds() + " starts",
                plan.rates().size(),
                Figures.number(plan.rates().getFirst()),
                Figures.number(plan.rates().getLast())));
    page.text(
        ("In the charts a loss that is not a number, or more than %s times the first one, stands at"
                + " the upper edge, a loss of 0 at the lower edge, and what leaves a map at its"
                + " edge. Losses are recorded in steps of %d, so that steps to the target are"
                + " rounded up to that. Numbers of all charts are in the JSON and CSV files of the"
                + " same command. Point at a line or a name to see it alone.")
            .formatted(
                Figures.number(Charts.LIMIT),
                plan.recorded()[Math.min(1, plan.recorded().length - 1)]));
  }

  private void problem(int k) {
    Problem problem = plan.problems().get(k);
    page.section(problem.key());
    page.text("Loss: " + problem.description() + ". Target: " + problem.target() + ".");
    page.table(
        List.of(
            "rule",
            "learning rate",
            "final loss",
            "least",
            "largest",
            "steps to target",
            "seconds to target"),
        rows(k));
    List<Chart> wide = new ArrayList<>(List.of(charts.losses(k), charts.sweep(k)));
    problem.plane().ifPresent(plane -> wide.add(charts.firstPaths(k, plane)));
    charts(wide, Chart.WIDE, problem.key(), "loss", "sweep", "paths");
    problem
        .plane()
        .ifPresent(
            plane -> {
              page.heading("Paths over contour lines, one line for each start; dots are minima");
              charts(charts.paths(k, plane), Chart.SMALL, problem.key() + "-path", names());
            });
    page.heading("Median loss, and the band between the least and the largest of all starts");
    charts(charts.bands(k), Chart.SMALL, problem.key() + "-band", names());
  }

  private String[] names() {
    return plan.candidates().stream().map(Candidate::name).toArray(String[]::new);
  }

  /// Adds charts to the page and to the files.
  private void charts(List<Chart> added, int width, String prefix, String... names) {
    page.charts(added, width);
    for (int i = 0; i < added.size(); i++) {
      String name = names[i].replaceAll("[^A-Za-z0-9_.-]", "_");
      files.put("charts/" + prefix + "-" + name + ".svg", added.get(i).file());
    }
  }

  private List<List<Cell>> rows(int problem) {
    List<List<Cell>> rows = new ArrayList<>();
    for (int rule = 0; rule < plan.candidates().size(); rule++) {
      Run run = findings.runsOn(problem).get(rule);
      String place = Charts.place(problem, rule);
      Spread loss = run.finalLosses();
      double steps = Spread.of(run.stepsToTarget(plan.recorded())).median();
      rows.add(
          List.of(
              Cell.of(run.candidate().name()),
              new Cell(Figures.number(run.lr()), place + ".learningRate"),
              new Cell(Figures.number(loss.median()), place + ".finalLoss.median[0]"),
              new Cell(Figures.number(loss.low()), place + ".finalLoss.low[0]"),
              new Cell(Figures.number(loss.high()), place + ".finalLoss.high[0]"),
              new Cell(Figures.number(steps), place + ".medianStepsToTarget"),
              plan.isTimed()
                  ? new Cell(Figures.number(run.secondsToTarget()), place + ".secondsToTarget")
                  : Cell.of("not timed")));
    }
    return rows;
  }

  private void profiles() {
    page.section("Over all problems");
    page.text(
        "The share of runs, problems times starts, that reach the target of their problem in at"
            + " most so many times the steps of the best rule on the same run. Runs that no rule"
            + " brings to the target count as missed by all.");
    charts(List.of(charts.profiles()), Chart.WIDE, "all", "profiles");
  }

  private void twins() {
    page.section("Does it do what it says?");
    page.text(
        ("Each rule beside its formula in scalar Java, a chain of simple steps in the order of"
                + " PyTorch's operations or of the paper's. Both start alike and each follows its"
                + " own gradients, so that one different bit would grow. The largest distance of two"
                + " parameters in %d steps, in units in the last place: 0 means the same bits at"
                + " every step. A dash: the rule has no scalar twin, because it is your own and is no"
                + " UpdateLoop.Element.")
            .formatted(plan.steps()));
    List<String> headings = new ArrayList<>(List.of("rule"));
    plan.problems().forEach(each -> headings.add(each.key()));
    List<List<Cell>> rows = new ArrayList<>();
    for (int rule = 0; rule < plan.candidates().size(); rule++) {
      List<Cell> row = new ArrayList<>(List.of(Cell.of(plan.candidates().get(rule).name())));
      for (int k = 0; k < plan.problems().size(); k++) {
        long[] ulps = findings.twins().get(k * plan.candidates().size() + rule);
        long most = 0;
        for (long each : ulps) {
          most = Math.max(most, each);
        }
        row.add(
            ulps.length == 0
                ? Cell.of("-")
                : new Cell(
                    Figures.number((double) most), Charts.place(k, rule) + ".maxUlpsFromTwin"));
      }
      rows.add(row);
    }
    page.table(headings, rows);
  }

  private void precision() {
    page.section("What does low precision do to it?");
    page.text(
        "Each rule once more from the first start, with the same learning rate, with states in"
            + " bfloat16 or in 8 bits, or with parameters that are rounded to bfloat16 after each"
            + " step, at random or with Kahan's compensation. The tables give the final loss beside"
            + " that of float32; the charts the drift, which is the distance of the parameters from"
            + " those of the float32 run as a share of their length. A dash: the rule refuses"
            + " it.");
    for (int k = 0; k < plan.problems().size(); k++) {
      page.heading(plan.problems().get(k).key() + ": final loss, and drift over the steps");
      List<String> headings = new ArrayList<>(List.of("rule", "float32"));
      for (Precision.Kind kind : Precision.Kind.values()) {
        headings.add(kind.words());
      }
      List<List<Cell>> rows = new ArrayList<>();
      for (int rule = 0; rule < plan.candidates().size(); rule++) {
        rows.add(precisionRow(k, rule));
      }
      page.table(headings, rows);
      charts(charts.drifts(k), Chart.SMALL, plan.problems().get(k).key() + "-drift", names());
    }
  }

  private List<Cell> precisionRow(int problem, int rule) {
    String place = Charts.place(problem, rule);
    Run run = findings.runsOn(problem).get(rule);
    List<Cell> row = new ArrayList<>(List.of(Cell.of(run.candidate().name())));
    row.add(
        new Cell(Figures.number(run.trials().getFirst().finalLoss()), place + ".firstFinalLoss"));
    List<Precision> all = findings.precisionsOf(problem, rule);
    for (Precision.Kind kind : Precision.Kind.values()) {
      Cell cell = Cell.of("-");
      for (int i = 0; i < all.size(); i++) {
        if (all.get(i).kind() == kind) {
          String json = "%s.precision[%d].finalLoss".formatted(place, i);
          cell = new Cell(Figures.number(all.get(i).finalLoss()), json);
        }
      }
      row.add(cell);
    }
    return row;
  }

  private void cost() {
    page.section("What does it cost?");
    if (!plan.isTimed()) {
      page.text("No times were taken.");
      return;
    }
    page.text(
        ("Nanoseconds per parameter of one step on one thread, for %d parameters in cache: the"
                + " fastest of some batches after a warm-up.")
            .formatted(Cost.PARAMETERS));
    List<List<Cell>> rows = new ArrayList<>();
    for (int rule = 0; rule < plan.candidates().size(); rule++) {
      Candidate candidate = plan.candidates().get(rule);
      rows.add(
          List.of(
              Cell.of(candidate.name()),
              Cell.of(Integer.toString(candidate.rule().states().size())),
              new Cell(
                  Figures.number(findings.costs().get(rule)),
                  ".nanosecondsPerParameter[%d]".formatted(rule))));
    }
    page.table(List.of("rule", "states", "ns per parameter"), rows);
  }

  private void parity() {
    if (findings.parities().isEmpty()) {
      return;
    }
    page.section("The same name in other libraries");
    page.text(
        ("What PyTorch, Optax and Keras do under the same name, and how far that leads in %d steps"
                + " on the same gradients: %d parameters start at 1, with random gradients of sizes"
                + " from 1 down to 1e-8. Distances are the largest over the parameters, in floats"
                + " that lie between (ulp), from the first dialect of each table, which Lanewise"
                + " follows. LAMB and Adafactor see the parameters as one vector. All formulas are computed in double, so that 0 means the same"
                + " convention. Same settings: those of the first dialect, with lr 0.001 and no"
                + " weight decay. Own defaults: each its own, lr that of the first dialect where the"
                + " library has none.")
            .formatted(Parity.STEPS, Parity.ELEMENTS));
    List<Chart> drawn = new ArrayList<>();
    List<String> names = new ArrayList<>();
    findings.parities().stream()
        .map(each -> each.dialect().optimizer())
        .distinct()
        .forEach(
            optimizer -> {
              drawn.add(charts.parity(optimizer));
              names.add(optimizer);
              page.heading(optimizer);
              dialects(optimizer);
            });
    page.heading("Step by step");
    charts(drawn, Chart.WIDE, "parity", names.toArray(String[]::new));
  }

  private void dialects(String optimizer) {
    List<List<Cell>> rows = new ArrayList<>();
    for (Dialect dialect : Dialects.all()) {
      if (dialect.optimizer().equals(optimizer)) {
        List<Cell> row = new ArrayList<>();
        row.add(Cell.of(dialect.library()));
        row.add(Cell.of(dialect.epsilon()));
        row.add(Cell.of(dialect.correction()));
        row.add(Cell.of(dialect.decay().words()));
        row.add(Cell.of(Figures.words(dialect.defaults())));
        for (Parity.Variant variant : Parity.Variant.values()) {
          row.add(distance(dialect, variant));
        }
        rows.add(row);
      }
    }
    List<String> headings =
        new ArrayList<>(
            List.of("library", "epsilon", "bias correction", "weight decay", "defaults"));
    for (Parity.Variant variant : Parity.Variant.values()) {
      headings.add("ulp, " + variant.words());
    }
    page.table(headings, rows);
  }

  private Cell distance(Dialect dialect, Parity.Variant variant) {
    for (int k = 0; k < findings.parities().size(); k++) {
      Parity parity = findings.parities().get(k);
      Dialect other = parity.dialect();
      if (other.optimizer().equals(dialect.optimizer())
          && other.library().equals(dialect.library())
          && parity.variant() == variant) {
        double last = parity.differences()[Parity.STEPS - 1];
        return new Cell(Figures.number(last), ".parity[%d].lastUlps".formatted(k));
      }
    }
    return Cell.of("-");
  }

  private void settings() {
    page.section("All settings");
    List<List<Cell>> rows = new ArrayList<>();
    for (Candidate candidate : plan.candidates()) {
      rows.add(List.of(Cell.of(candidate.name()), Cell.of(Figures.words(candidate.settings()))));
    }
    page.table(List.of("rule", "settings besides lr"), rows);
    List<String> rates = plan.rates().stream().map(Figures::number).toList();
    page.text("Learning rates: " + String.join(", ", rates) + ".");
  }
}
