package io.github.lanewise.nn.io;

import io.github.lanewise.core.FloatArray;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;

/// Rows of features, and what is to be predicted from each: its class, or numbers. Data to predict
/// from may lack them.
///
/// [#read(Arena, Path)] tells three formats apart by their first bytes. All may be gzipped.
///
/// - CSV: one row per line, with the class or the numbers in the last columns. A first line of
/// words
///   is a header, whose names are kept; so is one that ends with a word, if the line below ends
/// with
///   a number. Empty lines are skipped.
/// - NumPy's `.npy`: an array `[rows, ...]` of numbers. The classes or numbers are in a second
/// file,
///   by default the one beside it whose name has `labels` or `targets` for `features`, or `y` for
///   `X`, such as `X_train.npy` and `y_train.npy`.
/// - IDX, the format of MNIST: images of unsigned bytes. The classes are in a second file, by
///   default the one beside it whose name has `labels` and `idx1` for `images` and `idx3`, such as
///   `train-images-idx3-ubyte` and `train-labels-idx1-ubyte.gz`.
///
/// Classes may be any texts. If all of them are whole numbers from 0 on, they are the indices of
/// the
/// classes themselves; otherwise the index of a class is its place among the sorted texts. The
/// features of a file are finite. They lie in the caller's arena.
public final class DataSet {
  /// The most classes that a data set may have. A misprinted class of a billion would otherwise
  /// ask for a network with a billion outputs.
  static final int MAX_CLASSES = 1 << 16;

  private final FloatArray features;
  private final int columns;

  /// The class of each row, or null.
  private final int[] labels;

  /// The numbers of each row, or null.
  private final FloatArray targets;

  private final List<String> featureNames;
  private final List<String> outputNames;

  private DataSet(
      FloatArray features,
      int columns,
      int[] labels,
      FloatArray targets,
      List<String> featureNames,
      List<String> outputNames) {
    this.features = features;
    this.columns = columns;
    this.labels = labels;
    this.targets = targets;
    this.featureNames = List.copyOf(featureNames);
    this.outputNames = List.copyOf(outputNames);
  }

  /// {@return a data set over `features`, row after row of `columns`, with one class for each row}
  ///
  /// @param features `[rows, columns]`
  /// @param columns the number of features of a row
  /// @param labels the index of the class of each row, copied
  /// @throws IllegalArgumentException if the sizes do not fit, or a class is negative or too large
  public static DataSet of(FloatArray features, int columns, int... labels) {
    int classes = 0;
    for (int label : labels) {
      if (label < 0 || label >= MAX_CLASSES) {
        throw new IllegalArgumentException("class " + label + " is not in 0.." + (MAX_CLASSES - 1));
      }
      classes = Math.max(classes, label + 1);
    }
    requireRows(features, columns, labels.length);
    return new DataSet(
        features, columns, labels.clone(), null, List.of(), Classes.numbered(classes));
  }

  /// {@return a data set over `features`, row after row of `columns`, with numbers for each row}
  ///
  /// @param features `[rows, columns]`
  /// @param columns the number of features of a row
  /// @param targets `[rows, targets]`: the numbers of a regression, or 0 and 1 for each label
  /// @throws IllegalArgumentException if the sizes do not fit
  public static DataSet withTargets(FloatArray features, int columns, FloatArray targets) {
    long rows = features.length() / Math.max(columns, 1);
    requireRows(features, columns, rows);
    if (rows == 0 || targets.length() == 0 || targets.length() % rows != 0) {
      throw new IllegalArgumentException(
          "targets has %d elements, which %d rows cannot share".formatted(targets.length(), rows));
    }
    return new DataSet(features, columns, null, targets, List.of(), List.of());
  }

  /// {@return a data set over `features`, row after row of `columns`, without classes}
  ///
  /// @param features `[rows, columns]`
  /// @param columns the number of features of a row
  /// @throws IllegalArgumentException if the sizes do not fit
  public static DataSet unlabelled(FloatArray features, int columns) {
    requireRows(features, columns, features.length() / Math.max(columns, 1));
    return new DataSet(features, columns, null, null, List.of(), List.of());
  }

  private static void requireRows(FloatArray features, int columns, long rows) {
    Objects.requireNonNull(features, "features is null");
    if (columns <= 0 || rows > Integer.MAX_VALUE - 8 || features.length() != rows * columns) {
      throw new IllegalArgumentException(
          "features has %d elements, not %d rows of %d"
              .formatted(features.length(), rows, columns));
    }
  }

  /// {@return the same rows under these names}
  ///
  /// @param features the name of each column, or none
  /// @param outputs the name of each class, or of each number of a row, or none
  /// @throws IllegalArgumentException if there are too few or too many names
  public DataSet withNames(List<String> features, List<String> outputs) {
    boolean fits =
        (features.isEmpty() || features.size() == columns)
            && (labels == null
                ? outputs.isEmpty() || outputs.size() == outputs()
                : outputs.size() >= outputs());
    if (!fits) {
      throw new IllegalArgumentException(
          "%d names of features and %d of outputs do not fit %s"
              .formatted(features.size(), outputs.size(), this));
    }
    return new DataSet(this.features, columns, labels, targets, features, outputs);
  }

  /// Reads a file with classes, such as training data.
  ///
  /// @param arena owns the features
  /// @param file CSV, `.npy` or IDX, gzipped or not
  /// @return the rows of the file
  /// @throws FileException if the file is missing or damaged, has no row, no class, or a value
  ///     that is not a finite number
  public static DataSet read(Arena arena, Path file) throws FileException {
    return read(arena, file, DataFormat.CLASSIFICATION);
  }

  /// Reads a file whose rows have the given format.
  ///
  /// @param arena owns the features and the targets
  /// @param file CSV, `.npy` or IDX, gzipped or not
  /// @param format what stands in a row
  /// @return the rows of the file
  /// @throws FileException if the file is missing or damaged, has no row, a value that is not a
  ///     finite number, or rows of another format
  public static DataSet read(Arena arena, Path file, DataFormat format) throws FileException {
    return read(arena, file, null, format, bytes -> {});
  }

  /// Reads a file whose rows have the given format, and reports progress.
  ///
  /// What is no regular file, such as a pipe, is read into memory first.
  ///
  /// @param arena owns the features and the targets
  /// @param file CSV, `.npy` or IDX, gzipped or not
  /// @param targets the file of the targets of an IDX or `.npy` file; null for the one beside it
  /// @param format what stands in a row
  /// @param progress is told again and again how many bytes of `file` have been read, as they
  ///     stand on the disk
  /// @return the rows of the file
  /// @throws FileException as [#read(Arena, Path, DataFormat)] does, and if a CSV file gets a
  /// second
  ///     file for its targets
  public static DataSet read(
      Arena arena, Path file, Path targets, DataFormat format, LongConsumer progress)
      throws FileException {
    Objects.requireNonNull(arena, "arena is null");
    try {
      DataFile data = DataFile.of(file, progress);
      boolean isArray;
      try (InputStream in = data.glance()) {
        isArray = ArrayFile.recognises(in);
      }
      if (isArray) {
        return ArrayFile.read(arena, data, targets, format);
      }
      if (targets != null) {
        throw new FileException(
            file,
            "is no IDX or .npy file, so its targets are in its last columns and not in " + targets);
      }
      return CsvFile.read(arena, data, format);
    } catch (IOException e) {
      throw DataFile.failure(file, e);
    }
  }

  /// Puts the rows into a random order, in place, and cuts them in two.
  ///
  /// @param rows the number of rows of the second part
  /// @param seed of the order
  /// @return the two parts, which share the memory of this data set; it is not to be used any more
  /// @throws IllegalArgumentException unless both parts have a row
  public List<DataSet> split(int rows, long seed) {
    if (rows < 1 || rows >= rows()) {
      throw new IllegalArgumentException(
          "cannot cut %d of %d rows off and have rows left".formatted(rows, rows()));
    }
    RandomGenerator random = new SplittableRandom(seed);
    for (int i = rows() - 1; i > 0; i--) {
      swap(i, random.nextInt(i + 1));
    }
    return List.of(part(0, rows() - rows), part(rows() - rows, rows()));
  }

  private void swap(int a, int b) {
    swap(features, columns, a, b);
    if (labels != null) {
      int label = labels[a];
      labels[a] = labels[b];
      labels[b] = label;
    } else if (targets != null) {
      swap(targets, outputs(), a, b);
    }
  }

  private static void swap(FloatArray rows, int columns, long a, long b) {
    for (int i = 0; i < columns; i++) {
      float value = rows.get(a * columns + i);
      rows.set(a * columns + i, rows.get(b * columns + i));
      rows.set(b * columns + i, value);
    }
  }

  private DataSet part(int from, int to) {
    long n = (long) to - from;
    return new DataSet(
        features.slice((long) from * columns, n * columns),
        columns,
        labels == null ? null : Arrays.copyOfRange(labels, from, to),
        targets == null ? null : targets.slice((long) from * outputs(), n * outputs()),
        featureNames,
        outputNames);
  }

  /// {@return the number of rows}
  public int rows() {
    return Math.toIntExact(features.length() / columns);
  }

  /// {@return the number of features of a row}
  public int columns() {
    return columns;
  }

  /// {@return all features, row after row: `rows()` times `columns()` elements}
  public FloatArray features() {
    return features;
  }

  /// {@return whether the rows have a class or numbers that are to be predicted}
  public boolean isLabelled() {
    return labels != null || targets != null;
  }

  /// {@return whether the rows have classes}
  public boolean hasClasses() {
    return labels != null;
  }

  /// {@return the index of the class of a row}
  ///
  /// @param row counts from 0
  /// @throws IllegalStateException unless the data [#hasClasses]
  /// @throws IndexOutOfBoundsException unless `0 <= row < rows()`
  public int label(int row) {
    if (labels == null) {
      throw new IllegalStateException("the rows have no classes");
    }
    return labels[Objects.checkIndex(row, labels.length)];
  }

  /// {@return the numbers of all rows, row after row: `rows()` times `outputs()` elements}
  ///
  /// @throws IllegalStateException if the rows have classes instead, or neither
  public FloatArray targets() {
    if (targets == null) {
      throw new IllegalStateException("the rows have no targets");
    }
    return targets;
  }

  /// {@return the outputs that a network for this data needs: one for each class up to the
  /// largest, or for each number of a row}
  ///
  /// @throws IllegalStateException unless the data [#isLabelled]
  public int outputs() {
    if (labels != null) {
      return outputNames.size();
    }
    return Math.toIntExact(targets().length() / rows());
  }

  /// {@return the name of each feature, or no name if the file has no header}
  public List<String> featureNames() {
    return featureNames;
  }

  /// {@return the name of each class, in the order of their indices; or of each number of a row,
  /// or no name if the file has no header}
  public List<String> outputNames() {
    return outputNames;
  }

  /// Such as `3823 rows of 64 features, 10 classes`.
  @Override
  public String toString() {
    String outputs = "no classes";
    if (isLabelled()) {
      outputs = outputs() + (labels != null ? " classes" : " targets");
    }
    return "%d rows of %d features, %s".formatted(rows(), columns, outputs);
  }
}
