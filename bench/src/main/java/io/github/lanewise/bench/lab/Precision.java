package io.github.lanewise.bench.lab;

import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.ParameterPrecision;
import io.github.lanewise.optim.Passes;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/// A run with states or parameters of low precision beside the same run in float32, with the same
/// learning rate and the same start.
///
/// @param kind what is kept in low precision
/// @param drift at the recorded steps: the distance of the parameters from those in float32, as a
///     share of their length
/// @param finalLoss of the run in low precision
@SuppressWarnings("ArrayRecordComponent") // nobody asks whether two are equal
record Precision(Kind kind, double[] drift, double finalLoss) {
  /// What is kept in low precision.
  enum Kind {
    /// States in bfloat16.
    BFLOAT16_STATES("bf16 states", StatePrecision.BFLOAT16, ParameterPrecision.FLOAT32),
    /// States in 8 bits, in blocks.
    BLOCK8_STATES("8-bit states", StatePrecision.BLOCK8, ParameterPrecision.FLOAT32),
    /// Parameters in bfloat16, rounded at random.
    RANDOM_PARAMETERS("bf16 random", StatePrecision.FLOAT32, ParameterPrecision.BFLOAT16_AT_RANDOM),
    /// Parameters in bfloat16, with Kahan's compensation.
    KAHAN_PARAMETERS("bf16 Kahan", StatePrecision.FLOAT32, ParameterPrecision.BFLOAT16_COMPENSATED);

    private final String words;
    private final StatePrecision states;
    private final ParameterPrecision parameters;

    Kind(String words, StatePrecision states, ParameterPrecision parameters) {
      this.words = words;
      this.states = states;
      this.parameters = parameters;
    }

    private Passes passes() {
      return Passes.NONE.withStatePrecision(states).withParameterPrecision(parameters);
    }

    String words() {
      return words;
    }
  }

  /// Returns the runs of every kind that the rule admits.
  static List<Precision> of(
      Candidate candidate, Problem problem, double lr, int[] recorded, long seed) {
    float[][][] exact = parameters(candidate, problem, lr, recorded, seed, Passes.NONE).values();
    List<Precision> all = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      if (admits(candidate, problem, kind)) {
        Way way = parameters(candidate, problem, lr, recorded, seed, kind.passes());
        double[] drift = new double[recorded.length];
        for (int i = 0; i < drift.length; i++) {
          drift[i] = distance(way.values[i], exact[i]);
        }
        all.add(new Precision(kind, drift, way.loss));
      }
    }
    return all;
  }

  /// A rule of the user's that looks at whole tensors may refuse a precision of its states.
  private static boolean admits(Candidate candidate, Problem problem, Kind kind) {
    try (Arena arena = Arena.ofConfined()) {
      List<Parameter> parameters = problem.open(arena, 1).parameters();
      return Optimizer.of(arena, parameters, candidate.rule(), kind.passes()) != null;
    } catch (IllegalArgumentException refused) {
      return false;
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // nobody asks whether two are equal
  private record Way(float[][][] values, double loss) {}

  private static Way parameters(
      Candidate candidate, Problem problem, double lr, int[] recorded, long seed, Passes passes) {
    float[][][] values = new float[recorded.length][][];
    try (Arena arena = Arena.ofConfined()) {
      Problem.Attempt attempt = problem.open(arena, seed);
      Optimizer optimizer = Optimizer.of(arena, attempt.parameters(), candidate.rule(), passes);
      optimizer.setLearningRate(lr);
      int step = 0;
      for (int i = 0; i < recorded.length; i++) {
        for (; step < recorded[i]; step++) {
          attempt.gradient();
          optimizer.step();
        }
        values[i] = Trial.values(attempt);
      }
      optimizer.evaluate();
      return new Way(values, attempt.loss());
    }
  }

  /// Infinite if a parameter is not a number.
  private static double distance(float[][] a, float[][] b) {
    double square = 0;
    double whole = 0;
    for (int k = 0; k < a.length; k++) {
      for (int i = 0; i < a[k].length; i++) {
        double difference = (double) a[k][i] - b[k][i];
        square += difference * difference;
        whole += (double) b[k][i] * b[k][i];
      }
    }
    double distance = square == 0 ? 0 : Math.sqrt(square / whole);
    return Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance;
  }
}
