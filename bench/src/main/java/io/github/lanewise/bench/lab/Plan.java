package io.github.lanewise.bench.lab;

import java.util.ArrayList;
import java.util.List;

/// What the lab is to do: everything that decides its numbers.
///
/// @param problems to run on
/// @param candidates the rules
/// @param steps of each run, at least 1
/// @param seeds the number of runs with different starts, at least 1; the seeds are 1, 2, ...
/// @param rates learning rates to try, ascending; each rule goes on with the best of them
/// @param isTimed whether to measure times, the only numbers that differ from run to run
public record Plan(
    List<Problem> problems,
    List<Candidate> candidates,
    int steps,
    int seeds,
    List<Double> rates,
    boolean isTimed) {
  private static final int RECORDS = 100;

  /// Copies the lists.
  public Plan {
    problems = List.copyOf(problems);
    candidates = List.copyOf(candidates);
    rates = List.copyOf(rates);
  }

  /// {@return learning rates from 1e-6 to 10 at equal ratios}
  ///
  /// @param perDecade 1 for 8 of them, 5 for 36
  public static List<Double> rates(int perDecade) {
    List<Double> rates = new ArrayList<>();
    for (int k = -6 * perDecade; k <= perDecade; k++) {
      // Through text, so that a rate is the double that a user would write.
      rates.add(Double.parseDouble("%.4e".formatted(StrictMath.pow(10, (double) k / perDecade))));
    }
    return rates;
  }

  /// {@return the steps after which losses are recorded, from 0 to the last}
  public int[] recorded() {
    int every = Math.max(1, steps / RECORDS);
    int[] recorded = new int[Math.ceilDiv(steps, every) + 1];
    for (int i = 0; i < recorded.length; i++) {
      recorded[i] = Math.min(steps, i * every);
    }
    return recorded;
  }
}
