package io.github.lanewise.nn.io.onnx;

import java.util.Arrays;

/// A constant of an ONNX file. Exactly one of the two arrays is there.
///
/// @param name may be empty
/// @param sizes of the dimensions, outermost first
/// @param floats the elements of a tensor of FLOAT, else null
/// @param longs the elements of a tensor of whole numbers or truths, else null
@SuppressWarnings("ArrayRecordComponent") // nobody asks whether two tensors are equal
record Tensor(String name, long[] sizes, float[] floats, long[] longs) {
  static Tensor of(float value) {
    return new Tensor("", new long[0], new float[] {value}, null);
  }

  /// Returns the number with fewest digits that is this float, as 0.1 for 0.1f, so that settings
  /// look as they were written.
  static double decimal(float value) {
    return Double.parseDouble(Float.toString(value));
  }

  /// Returns the only element.
  double number() {
    return isFloat() ? decimal(floats[0]) : longs[0];
  }

  boolean isFloat() {
    return floats != null;
  }

  int elements() {
    return isFloat() ? floats.length : longs.length;
  }

  /// Whether all sizes but the last are 1, so that the tensor is a row of its elements.
  boolean isRow() {
    return sizes.length == 0 || sizes[sizes.length - 1] == elements();
  }

  /// Returns the matrix whose rows are the columns of this one.
  Tensor transposed() {
    int rows = (int) sizes[0];
    int cols = (int) sizes[1];
    float[] turned = new float[floats.length];
    for (int row = 0; row < rows; row++) {
      for (int col = 0; col < cols; col++) {
        turned[col * rows + row] = floats[row * cols + col];
      }
    }
    return new Tensor(name, new long[] {cols, rows}, turned, null);
  }

  @Override
  public String toString() {
    return "tensor '%s' of shape %s".formatted(name, Arrays.toString(sizes));
  }
}
