package io.github.lanewise.bench.cli;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.io.DataSet;
import java.lang.foreign.Arena;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/// Applies a model to the rows of a data set: its predictions, how good they are, and how fast.
final class Predictor {
  private static final int BATCH = 256;

  /// With more classes than these, a table of all pairs does not fit on a screen.
  private static final int TABLE_CLASSES = 20;

  private static final int WARM_UP_CALLS = 20_000;
  private static final int CALLS = 100_000;

  /// The longest that warm-up and measurement may take each; a large network makes fewer calls.
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

  /// Returns the class of each row: that of the largest logit, and the first of equal ones.
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

  /// Returns the share of rows whose class was predicted, from 0 to 1.
  double accuracy(int[] predicted) {
    int right = 0;
    for (int row = 0; row < predicted.length; row++) {
      right += predicted[row] == data.label(row) ? 1 : 0;
    }
    return (double) right / predicted.length;
  }

  /// Returns a table that counts the rows of each class by their prediction. It is empty if there
  /// are too many classes to print.
  String confusion(int[] predicted) {
    if (classes > TABLE_CLASSES) {
      return "";
    }
    int[][] count = new int[classes][classes];
    for (int row = 0; row < predicted.length; row++) {
      count[data.label(row)][predicted[row]]++;
    }
    StringBuilder table =
        new StringBuilder("rows of each class (down) by prediction (across):%n     ".formatted());
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

  /// Measures the time of predicting a single row, in nanoseconds, after a warm-up.
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

  /// Returns a percentile in microseconds.
  static double micros(Histogram nanos, double percentile) {
    return nanos.getValueAtPercentile(percentile) / 1000.0;
  }

  /// Returns the percentiles of [#latency] as a line of text.
  static String describe(Histogram nanos) {
    return String.format(
        Locale.ROOT,
        "time to predict one row: median %.2f us, p99 %.2f us, p99.9 %.2f us",
        micros(nanos, 50),
        micros(nanos, 99),
        micros(nanos, 99.9));
  }
}
