package io.github.lanewise.bench.cli;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.io.DataSet;
import io.github.lanewise.nn.io.Task;
import java.util.List;
import java.util.Locale;

/// How good predictions are, in one figure and in words.
///
/// @param figure the name of the figure, as `--json` has it
/// @param value the share of right rows or labels, or the root of the mean squared error
/// @param table rows of each class by their prediction; empty for other tasks, and for more
///     classes than fit on a screen
record Evaluation(String figure, double value, String table) {
  private static final int TABLE_CLASSES = 20;
  private static final int NAME_COLUMNS = 12;

  /// Compares predictions with what the data says.
  ///
  /// @param values what [Predictor#interpret] made of the outputs, row after row
  /// @param predicted the class of each row, for a classification
  /// @param names of the classes
  static Evaluation of(
      Task task, DataSet data, FloatArray values, int[] predicted, List<String> names) {
    if (task == Task.CLASSIFICATION) {
      int right = 0;
      for (int row = 0; row < predicted.length; row++) {
        right += predicted[row] == data.label(row) ? 1 : 0;
      }
      return new Evaluation(
          "accuracy", (double) right / predicted.length, confusion(data, predicted, names));
    }
    double sum = 0;
    for (long i = 0; i < values.length(); i++) {
      float target = data.targets().get(i);
      double distance = values.get(i) - target;
      boolean isRight = values.get(i) > 0.5 == target > 0.5;
      sum += task == Task.REGRESSION ? distance * distance : isRight ? 1 : 0;
    }
    double mean = sum / values.length();
    return task == Task.REGRESSION
        ? new Evaluation("rmse", Math.sqrt(mean), "")
        : new Evaluation("labelAccuracy", mean, "");
  }

  private static String confusion(DataSet data, int[] predicted, List<String> names) {
    int classes = names.size();
    if (classes > TABLE_CLASSES) {
      return "";
    }
    int[][] count = new int[classes][classes];
    for (int row = 0; row < predicted.length; row++) {
      count[data.label(row)][predicted[row]]++;
    }
    int wide = names.stream().mapToInt(String::length).max().orElse(0);
    int columns = Math.clamp(wide + 1L, 6, NAME_COLUMNS);
    StringBuilder table = new StringBuilder("rows of each class (down) by prediction (across):");
    table.append(System.lineSeparator()).append(" ".repeat(columns));
    names.forEach(name -> table.append(cell(name, columns)));
    for (int i = 0; i < classes; i++) {
      table.append(System.lineSeparator()).append(cell(names.get(i), columns));
      for (int j = 0; j < classes; j++) {
        table.append(cell(count[i][j] == 0 ? "." : Integer.toString(count[i][j]), columns));
      }
    }
    return table.append(System.lineSeparator()).toString();
  }

  private static String cell(String text, int columns) {
    String shown = text.length() < columns ? text : text.substring(0, columns - 2) + "~";
    return " ".repeat(columns - shown.length()) + shown;
  }

  /// Such as `accuracy 0.9750`.
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s %.4f",
        switch (figure) {
          case "rmse" -> "root of the mean squared error";
          case "labelAccuracy" -> "share of right labels";
          default -> figure;
        },
        value);
  }
}
