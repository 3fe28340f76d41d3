package io.github.lanewise.bench.cli;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.ServedModel;
import io.github.lanewise.nn.io.DataSet;
import io.github.lanewise.nn.io.Task;
import java.lang.foreign.Arena;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/// Applies a model to the rows of a data set: its outputs, predictions and latency.
final class Predictor {
  private static final int BATCH = 256;
  private static final int WARM_UP_CALLS = 20_000;
  private static final int CALLS = 100_000;

  /// The longest that warm-up and measurement may take each; a large network makes fewer calls.
  private static final long PATIENCE_NANOS = 2_000_000_000;

  private final Arena arena;
  private final ServedModel model;
  private final Task task;
  private final DataSet data;
  private final int outputs;

  /// @param model takes the features of `data` as they are
  Predictor(Arena arena, ServedModel model, Task task, DataSet data) {
    this.arena = arena;
    this.model = model;
    this.task = task;
    this.data = data;
    this.outputs = model.network().outputs();
  }

  /// Returns the outputs of the network, row after row.
  FloatArray outputs() {
    InferenceSession session = model.session(arena, BATCH);
    FloatArray all = FloatArray.allocate(arena, (long) data.rows() * outputs);
    long columns = data.columns();
    for (int begin = 0; begin < data.rows(); begin += BATCH) {
      int rows = Math.min(BATCH, data.rows() - begin);
      session.forward(
          data.features().slice(begin * columns, rows * columns),
          all.slice((long) begin * outputs, (long) rows * outputs),
          rows);
    }
    return all;
  }

  /// Turns outputs, in place, into what they say: probabilities of classes or labels. Those of a
  /// regression stay as they are.
  void interpret(FloatArray all) {
    if (task == Task.REGRESSION) {
      return;
    }
    Layer last = model.network().layers().getLast();
    if (task == Task.MULTILABEL) {
      for (long i = 0; !last.toString().equals("sigmoid") && i < all.length(); i++) {
        all.set(i, (float) (1 / (1 + Math.exp(-all.get(i)))));
      }
    } else if (last instanceof LogSoftmax) {
      for (long i = 0; i < all.length(); i++) {
        all.set(i, (float) Math.exp(all.get(i)));
      }
    } else if (!(last instanceof Softmax)) {
      Softmax.forward(all, all, data.rows(), outputs);
    }
  }

  /// Returns the class of each row: that of the largest output, and the first of equal ones.
  int[] classes(FloatArray all) {
    int[] predicted = new int[data.rows()];
    for (int row = 0; row < predicted.length; row++) {
      long begin = (long) row * outputs;
      for (int i = 1; i < outputs; i++) {
        predicted[row] = all.get(begin + i) > all.get(begin + predicted[row]) ? i : predicted[row];
      }
    }
    return predicted;
  }

  /// Measures the time of predicting a single row, in nanoseconds, after a warm-up.
  Histogram latency() {
    InferenceSession session = model.session(arena, 1);
    FloatArray answer = FloatArray.allocate(arena, outputs);
    FloatArray[] rows = new FloatArray[Math.min(data.rows(), 1024)];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = data.features().slice((long) row * data.columns(), data.columns());
    }
    Histogram histogram = new Histogram(3);
    record(session, rows, answer, WARM_UP_CALLS, histogram);
    histogram.reset();
    record(session, rows, answer, CALLS, histogram);
    return histogram;
  }

  private static void record(
      InferenceSession session, FloatArray[] rows, FloatArray answer, int calls, Histogram into) {
    long begin = System.nanoTime();
    long now = begin;
    for (int call = 0; call < calls && now - begin < PATIENCE_NANOS; call++) {
      long before = System.nanoTime();
      session.forward(rows[call % rows.length], answer);
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
