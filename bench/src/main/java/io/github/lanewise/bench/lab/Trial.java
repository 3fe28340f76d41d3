package io.github.lanewise.bench.lab;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.optim.Optimizer;
import java.lang.foreign.Arena;
import java.util.List;

/// One run of a rule on a problem.
///
/// @param losses at the recorded steps
/// @param seconds that gradients and updates took until then
/// @param path the two parameters of a problem in the plane at the recorded steps, else empty
@SuppressWarnings("ArrayRecordComponent") // nobody asks whether two are equal
record Trial(double[] losses, double[] seconds, float[][] path) {
  /// Returns the loss after the last step of a run.
  static double finalLoss(Candidate candidate, Problem problem, double lr, int steps, long seed) {
    Trial trial = run(candidate, problem, lr, new int[] {steps}, seed);
    return trial.losses[0];
  }

  static Trial run(Candidate candidate, Problem problem, double lr, int[] recorded, long seed) {
    try (Arena arena = Arena.ofConfined()) {
      Problem.Attempt attempt = problem.open(arena, seed);
      Optimizer optimizer = candidate.open(arena, attempt, lr);
      boolean differs = candidate.hasEvaluation(optimizer);
      boolean isPlane = problem.plane().isPresent();
      double[] losses = new double[recorded.length];
      double[] seconds = new double[recorded.length];
      float[][] path = new float[isPlane ? recorded.length : 0][];
      long nanos = 0;
      int step = 0;
      for (int i = 0; i < recorded.length; i++) {
        long begin = System.nanoTime();
        for (; step < recorded[i]; step++) {
          attempt.gradient();
          optimizer.step();
        }
        nanos += System.nanoTime() - begin;
        seconds[i] = nanos / 1e9;
        float[][] before = differs ? values(attempt) : null;
        if (differs) {
          optimizer.evaluate();
        }
        losses[i] = attempt.loss();
        if (isPlane) {
          path[i] = attempt.parameters().getFirst().value().toArray();
        }
        if (differs) {
          optimizer.train();
          restore(attempt, before); // there and back again is not exact, and looking must not count
        }
      }
      return new Trial(losses, seconds, path);
    }
  }

  static float[][] values(Problem.Attempt attempt) {
    List<Parameter> parameters = attempt.parameters();
    return parameters.stream()
        .map(Parameter::value)
        .map(FloatArray::toArray)
        .toArray(float[][]::new);
  }

  private static void restore(Problem.Attempt attempt, float[][] values) {
    for (int k = 0; k < values.length; k++) {
      attempt.parameters().get(k).value().copyFrom(values[k]);
    }
  }

  /// Returns the last loss.
  double finalLoss() {
    return losses[losses.length - 1];
  }

  /// Returns the position of the first recorded loss that is at most the target, or -1.
  int reached(double target) {
    for (int i = 0; i < losses.length; i++) {
      if (losses[i] <= target) {
        return i;
      }
    }
    return -1;
  }
}
