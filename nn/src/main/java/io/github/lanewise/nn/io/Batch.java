package io.github.lanewise.nn.io;

import io.github.lanewise.core.FloatArray;

/// Some rows of a [DataSet], copied together. The next batch of the same [Batches] overwrites it.
public final class Batch {
  private final FloatArray features;
  private final int[] labels;

  Batch(FloatArray features, int[] labels) {
    this.features = features;
    this.labels = labels;
  }

  /// {@return the features, row after row}
  public FloatArray features() {
    return features;
  }

  /// {@return the class of each row: the array itself, no copy}
  public int[] labels() {
    return labels;
  }
}
