package io.github.lanewise.core;

/// The elements of a [FloatArray] as a matrix, for [Gemm].
///
/// Rows lie one after the other, each `leadingDimension` elements after the one before. A
/// [transposed][#transposed] view has its columns in that place. A matrix is immutable and shares
/// the memory of its array, so it can be made once and used for every product.
///
/// ```java
/// Matrix x = Matrix.of(inputs, rows, in);
/// Matrix w = Matrix.of(weight, out, in);
/// gemm.multiply(x, w.transposed(), Matrix.of(outputs, rows, out)); // y = x W^T
/// ```
public final class Matrix {
  private final FloatArray array;
  private final int rows;
  private final int cols;
  private final int leadingDimension;
  private final boolean isTransposed;

  private Matrix(FloatArray array, int rows, int cols, int leadingDimension, boolean isTransposed) {
    this.array = array;
    this.rows = rows;
    this.cols = cols;
    this.leadingDimension = leadingDimension;
    this.isTransposed = isTransposed;
  }

  /// {@return the elements of `array` as a matrix, one row directly after the other}
  ///
  /// @param array `[rows, cols]`
  /// @param rows the number of rows
  /// @param cols the number of columns
  /// @throws IllegalArgumentException if `array` does not hold `rows` times `cols` elements
  public static Matrix of(FloatArray array, int rows, int cols) {
    Checks.hasShape("array", array, rows, cols);
    return new Matrix(array, rows, cols, cols, false);
  }

  /// {@return a matrix whose rows begin at elements 0, `leadingDimension`, 2 `leadingDimension`,
  /// and so on of `array`} A [slice][FloatArray#slice] of a larger matrix is such an array.
  ///
  /// @param array begins with the first element and reaches at least to the last
  /// @param rows the number of rows
  /// @param cols the number of columns
  /// @param leadingDimension the distance from the beginning of a row to that of the next, in
  ///     elements
  /// @throws IllegalArgumentException if a size is negative, `leadingDimension` is smaller than
  ///     `cols`, or `array` ends before the last element
  public static Matrix of(FloatArray array, int rows, int cols, int leadingDimension) {
    Checks.usable("array", array);
    if (rows < 0 || cols < 0 || leadingDimension < cols) {
      throw new IllegalArgumentException(
          "a matrix of %d x %d with a leading dimension of %d is not possible"
              .formatted(rows, cols, leadingDimension));
    }
    long span = span(rows, cols, leadingDimension);
    if (array.length() < span) {
      throw new IllegalArgumentException(
          "array has %d elements; %d x %d with a leading dimension of %d takes %d"
              .formatted(array.length(), rows, cols, leadingDimension, span));
    }
    return new Matrix(array.slice(0, span), rows, cols, leadingDimension, false);
  }

  private static long span(int rows, int cols, int leadingDimension) {
    return rows == 0 || cols == 0 ? 0 : (rows - 1L) * leadingDimension + cols;
  }

  /// {@return the transpose of this matrix, in the same memory}
  public Matrix transposed() {
    return new Matrix(array, cols, rows, leadingDimension, !isTransposed);
  }

  /// {@return the number of rows}
  public int rows() {
    return rows;
  }

  /// {@return the number of columns}
  public int cols() {
    return cols;
  }

  /// Such as `5 x 3 (15 floats)`, or `3 x 5, transposed (15 floats)`.
  @Override
  public String toString() {
    String view = isTransposed ? ", transposed" : "";
    return rows + " x " + cols + view + " (" + array.length() + " floats)";
  }

  /// Returns some of the rows, in the same memory.
  Matrix rows(int from, int count) {
    return isTransposed
        ? transposed().columnsInMemory(from, count).transposed()
        : rowsInMemory(from, count);
  }

  /// Returns some of the columns, in the same memory.
  Matrix cols(int from, int count) {
    return isTransposed
        ? transposed().rowsInMemory(from, count).transposed()
        : columnsInMemory(from, count);
  }

  private Matrix rowsInMemory(int from, int count) {
    return part((long) from * leadingDimension, count, cols);
  }

  private Matrix columnsInMemory(int from, int count) {
    return part(from, rows, count);
  }

  private Matrix part(long from, int rows, int cols) {
    long span = span(rows, cols, leadingDimension);
    return new Matrix(array.slice(span == 0 ? 0 : from, span), rows, cols, leadingDimension, false);
  }

  /// The memory from the first to the last element.
  FloatArray array() {
    return array;
  }

  /// Whether the rows in memory are the columns of this matrix.
  boolean isTransposed() {
    return isTransposed;
  }

  /// The distance of rows in memory.
  long rowBytes() {
    return (long) leadingDimension * Float.BYTES;
  }
}
