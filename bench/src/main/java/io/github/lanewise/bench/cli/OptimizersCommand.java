package io.github.lanewise.bench.cli;

import io.github.lanewise.bench.lab.Candidate;
import io.github.lanewise.bench.lab.Findings;
import io.github.lanewise.bench.lab.LabPage;
import io.github.lanewise.bench.lab.Plan;
import io.github.lanewise.bench.lab.Problem;
import io.github.lanewise.bench.lab.Problems;
import io.github.lanewise.bench.lab.Study;
import io.github.lanewise.bench.lab.Tables;
import io.github.lanewise.bench.lab.TextTable;
import io.github.lanewise.nn.io.AtomicFile;
import io.github.lanewise.nn.io.DataSet;
import io.github.lanewise.nn.io.FileException;
import io.github.lanewise.optim.rule.Rules;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Shows what update rules do, in a table and on a page of charts.
@Command(
    name = "optimizers",
    description = {
      "Runs update rules on small problems, and shows what they do, whether they do what they say,"
          + " and what they cost.",
      "Each rule is tried with learning rates from 1e-6 to 10, and shown with the best of them. Two"
          + " runs of a command give the same files, measured times aside."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    versionProvider = Lanewise.Version.class)
final class OptimizersCommand implements Callable<Integer> {
  private static final String ALL = "all";

  private final PrintStream out;
  private final boolean terminal;

  @Spec CommandSpec spec;

  @Option(
      names = "--problem",
      paramLabel = "PROBLEM",
      split = ",",
      completionCandidates = ProblemNames.class,
      description = "what to minimise, some of: ${COMPLETION-CANDIDATES}, or all")
  List<String> problems = List.of("rosenbrock");

  @Option(
      names = "--optimizers",
      paramLabel = "RULE",
      split = ",",
      completionCandidates = RuleNames.class,
      description = "the rules, some of: ${COMPLETION-CANDIDATES}, or all")
  List<String> optimizers = List.of(ALL);

  @Option(
      names = "--rule",
      paramLabel = "CLASS",
      split = ",",
      description =
          "your own rules: public classes on the class path that implement UpdateRule and have a"
              + " constructor without parameters")
  List<String> rules = List.of();

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description = "real digits for the problem digits, a file as train reads it")
  Path dataFile;

  @Option(names = "--steps", paramLabel = "N", description = "the number of steps of a run")
  int steps = 500;

  @Option(names = "--seeds", paramLabel = "N", description = "the number of runs, 1 to N")
  int seeds = 3;

  @Option(names = "--sweep", description = "try 36 learning rates instead of 8")
  boolean sweep;

  @Option(
      names = "--no-times",
      description = "measure no times, so that two runs give the same files to the last byte")
  boolean untimed;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "a directory for index.html, its charts as SVG, and CSV files")
  Path directory;

  @Option(names = "--json", paramLabel = "FILE", description = "a file for the figures")
  Path reportFile;

  OptimizersCommand(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /// The names of the problems for `--help`.
  private static final class ProblemNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Problems.names().iterator();
    }
  }

  /// The names of the rules for `--help`.
  private static final class RuleNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Rules.NAMES.iterator();
    }
  }

  @Override
  public Integer call() throws FileException, InterruptedException {
    List<Candidate> candidates = check();
    out.println(Lanewise.platform(spec));
    try (Arena arena = Arena.ofShared()) { // many threads read the data
      List<Problem> chosen = new ArrayList<>();
      for (String name : chosen("--problem", problems, Problems.names())) {
        chosen.add(dataFile != null && name.equals("digits") ? read(arena) : named(arena, name));
      }
      Plan plan = new Plan(chosen, candidates, steps, seeds, Plan.rates(sweep ? 5 : 1), !untimed);
      out.printf(
          Locale.ROOT,
          "%d problems, %d rules, %d learning rates, %d seeds, %,d steps in a run%n",
          chosen.size(),
          candidates.size(),
          plan.rates().size(),
          seeds,
          steps);
      Findings findings;
      try (TaskProgress progress = new TaskProgress(out, terminal, Study.tasks(plan))) {
        findings = Study.run(plan, Runtime.getRuntime().availableProcessors(), progress::step);
      }
      out.print(TextTable.of(findings));
      write(findings);
    }
    return 0;
  }

  private List<Candidate> check() throws FileException {
    require(steps > 0, "--steps is " + steps + ", must be positive");
    require(seeds > 0, "--seeds is " + seeds + ", must be positive");
    Set<String> names = chosen("--optimizers", optimizers, Rules.NAMES);
    boolean hasDigits = chosen("--problem", problems, Problems.names()).contains("digits");
    require(dataFile == null || hasDigits, "--data is only for the problem digits");
    List<Candidate> candidates = new ArrayList<>();
    Candidate.all().stream().filter(each -> names.contains(each.name())).forEach(candidates::add);
    Set<String> taken = new LinkedHashSet<>();
    for (String rule : rules) {
      try {
        candidates.add(Candidate.named(rule));
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), "--rule: " + e.getMessage(), e);
      }
      String name = candidates.getLast().name();
      require(taken.add(name), "--rule: two rules are named " + name);
    }
    if (directory != null) {
      Report.requireDirectory(directory);
    }
    if (reportFile != null) {
      AtomicFile.requireTarget(reportFile);
    }
    return candidates;
  }

  /// The names of an option, all of them for `all`.
  private Set<String> chosen(String option, List<String> given, List<String> known) {
    for (String name : given) {
      require(
          known.contains(name) || name.equals(ALL),
          "%s has '%s', must be of %s or all".formatted(option, name, known));
    }
    return new LinkedHashSet<>(given.contains(ALL) ? known : given);
  }

  private void require(boolean condition, String problem) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), problem);
    }
  }

  private static Problem named(Arena arena, String name) {
    return Problems.named(arena, name);
  }

  private Problem read(Arena arena) throws FileException {
    DataSet data = DataSet.read(arena, dataFile);
    require(data.rows() > 1, "--data is '" + dataFile + "', which has only one row");
    return Problems.digits(data, dataFile.getFileName().toString());
  }

  private void write(Findings findings) throws FileException {
    if (reportFile != null) {
      Report report = new Report();
      findings.tree().forEach(report::put);
      report.write(reportFile);
      out.println("figures written to " + reportFile.toAbsolutePath());
    }
    if (directory != null) {
      Report.write(directory, LabPage.of(findings, described()));
      Report.write(directory, Tables.of(findings));
      out.println("page written to " + directory.resolve("index.html").toAbsolutePath());
    }
  }

  /// The command without the places of its files, which change nothing.
  private String described() {
    String text =
        "%s optimizers --problem %s --optimizers %s --steps %d --seeds %d"
            .formatted(
                Lanewise.name(),
                String.join(",", problems),
                String.join(",", optimizers),
                steps,
                seeds);
    return text
        + (rules.isEmpty() ? "" : " --rule " + String.join(",", rules))
        + (dataFile == null ? "" : " --data " + dataFile.getFileName())
        + (sweep ? " --sweep" : "")
        + (untimed ? " --no-times" : "");
  }
}
