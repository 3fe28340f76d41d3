package io.github.lanewise.bench.lab;

import java.util.Locale;

/// The summary of a [Findings] for a terminal.
public final class TextTable {
  private TextTable() {}

  /// {@return a table for each problem: loss, steps and seconds to the target, and cost}
  ///
  /// @param findings what was found
  public static String of(Findings findings) {
    Plan plan = findings.plan();
    StringBuilder text = new StringBuilder();
    for (int k = 0; k < plan.problems().size(); k++) {
      Problem problem = plan.problems().get(k);
      text.append(
          "%n%s: medians of %d seeds after %d steps, target %s%n"
              .formatted(problem.key(), plan.seeds(), plan.steps(), problem.target()));
      text.append(
          row("rule", "best lr", "final loss", "steps to it", "seconds to it", "ns/parameter"));
      for (int rule = 0; rule < plan.candidates().size(); rule++) {
        Run run = findings.runsOn(k).get(rule);
        text.append(
            row(
                run.candidate().name(),
                Figures.number(run.lr()),
                Figures.number(run.finalLosses().median()),
                Figures.number(Spread.of(run.stepsToTarget(plan.recorded())).median()),
                plan.isTimed() ? Figures.number(run.secondsToTarget()) : "-",
                plan.isTimed() ? Figures.number(findings.costs().get(rule)) : "-"));
      }
    }
    return text.toString();
  }

  private static String row(
      String rule, String lr, String loss, String steps, String seconds, String cost) {
    return String.format(
        Locale.ROOT, "%-22s %8s %12s %12s %13s %13s%n", rule, lr, loss, steps, seconds, cost);
  }
}
