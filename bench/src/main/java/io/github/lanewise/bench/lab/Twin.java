package io.github.lanewise.bench.lab;

import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateRule.Memory;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.optim.Optimizer;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/// An optimizer beside its scalar twin. Each goes its own way from the same start: its gradients
/// are those at its own parameters, so that one different bit would grow.
final class Twin {
  private Twin() {}

  /// Returns the largest distance of a parameter from the twin's after each step, in floats that
  /// lie between the two.
  static long[] differences(Candidate candidate, Problem problem, double lr, int steps, long seed) {
    long[] differences = new long[steps];
    try (Arena arena = Arena.ofConfined()) {
      Problem.Attempt attempt = problem.open(arena, seed);
      Problem.Attempt other = problem.open(arena, seed);
      Optimizer optimizer = candidate.open(arena, attempt, lr);
      List<Setting> settings = optimizer.groups().getFirst().settings();
      UpdateSettings live = new UpdateSettings(candidate.rule(), settings);
      List<Cell[]> cells = new ArrayList<>();
      other.parameters().forEach(each -> cells.add(cells(candidate, each, live)));
      double[] memory = candidate.rule().memory().stream().mapToDouble(Memory::initial).toArray();
      for (int step = 1; step <= steps; step++) {
        attempt.gradient();
        optimizer.step();
        other.gradient();
        memory = step(candidate.twin(), other.parameters(), cells, step, memory);
        differences[step - 1] = largest(attempt.parameters(), other.parameters());
      }
    }
    return differences;
  }

  private static Cell[] cells(Candidate candidate, Parameter parameter, UpdateSettings settings) {
    int states = candidate.rule().states().size();
    int all = states + candidate.twin().ownStates();
    Cell[] cells = new Cell[(int) parameter.shape().elements()];
    for (int i = 0; i < cells.length; i++) {
      float[] initial = new float[all];
      for (int k = 0; k < states; k++) {
        initial[k] = candidate.rule().states().get(k).initial();
      }
      cells[i] = new Cell(parameter.value().get(i), initial, settings);
    }
    return cells;
  }

  /// Steps every element, and returns the memory after the step.
  private static double[] step(
      Chain chain, List<Parameter> parameters, List<Cell[]> cells, int step, double[] before) {
    double[] memory = before;
    for (int k = 0; k < cells.size(); k++) {
      Parameter parameter = parameters.get(k);
      Cell[] row = cells.get(k);
      for (int i = 0; i < row.length; i++) {
        memory = before.clone();
        row[i].begin(step, parameter.gradient().get(i), memory);
      }
      chain.step(row, parameter.shape());
      for (int i = 0; i < row.length; i++) {
        parameter.value().set(i, row[i].p);
      }
    }
    return memory;
  }

  private static long largest(List<Parameter> a, List<Parameter> b) {
    long largest = 0;
    for (int k = 0; k < a.size(); k++) {
      for (int i = 0; i < a.get(k).shape().elements(); i++) {
        largest = Math.max(largest, between(a.get(k).value().get(i), b.get(k).value().get(i)));
      }
    }
    return largest;
  }

  /// Returns how many floats lie from a to b: 0 for equal ones, 1 for neighbours. Two NaNs are
  /// equal, and one alone is as far as can be.
  static long between(float a, float b) {
    if (Float.isNaN(a) || Float.isNaN(b)) {
      return Float.isNaN(a) && Float.isNaN(b) ? 0 : 1L << 32;
    }
    return Math.abs(ordered(a) - ordered(b));
  }

  private static long ordered(float x) {
    int bits = Float.floatToRawIntBits(x);
    return bits >= 0 ? bits : Integer.MIN_VALUE - (long) bits;
  }
}
