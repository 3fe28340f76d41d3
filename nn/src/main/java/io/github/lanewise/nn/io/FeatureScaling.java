package io.github.lanewise.nn.io;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.ServedLayer;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Scales features column by column: `x -> (x - minimum) / range`. It is a layer too, which a
/// served network has before its first one.
///
/// The numbers are fitted to training data and belong to the model from then on: data for
/// prediction must be scaled by the same ones. Immutable.
public final class FeatureScaling implements Layer {
  private static final float MAX_PIXEL = 255;

  private final float[] minimum;
  private final float[] range;

  private FeatureScaling(float[] minimum, float[] range) {
    this.minimum = minimum;
    this.range = range;
  }

  /// {@return the scaling that leaves features as they are}
  ///
  /// @param columns the number of features
  public static FeatureScaling none(int columns) {
    float[] range = new float[columns];
    Arrays.fill(range, 1);
    return new FeatureScaling(new float[columns], range);
  }

  /// {@return the scaling that suits `data`, to about 0 to 1}
  ///
  /// Features that are all whole numbers from 0 to 255 are taken for pixels or counts, which
  /// share one unit, so that all columns are divided by the largest value of all. Otherwise every
  /// column is taken to have a unit of its own, and is scaled from its own minimum and maximum to
  /// 0 and 1.
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
        range[column] = Math.max(range[column], x); // the maximum, until the loop has ended
      }
    }
    if (pixels) {
      Arrays.fill(minimum, 0);
      Arrays.fill(range, largest);
    }
    for (int column = 0; column < columns; column++) {
      range[column] -= minimum[column];
      // The range of a constant column is 0, by which one cannot divide. That of a column from
      // -MAX_VALUE to MAX_VALUE overflows to infinity, which would make every value 0.
      range[column] = range[column] > 0 ? Math.min(range[column], Float.MAX_VALUE) : 1;
    }
    return new FeatureScaling(minimum, range);
  }

  /// {@return the scaling that gives every column of `data` the mean 0 and the standard deviation
  /// 1}
  ///
  /// @param data its features are read
  public static FeatureScaling standard(DataSet data) {
    int columns = data.columns();
    double[] sum = new double[columns];
    double[] squares = new double[columns];
    FloatArray features = data.features();
    for (long row = 0; row < features.length(); row += columns) {
      for (int column = 0; column < columns; column++) {
        sum[column] += features.get(row + column);
      }
    }
    for (long row = 0; row < features.length(); row += columns) {
      for (int column = 0; column < columns; column++) {
        double distance = features.get(row + column) - sum[column] / data.rows();
        squares[column] += distance * distance;
      }
    }
    float[] mean = new float[columns];
    float[] deviation = new float[columns];
    for (int column = 0; column < columns; column++) {
      mean[column] = (float) (sum[column] / data.rows());
      float root = (float) Math.min(Math.sqrt(squares[column] / data.rows()), Float.MAX_VALUE);
      deviation[column] = root > 0 ? root : 1;
    }
    return new FeatureScaling(mean, deviation);
  }

  /// {@return the number of features}
  public int columns() {
    return minimum.length;
  }

  /// {@return what is subtracted from each feature, a copy}
  public float[] minimum() {
    return minimum.clone();
  }

  /// {@return by what each feature is divided then, a copy}
  public float[] range() {
    return range.clone();
  }

  /// {@return whether features stay as they are}
  public boolean isNone() {
    for (int column = 0; column < minimum.length; column++) {
      if (minimum[column] != 0 || range[column] != 1) {
        return false;
      }
    }
    return true;
  }

  /// Scales `data` in place.
  ///
  /// @param data its features are overwritten
  /// @throws IllegalArgumentException if it has another number of columns than the data that the
  ///     scaling was fitted to; nothing is written then
  public void applyTo(DataSet data) {
    int columns = minimum.length;
    if (data.columns() != columns) {
      throw new IllegalArgumentException(
          "data has " + data.columns() + " columns, the scaling " + columns);
    }
    FloatArray features = data.features();
    for (long row = 0; row < features.length(); row += columns) {
      for (int column = 0; column < columns; column++) {
        features.set(row + column, scaled(features.get(row + column), column));
      }
    }
  }

  private float scaled(float x, int column) {
    return (float) (((double) x - minimum[column]) / range[column]); // floats might overflow
  }

  @Override
  public int outputs(int inputs) {
    if (inputs != minimum.length) {
      throw new IllegalArgumentException(
          "the scaling takes " + minimum.length + " features, but gets " + inputs);
    }
    return inputs;
  }

  @Override
  public OptionalInt inputs(OptionalInt outputs) {
    return OptionalInt.of(minimum.length);
  }

  @Override
  public void forward(
      io.github.lanewise.core.Batch x,
      List<FloatArray> parameters,
      io.github.lanewise.core.Batch y) {
    for (int row = 0; row < x.rows(); row++) {
      for (int column = 0; column < minimum.length; column++) {
        y.set(row, column, scaled(x.get(row, column), column));
      }
    }
  }

  @Override
  public void backward(
      io.github.lanewise.core.Batch x,
      io.github.lanewise.core.Batch y,
      io.github.lanewise.core.Batch gy,
      List<FloatArray> parameters,
      List<FloatArray> gradients,
      io.github.lanewise.core.Batch gx) {
    for (int row = 0; gx != null && row < gx.rows(); row++) {
      for (int column = 0; column < minimum.length; column++) {
        gx.set(row, column, gy.get(row, column) / range[column]);
      }
    }
  }

  /// {@return this layer, which takes single rows too}
  ///
  /// @param inputs the number of features of an input row
  /// @param arena is not used, since there are no parameters
  @Override
  public ServedLayer serve(int inputs, Arena arena) {
    return new ServedLayer() {
      @Override
      public void load(List<FloatArray> parameters) {}

      @Override
      public void forward(io.github.lanewise.core.Batch x, io.github.lanewise.core.Batch y) {
        FeatureScaling.this.forward(x, List.of(), y);
      }

      @Override
      public boolean takesRow() {
        return true;
      }

      @Override
      public void forwardRow(FloatArray x, FloatArray y) {
        for (int column = 0; column < minimum.length; column++) {
          y.set(column, scaled(x.get(column), column));
        }
      }
    };
  }

  /// The numbers as text that [#parse] reads: the minima, a semicolon, the ranges, with commas
  /// between numbers, such as `0.0,1.5;16.0,2.0`.
  @Override
  public String toString() {
    return joined(minimum) + ";" + joined(range);
  }

  /// {@return the scaling of `columns` columns that [#toString] wrote}
  ///
  /// @param text what [#toString] gave
  /// @param columns the number of columns
  /// @throws IllegalArgumentException if the text does not hold a finite minimum and a finite
  ///     range above 0 for every column
  public static FeatureScaling parse(String text, int columns) {
    String[] halves = text.split(";", -1);
    if (halves.length != 2) {
      throw new IllegalArgumentException("the scaling is not minima, a semicolon and ranges");
    }
    float[] minimum = parsed(halves[0]);
    float[] range = parsed(halves[1]);
    if (minimum.length != columns || range.length != columns) {
      throw new IllegalArgumentException(
          "the scaling has %d minima and %d ranges for %d columns"
              .formatted(minimum.length, range.length, columns));
    }
    for (int column = 0; column < columns; column++) {
      if (range[column] <= 0) {
        throw new IllegalArgumentException(
            "the scaling has range %s for column %d, must be above 0"
                .formatted(range[column], column + 1));
      }
    }
    return new FeatureScaling(minimum, range);
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
      try {
        values[i] = Float.parseFloat(fields[i]);
      } catch (NumberFormatException e) {
        throw notFinite(fields[i], e);
      }
      if (!Float.isFinite(values[i])) {
        throw notFinite(fields[i], null);
      }
    }
    return values;
  }

  private static IllegalArgumentException notFinite(String field, NumberFormatException cause) {
    return new IllegalArgumentException(
        "the scaling has " + FileException.shown(field) + ", not a finite number", cause);
  }
}
