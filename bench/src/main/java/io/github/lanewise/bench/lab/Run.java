package io.github.lanewise.bench.lab;

import java.util.List;

/// A rule on a problem: the learning rates that were tried, and the runs with the best of them.
///
/// @param sweep the final losses of all seeds, for each learning rate of the plan
/// @param best the position of the learning rate with the least median of final losses, the smaller
///     rate if two are equal
/// @param trials with that rate, for each seed
record Run(
    Candidate candidate,
    Problem problem,
    double lr,
    List<Spread> sweep,
    int best,
    List<Trial> trials) {
  /// Returns the losses of all seeds at a recorded step.
  Spread losses(int record) {
    return Spread.of(trials.stream().mapToDouble(each -> each.losses()[record]).toArray());
  }

  Spread finalLosses() {
    return Spread.of(trials.stream().mapToDouble(Trial::finalLoss).toArray());
  }

  /// Returns the step after which each seed has reached the target, infinite for those that do not.
  double[] stepsToTarget(int[] recorded) {
    return trials.stream().mapToDouble(each -> toTarget(each, recorded)).toArray();
  }

  private double toTarget(Trial trial, int[] recorded) {
    int at = trial.reached(problem.target());
    return at < 0 ? Double.POSITIVE_INFINITY : recorded[at];
  }

  /// Returns the median of the seconds to the target, infinite if most do not reach it.
  double secondsToTarget() {
    return Spread.of(
            trials.stream()
                .mapToDouble(
                    each -> {
                      int at = each.reached(problem.target());
                      return at < 0 ? Double.POSITIVE_INFINITY : each.seconds()[at];
                    })
                .toArray())
        .median();
  }
}
