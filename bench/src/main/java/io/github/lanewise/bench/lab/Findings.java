package io.github.lanewise.bench.lab;

import io.github.lanewise.bench.lab.Problem.Plane;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// What a [Study] found.
///
/// @param plan what was done
/// @param runs problem after problem, and in each rule after rule
/// @param twins for each run the distances from the scalar twin after each step; empty if the rule
///     has no twin
/// @param precisions for each run the same in low precision, as far as the rule admits it
/// @param parities of every rule that two libraries have
/// @param costs nanoseconds per parameter of each rule; empty if nothing was timed
public record Findings(
    Plan plan,
    List<Run> runs,
    List<long[]> twins,
    List<List<Precision>> precisions,
    List<Parity> parities,
    List<Double> costs) {

  /// {@return all numbers as a tree of maps, lists, numbers and texts, for a JSON file}
  public Map<String, Object> tree() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("steps", plan.steps());
    tree.put("seeds", plan.seeds());
    tree.put("learningRates", plan.rates());
    tree.put("recordedSteps", Arrays.stream(plan.recorded()).boxed().toList());
    List<Object> rules = new ArrayList<>();
    for (Candidate candidate : plan.candidates()) {
      rules.add(map("name", candidate.name(), "settings", candidate.settings()));
    }
    tree.put("optimizers", rules);
    List<Object> problems = new ArrayList<>();
    for (int k = 0; k < plan.problems().size(); k++) {
      problems.add(problem(k));
    }
    tree.put("problems", problems);
    tree.put("profiles", profiles());
    tree.put("paritySteps", IntStream.rangeClosed(1, Parity.STEPS).boxed().toList());
    tree.put("parity", parity());
    tree.put("nanosecondsPerParameter", plan.isTimed() ? costs : null);
    return tree;
  }

  /// Returns the runs on a problem.
  List<Run> runsOn(int problem) {
    int rules = plan.candidates().size();
    return runs.subList(problem * rules, (problem + 1) * rules);
  }

  /// Returns the runs of a rule on a problem in low precision.
  List<Precision> precisionsOf(int problem, int rule) {
    return precisions.get(problem * plan.candidates().size() + rule);
  }

  private Map<String, Object> problem(int k) {
    Problem problem = plan.problems().get(k);
    Map<String, Object> tree = map("name", problem.key(), "description", problem.description());
    tree.put("target", problem.target());
    problem.plane().ifPresent(plane -> tree.put("minima", minima(plane)));
    List<Object> all = new ArrayList<>();
    for (int i = 0; i < plan.candidates().size(); i++) {
      Run run = runsOn(k).get(i);
      Map<String, Object> own = run(run);
      long[] twin = twins.get(k * plan.candidates().size() + i);
      own.put("ulpsFromTwin", twin.length == 0 ? null : Arrays.stream(twin).boxed().toList());
      own.put("maxUlpsFromTwin", Arrays.stream(twin).boxed().max(Long::compare).orElse(null));
      own.put("precision", precisionsOf(k, i).stream().map(Findings::precision).toList());
      all.add(own);
    }
    tree.put("runs", all);
    return tree;
  }

  private static Map<String, Object> precision(Precision precision) {
    return map(
        "kind", precision.kind().words(),
        "finalLoss", precision.finalLoss(),
        "drift", Arrays.stream(precision.drift()).boxed().toList());
  }

  private static Map<String, Object> minima(Plane plane) {
    return map(
        "x", plane.minima().stream().map(each -> each[0]).toList(),
        "y", plane.minima().stream().map(each -> each[1]).toList());
  }

  private Map<String, Object> run(Run run) {
    Map<String, Object> tree = map("optimizer", run.candidate().name(), "learningRate", run.lr());
    tree.put("finalLoss", spread(List.of(run.finalLosses())));
    tree.put("firstFinalLoss", run.trials().getFirst().finalLoss());
    double[] steps = run.stepsToTarget(plan.recorded());
    tree.put("stepsToTarget", Arrays.stream(steps).boxed().toList());
    tree.put("medianStepsToTarget", Spread.of(steps).median());
    tree.put("secondsToTarget", plan.isTimed() ? run.secondsToTarget() : null);
    List<Spread> losses = new ArrayList<>();
    for (int i = 0; i < plan.recorded().length; i++) {
      losses.add(run.losses(i));
    }
    tree.put("loss", spread(losses));
    tree.put("sweep", spread(run.sweep()));
    if (run.problem().plane().isPresent()) {
      List<Object> paths = new ArrayList<>();
      for (Trial trial : run.trials()) {
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        for (float[] point : trial.path()) {
          x.add((double) point[0]);
          y.add((double) point[1]);
        }
        paths.add(map("x", x, "y", y));
      }
      tree.put("paths", paths);
    }
    return tree;
  }

  private static Map<String, Object> spread(List<Spread> spreads) {
    return map(
        "low", spreads.stream().map(Spread::low).toList(),
        "median", spreads.stream().map(Spread::median).toList(),
        "high", spreads.stream().map(Spread::high).toList());
  }

  private Map<String, Object> profiles() {
    List<Object> shares = new ArrayList<>();
    for (double[] each : Profiles.of(plan, runs)) {
      shares.add(Arrays.stream(each).boxed().toList());
    }
    return map("factors", Arrays.stream(Profiles.factors()).boxed().toList(), "shares", shares);
  }

  private List<Object> parity() {
    List<Object> all = new ArrayList<>();
    for (Parity parity : parities) {
      Map<String, Object> tree = map("optimizer", parity.dialect().optimizer());
      tree.put("library", parity.dialect().library());
      tree.put("reference", parity.reference().library());
      tree.put("settings", parity.variant().words());
      tree.put("ulps", Arrays.stream(parity.differences()).boxed().toList());
      tree.put("lastUlps", parity.differences()[Parity.STEPS - 1]);
      all.add(tree);
    }
    return all;
  }

  private static Map<String, Object> map(Object... entries) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < entries.length; i += 2) {
      map.put((String) entries[i], entries[i + 1]);
    }
    return map;
  }
}
