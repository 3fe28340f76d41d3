package io.github.lanewise.bench.cli;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.io.DataSet;
import io.github.lanewise.nn.io.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// How good predictions are, in one figure and in detail.
///
/// @param figure the name of the figure, as `--json` has it
/// @param value the share of right rows or labels, or the root of the mean squared error
/// @param counts what was right of each class or label; null for a regression
/// @param comparisons the values of each output beside the true ones; empty for other tasks
record Evaluation(String figure, double value, Counts counts, List<Comparison> comparisons) {
  /// A table of more classes than this is no picture that anybody could read.
  private static final int COMPARED_CLASSES = 50;

  private static final int SHOWN_CLASSES = 20;
  private static final int NAME_COLUMNS = 12;
  private static final int COMPARED_OUTPUTS = 12;
  private static final int COMPARED_ROWS = 1000;

  /// How often each class or label was there, was predicted, and was predicted rightly.
  ///
  /// @param names of the classes or labels
  /// @param present in how many rows it is true
  /// @param predicted in how many rows it was predicted
  /// @param right in how many rows both
  /// @param confusion rows of each class by their prediction; null for labels and for too many
  ///     classes
  @SuppressWarnings("ArrayRecordComponent") // nobody asks whether two are equal
  record Counts(
      List<String> names, int[] present, int[] predicted, int[] right, int[][] confusion) {
    static Counts of(List<String> names) {
      int n = names.size();
      return new Counts(names, new int[n], new int[n], new int[n], null);
    }

    Counts withConfusion() {
      int n = names.size();
      return n > COMPARED_CLASSES
          ? this
          : new Counts(names, present, predicted, right, new int[n][n]);
    }

    /// The share of the rows of a class that were predicted rightly; NaN if it has none.
    double recall(int i) {
      return (double) right[i] / present[i];
    }

    /// The share of the predictions of a class that were right; NaN if there are none.
    double precision(int i) {
      return (double) right[i] / predicted[i];
    }

    private List<Map<String, Object>> tree() {
      List<Map<String, Object>> tree = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("name", names.get(i));
        one.put("rows", present[i]);
        one.put("predicted", predicted[i]);
        one.put("right", right[i]);
        one.put("recall", TrainingReport.number(recall(i)));
        one.put("precision", TrainingReport.number(precision(i)));
        tree.add(one);
      }
      return tree;
    }
  }

  /// The predictions of one output beside the true values: of all rows, or of some of many.
  ///
  /// @param name of the output
  /// @param rmse the root of the mean squared error of all rows
  /// @param targets the true values
  /// @param predicted as many
  @SuppressWarnings("ArrayRecordComponent") // nobody asks whether two are equal
  record Comparison(String name, double rmse, double[] targets, double[] predicted) {
    /// The least and the largest value of both.
    double[] range() {
      double low = Double.POSITIVE_INFINITY;
      double high = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < targets.length; i++) {
        low = Math.min(low, Math.min(targets[i], predicted[i]));
        high = Math.max(high, Math.max(targets[i], predicted[i]));
      }
      return new double[] {low, high};
    }

    private Map<String, Object> tree() {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("name", name);
      tree.put("rmse", rmse);
      tree.put("range", TrainingReport.list(range()));
      tree.put("target", TrainingReport.list(targets));
      tree.put("predicted", TrainingReport.list(predicted));
      return tree;
    }
  }

  /// Compares predictions with what the data says.
  ///
  /// @param values what [Predictor#interpret] made of the outputs, row after row
  /// @param predicted the class of each row, for a classification
  /// @param names of the classes, labels or values
  static Evaluation of(
      Task task, DataSet data, FloatArray values, int[] predicted, List<String> names) {
    return switch (task) {
      case CLASSIFICATION -> classes(data, predicted, Counts.of(names).withConfusion());
      case MULTILABEL -> labels(data, values, Counts.of(names));
      case REGRESSION -> regression(data, values, names);
    };
  }

  private static Evaluation classes(DataSet data, int[] predicted, Counts counts) {
    int right = 0;
    for (int row = 0; row < predicted.length; row++) {
      int label = data.label(row);
      boolean isRight = predicted[row] == label;
      right += isRight ? 1 : 0;
      counts.right[label] += isRight ? 1 : 0;
      counts.present[label]++;
      counts.predicted[predicted[row]]++;
      if (counts.confusion != null) {
        counts.confusion[label][predicted[row]]++;
      }
    }
    return new Evaluation("accuracy", (double) right / predicted.length, counts, List.of());
  }

  private static Evaluation labels(DataSet data, FloatArray values, Counts counts) {
    int labels = counts.names.size();
    double right = 0;
    for (long i = 0; i < values.length(); i++) {
      int label = (int) (i % labels);
      boolean isPresent = data.targets().get(i) > 0.5;
      boolean isPredicted = values.get(i) > 0.5;
      right += isPresent == isPredicted ? 1 : 0;
      counts.present[label] += isPresent ? 1 : 0;
      counts.predicted[label] += isPredicted ? 1 : 0;
      counts.right[label] += isPresent && isPredicted ? 1 : 0;
    }
    return new Evaluation("labelAccuracy", right / values.length(), counts, List.of());
  }

  private static Evaluation regression(DataSet data, FloatArray values, List<String> names) {
    int outputs = names.size();
    double[] sums = new double[outputs];
    double sum = 0;
    for (long i = 0; i < values.length(); i++) {
      double distance = values.get(i) - data.targets().get(i);
      sums[(int) (i % outputs)] += distance * distance;
      sum += distance * distance;
    }
    int shown = Math.min(data.rows(), COMPARED_ROWS);
    List<Comparison> comparisons = new ArrayList<>();
    for (int output = 0; output < Math.min(outputs, COMPARED_OUTPUTS); output++) {
      double[] targets = new double[shown];
      double[] predicted = new double[shown];
      for (int k = 0; k < shown; k++) {
        long at = (long) k * data.rows() / shown * outputs + output;
        targets[k] = data.targets().get(at);
        predicted[k] = values.get(at);
      }
      double rmse = Math.sqrt(sums[output] / data.rows());
      comparisons.add(new Comparison(names.get(output), rmse, targets, predicted));
    }
    return new Evaluation("rmse", Math.sqrt(sum / values.length()), null, comparisons);
  }

  /// The details for programs.
  Map<String, Object> tree() {
    Map<String, Object> tree = new LinkedHashMap<>();
    if (counts == null) {
      tree.put("predictions", comparisons.stream().map(Comparison::tree).toList());
    } else {
      tree.put(figure.equals("accuracy") ? "classes" : "labels", counts.tree());
      if (counts.confusion != null) {
        tree.put("confusion", TrainingReport.lists(counts.confusion));
      }
    }
    return tree;
  }

  /// Rows of each class by their prediction, as text; empty for other tasks, and for more classes
  /// than fit on a screen.
  String table() {
    if (counts == null || counts.confusion == null || counts.names.size() > SHOWN_CLASSES) {
      return "";
    }
    List<String> names = counts.names;
    int wide = names.stream().mapToInt(String::length).max().orElse(0);
    int columns = Math.clamp(wide + 1L, 6, NAME_COLUMNS);
    StringBuilder table = new StringBuilder("rows of each class (down) by prediction (across):");
    table.append(System.lineSeparator()).append(" ".repeat(columns));
    names.forEach(name -> table.append(cell(name, columns)));
    for (int i = 0; i < names.size(); i++) {
      table.append(System.lineSeparator()).append(cell(names.get(i), columns));
      for (int count : counts.confusion[i]) {
        table.append(cell(count == 0 ? "." : Integer.toString(count), columns));
      }
    }
    return table.append(System.lineSeparator()).toString();
  }

  private static String cell(String text, int columns) {
    String shown = text.length() < columns ? text : text.substring(0, columns - 2) + "~";
    return " ".repeat(columns - shown.length()) + shown;
  }

  /// The name of the figure in words.
  String words() {
    return switch (figure) {
      case "rmse" -> "root of the mean squared error";
      case "labelAccuracy" -> "share of right labels";
      default -> figure;
    };
  }

  /// Such as `accuracy 0.9750`.
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s %.4f", words(), value);
  }
}
