package io.github.lanewise.nn.io;

import java.util.List;

/// What stands in the rows of a file: the features first, and the targets in the last columns.
///
/// The targets of a classification are one column with the class. Those of a regression are
/// numbers,
/// and those of a multilabel task are 0 or 1, in one column for each target or label.
///
/// @param task what the targets mean
/// @param targets the number of columns with targets: 1 for a classification
/// @param features the number of columns with features, 0 for as many as there are. If it is
///     given, the file may lack the targets.
/// @param classNames the classes that a classification knows, in the order of their indices; empty
///     for those of the file
public record DataFormat(Task task, int targets, int features, List<String> classNames) {
  /// Features, and the class in the last column.
  public static final DataFormat CLASSIFICATION =
      new DataFormat(Task.CLASSIFICATION, 1, 0, List.of());

  /// Copies the names.
  ///
  /// @throws IllegalArgumentException if `targets` is not positive, or not 1 for a classification,
  ///     if `features` is negative, or if there are class names for another task
  public DataFormat {
    classNames = List.copyOf(classNames);
    boolean classes = task == Task.CLASSIFICATION;
    if (targets < 1 || features < 0 || (classes && targets > 1)) {
      throw new IllegalArgumentException(
          "a row for %s cannot have %d features and %d targets".formatted(task, features, targets));
    }
    if (!classes && !classNames.isEmpty()) {
      throw new IllegalArgumentException(task + " has no classes, but got " + classNames);
    }
    if (classNames.size() > DataSet.MAX_CLASSES) {
      throw new IllegalArgumentException(
          "%d classes are too many: at most %d can be told apart"
              .formatted(classNames.size(), DataSet.MAX_CLASSES));
    }
  }

  /// {@return a row of features, and numbers in the last columns}
  ///
  /// @param targets how many numbers
  /// @throws IllegalArgumentException if `targets` is not positive
  public static DataFormat regression(int targets) {
    return new DataFormat(Task.REGRESSION, targets, 0, List.of());
  }

  /// {@return a row of features, and 0 or 1 for each label in the last columns}
  ///
  /// @param labels how many labels
  /// @throws IllegalArgumentException if `labels` is not positive
  public static DataFormat multilabel(int labels) {
    return new DataFormat(Task.MULTILABEL, labels, 0, List.of());
  }

  /// {@return this format for a network with so many inputs, in a file that may lack the targets}
  ///
  /// @param features the number of inputs
  /// @throws IllegalArgumentException if `features` is negative
  public DataFormat withFeatures(int features) {
    return new DataFormat(task, targets, features, classNames);
  }

  /// {@return this format with these classes alone: any other in the file is refused}
  ///
  /// @param names in the order of the indices
  /// @throws IllegalArgumentException if this is no classification
  public DataFormat withClassNames(List<String> names) {
    return new DataFormat(task, targets, features, names);
  }

  boolean anyFeatures() {
    return features == 0;
  }

  /// What the last columns are called in messages.
  String targetsInWords() {
    return task == Task.CLASSIFICATION
        ? "the class"
        : targets + (task == Task.REGRESSION ? " targets" : " labels");
  }
}
