package io.github.lanewise.core;

import io.github.lanewise.core.gemm.PackKernel;
import java.lang.foreign.Arena;

/// The right operand of a matrix product, rearranged so that [Gemm] reads it in one stream.
///
/// Packing costs a copy, and pays when the product has many rows or the matrix is used again: a
/// served model packs its weights once. The copy does not follow later changes of its source. One
/// thread packs at a time; any number may then multiply by it.
public final class PackedMatrix {
  private final FloatArray panels;
  private int rows;
  private int cols;

  private PackedMatrix(FloatArray panels) {
    this.panels = panels;
  }

  /// {@return room for any matrix of up to `rows` by `cols`; it is empty, 0 by 0, until packed}
  ///
  /// @param arena owns the memory
  /// @param rows the most rows that it can hold
  /// @param cols the most columns that it can hold
  /// @throws IllegalArgumentException if a size is negative
  public static PackedMatrix allocate(Arena arena, int rows, int cols) {
    if (rows < 0 || cols < 0) {
      throw new IllegalArgumentException("a matrix of " + rows + " x " + cols + " is not possible");
    }
    return new PackedMatrix(FloatArray.allocate(arena, PackKernel.elements(rows, cols)));
  }

  /// Makes this matrix a copy of `source`, row-major `[rows, cols]`, and returns it.
  ///
  /// @param source row-major, copied
  /// @param rows the number of rows
  /// @param cols the number of columns
  /// @return this matrix
  /// @throws IllegalArgumentException if `source` has another size, or there is not room for it
  public PackedMatrix pack(FloatArray source, int rows, int cols) {
    resize(source, rows, cols);
    PackKernel.rowMajor(source.memory(), source.byteOffset(0), rows, cols, panels.memory());
    return this;
  }

  /// Makes this matrix, `[rows, cols]`, the transpose of `source`, row-major `[cols, rows]`: a
  /// weight `[out, in]` becomes the operand of `x W^T`. Returns this matrix.
  ///
  /// @param source row-major, copied
  /// @param rows the number of rows
  /// @param cols the number of columns
  /// @return this matrix
  /// @throws IllegalArgumentException if `source` has another size, or there is not room for it
  public PackedMatrix packTransposed(FloatArray source, int rows, int cols) {
    resize(source, rows, cols);
    PackKernel.transposed(source.memory(), source.byteOffset(0), rows, cols, panels.memory());
    return this;
  }

  /// {@return the number of rows: the length of the sums}
  public int rows() {
    return rows;
  }

  /// {@return the number of columns: the width of the result}
  public int cols() {
    return cols;
  }

  FloatArray panels() {
    return panels;
  }

  private void resize(FloatArray source, int rows, int cols) {
    Checks.usable("this matrix", panels);
    Checks.hasShape("source", source, rows, cols);
    if (PackKernel.elements(rows, cols) > panels.length()) {
      throw new IllegalArgumentException(
          "a matrix of %d x %d needs room for %d floats, there is room for %d"
              .formatted(rows, cols, PackKernel.elements(rows, cols), panels.length()));
    }
    this.rows = rows;
    this.cols = cols;
  }
}
