package io.github.lanewise.nn.io;

import io.github.lanewise.core.FloatArray;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Brings features to the order of 1: `x -> (x - minimum) / range`.
///
/// The numbers are fitted to training data, and belong to the model from then on. Features that are
/// all whole numbers from 0 to 255 are taken as pixels or counts, which share one unit: all are
/// divided by the largest, as one divides optdigits by 16 and MNIST by 255. Other columns have
/// units of their own, and each is brought from its own minimum and maximum to 0 and 1.
public final class FeatureScaling {
  private static final float MAX_PIXEL = 255;

  private final float[] minimum;
  private final float[] range;

  private FeatureScaling(float[] minimum, float[] range) {
    this.minimum = minimum;
    this.range = range;
  }

  /// {@return the scaling that suits `data`}
  ///
  /// @param data its features are read
  public static FeatureScaling fit(DataSet data) {
    int columns = data.columns();
    float[] minimum = new float[columns];
    float[] range = new float[columns];
    Arrays.fill(minimum, Float.POSITIVE_INFINITY);
    Arrays.fill(range, Float.NEGATIVE_INFINITY);
    boolean pixels = true;
    float largest = 0;
    FloatArray features = data.features();
    for (long row = 0; row < features.length(); row += columns) {
      for (int column = 0; column < columns; column++) {
        float x = features.get(row + column);
        pixels &= x >= 0 && x <= MAX_PIXEL && x == (int) x;
        largest = Math.max(largest, x);
        minimum[column] = Math.min(minimum[column], x);
        range[column] = Math.max(range[column], x); // the maximum, for now
      }
    }
    if (pixels) {
      Arrays.fill(minimum, 0);
      Arrays.fill(range, largest);
    }
    for (int column = 0; column < columns; column++) {
      range[column] -= minimum[column];
      // A constant column says nothing; infinite is the range of one from -MAX to MAX.
      range[column] = range[column] > 0 ? Math.min(range[column], Float.MAX_VALUE) : 1;
    }
    return new FeatureScaling(minimum, range);
  }

  /// Scales `data` in place.
  ///
  /// @param data its features are overwritten
  /// @throws IllegalArgumentException if it has other than the fitted number of columns
  public void applyTo(DataSet data) {
    int columns = minimum.length;
    if (data.columns() != columns) {
      throw new IllegalArgumentException(
          "data has " + data.columns() + " columns, the scaling " + columns);
    }
    FloatArray features = data.features();
    for (long row = 0; row < features.length(); row += columns) {
      for (int column = 0; column < columns; column++) {
        double x = features.get(row + column); // the difference of two floats may overflow
        features.set(row + column, (float) ((x - minimum[column]) / range[column]));
      }
    }
  }

  /// The numbers as text: the minima, a semicolon, the ranges.
  @Override
  public String toString() {
    return joined(minimum) + ";" + joined(range);
  }

  /// {@return the scaling of `columns` columns that [#toString] wrote}
  ///
  /// @param text what [#toString] gave
  /// @param columns the number of columns
  /// @throws IllegalArgumentException if the text is none
  public static FeatureScaling parse(String text, int columns) {
    String[] halves = text.split(";", -1);
    if (halves.length != 2) {
      throw new IllegalArgumentException("the scaling is not minima, a semicolon and ranges");
    }
    FeatureScaling scaling = new FeatureScaling(parsed(halves[0]), parsed(halves[1]));
    if (scaling.minimum.length != columns || scaling.range.length != columns) {
      throw new IllegalArgumentException(
          "the scaling has %d minima and %d ranges for %d columns"
              .formatted(scaling.minimum.length, scaling.range.length, columns));
    }
    return scaling;
  }

  private static String joined(float[] values) {
    return IntStream.range(0, values.length)
        .mapToObj(i -> Float.toString(values[i]))
        .collect(Collectors.joining(","));
  }

  private static float[] parsed(String text) {
    String[] fields = text.split(",", -1);
    float[] values = new float[fields.length];
    for (int i = 0; i < fields.length; i++) {
      values[i] = Float.parseFloat(fields[i]);
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException("the scaling has " + fields[i]);
      }
    }
    return values;
  }
}
