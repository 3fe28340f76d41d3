package io.github.lanewise.bench.cli;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.io.DataSet;
import java.lang.foreign.Arena;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/// A model's classes for the rows of a data set, and the time that it takes for one.
final class Predictor {
  private static final int BATCH = 256;

  /// Beyond these, a table of all pairs of classes fits no screen.
  private static final int TABLE_CLASSES = 20;

  private static final int WARM_UP_CALLS = 20_000;
  private static final int CALLS = 100_000;

  /// A large network warms up in fewer calls; no one waits longer.
  private static final long PATIENCE_NANOS = 2_000_000_000;

  private final Arena arena;
  private final Model model;
  private final DataSet data;
  private final int classes;

  Predictor(Arena arena, Model model, DataSet data) {
    this.arena = arena;
    this.model = model;
    this.data = data;
    this.classes = model.network().outputs();
  }

  /// The class of each row: the largest logit, the first of equals.
  int[] predict() {
    int[] predicted = new int[data.rows()];
    InferenceSession session = model.inference(arena, BATCH);
    FloatArray logits = FloatArray.allocate(arena, (long) BATCH * classes);
    long columns = data.columns();
    for (int begin = 0; begin < predicted.length; begin += BATCH) {
      int rows = Math.min(BATCH, predicted.length - begin);
      session.forward(
          data.features().slice(begin * columns, rows * columns),
          logits.slice(0, (long) rows * classes));
      for (int row = 0; row < rows; row++) {
        predicted[begin + row] = largest(logits, (long) row * classes);
      }
    }
    return predicted;
  }

  private int largest(FloatArray logits, long begin) {
    int largest = 0;
    for (int i = 1; i < classes; i++) {
      if (logits.get(begin + i) > logits.get(begin + largest)) {
        largest = i;
      }
    }
    return largest;
  }

  /// The share of rows whose class was found.
  double accuracy(int[] predicted) {
    int right = 0;
    for (int row = 0; row < predicted.length; row++) {
      right += predicted[row] == data.label(row) ? 1 : 0;
    }
    return (double) right / predicted.length;
  }

  /// How often rows of one class (down) were taken for another (across).
  String confusion(int[] predicted) {
    if (classes > TABLE_CLASSES) {
      return "";
    }
    int[][] count = new int[classes][classes];
    for (int row = 0; row < predicted.length; row++) {
      count[data.label(row)][predicted[row]]++;
    }
    StringBuilder table = new StringBuilder("class");
    for (int i = 0; i < classes; i++) {
      table.append("%6d".formatted(i));
    }
    for (int i = 0; i < classes; i++) {
      table.append("%n%5d".formatted(i));
      for (int j = 0; j < classes; j++) {
        table.append(count[i][j] == 0 ? "     ." : "%6d".formatted(count[i][j]));
      }
    }
    return table.append(System.lineSeparator()).toString();
  }

  /// Times single rows, once the code is warm, in nanoseconds.
  Histogram latency() {
    InferenceSession session = model.inference(arena, 1);
    FloatArray logits = FloatArray.allocate(arena, classes);
    FloatArray[] rows = new FloatArray[Math.min(data.rows(), 1024)];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = data.features().slice((long) row * data.columns(), data.columns());
    }
    Histogram histogram = new Histogram(3);
    record(session, rows, logits, WARM_UP_CALLS, histogram);
    histogram.reset();
    record(session, rows, logits, CALLS, histogram);
    return histogram;
  }

  private static void record(
      InferenceSession session, FloatArray[] rows, FloatArray logits, int calls, Histogram into) {
    long begin = System.nanoTime();
    long now = begin;
    for (int call = 0; call < calls && now - begin < PATIENCE_NANOS; call++) {
      long before = System.nanoTime();
      session.forward(rows[call % rows.length], logits);
      now = System.nanoTime();
      into.recordValue(now - before);
    }
  }

  static double micros(Histogram nanos, double percentile) {
    return nanos.getValueAtPercentile(percentile) / 1000.0;
  }

  static String describe(Histogram nanos) {
    return String.format(
        Locale.ROOT,
        "single-row prediction: p50 %.2f us, p99 %.2f us, p99.9 %.2f us",
        micros(nanos, 50),
        micros(nanos, 99),
        micros(nanos, 99.9));
  }
}
