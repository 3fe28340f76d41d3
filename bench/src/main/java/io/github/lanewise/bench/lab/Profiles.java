package io.github.lanewise.bench.lab;

import java.util.Arrays;
import java.util.List;

/// Performance profiles: the share of all runs (problems times seeds) that reach the target in at
/// most a factor times the steps of the best rule of that run.
///
/// Source: Dolan and More (2002), Benchmarking Optimization Software with Performance Profiles.
final class Profiles {
  private static final int POINTS = 17;

  private Profiles() {}

  /// Returns the factors, from 1 to 16.
  static double[] factors() {
    double[] factors = new double[POINTS];
    for (int i = 0; i < POINTS; i++) {
      factors[i] = StrictMath.pow(2, i / 4.0);
    }
    return factors;
  }

  /// Returns the shares for each candidate and factor. A run that no rule brings to the target
  /// counts for none.
  static double[][] of(Plan plan, List<Run> runs) {
    int rules = plan.candidates().size();
    double[][] steps = new double[runs.size()][];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = runs.get(i).stepsToTarget(plan.recorded());
    }
    double[] factors = factors();
    double[][] shares = new double[rules][POINTS];
    int count = plan.problems().size() * plan.seeds();
    for (int problem = 0; problem < plan.problems().size(); problem++) {
      double[][] own = Arrays.copyOfRange(steps, problem * rules, (problem + 1) * rules);
      for (int seed = 0; seed < plan.seeds(); seed++) {
        double best = Double.POSITIVE_INFINITY;
        for (double[] each : own) {
          best = Math.min(best, Math.max(1, each[seed]));
        }
        for (int rule = 0; rule < rules; rule++) {
          for (int i = 0; i < POINTS; i++) {
            boolean reached =
                Double.isFinite(own[rule][seed]) && own[rule][seed] <= factors[i] * best;
            shares[rule][i] += reached ? 1.0 / count : 0;
          }
        }
      }
    }
    return shares;
  }
}
