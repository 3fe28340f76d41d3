package io.github.lanewise.nn.io;

import io.github.lanewise.core.FloatArray;

/// Some rows of a [DataSet], copied together. The next batch of the same [Batches] overwrites it.
public final class Batch {
  private final FloatArray features;
  private final int rows;
  private final int[] labels;
  private final FloatArray targets;

  Batch(FloatArray features, int rows, int[] labels, FloatArray targets) {
    this.features = features;
    this.rows = rows;
    this.labels = labels;
    this.targets = targets;
  }

  /// {@return the number of rows}
  public int rows() {
    return rows;
  }

  /// {@return the features, row after row}
  public FloatArray features() {
    return features;
  }

  /// {@return whether the rows have classes; otherwise they have targets}
  public boolean hasClasses() {
    return labels != null;
  }

  /// {@return the index of the class of each row: the array itself, no copy}
  ///
  /// @throws IllegalStateException if the data has no classes
  public int[] labels() {
    if (labels == null) {
      throw new IllegalStateException("the rows have targets, and no classes");
    }
    return labels;
  }

  /// {@return the numbers of each row, row after row}
  ///
  /// @throws IllegalStateException if the data has classes instead
  public FloatArray targets() {
    if (targets == null) {
      throw new IllegalStateException("the rows have classes, and no targets");
    }
    return targets;
  }
}
