package io.github.lanewise.core;

import io.github.lanewise.core.gemm.PackKernel;
import java.lang.foreign.Arena;

/// The right operand of a matrix product, rearranged so that [Gemm] reads it in one stream.
///
/// Packing takes one copy. It pays if the product has many rows or the matrix is used more than
/// once: a served model, for example, packs its weights once. Later changes of the source do not
/// reach the copy. Only one thread may pack at a time; any number may then multiply by the matrix.
public final class PackedMatrix {
  private final FloatArray panels;
  private int rows;
  private int cols;

  private PackedMatrix(FloatArray panels) {
    this.panels = panels;
  }

  /// {@return a matrix with room for up to `rows` by `cols` elements; it is empty, 0 by 0, until it
  /// is packed}
  ///
  /// @param arena the owner of the memory
  /// @param rows the largest number of rows
  /// @param cols the largest number of columns
  /// @throws IllegalArgumentException if a size is negative
  public static PackedMatrix allocate(Arena arena, int rows, int cols) {
    if (rows < 0 || cols < 0) {
      throw new IllegalArgumentException("a matrix of " + rows + " x " + cols + " is not possible");
    }
    return new PackedMatrix(FloatArray.allocate(arena, PackKernel.elements(rows, cols)));
  }

  /// Makes this matrix a copy of `source`.
  ///
  /// @param source row-major, `[rows, cols]`
  /// @param rows the number of rows
  /// @param cols the number of columns
  /// @return this matrix
  /// @throws IllegalArgumentException if `source` has another size, or this matrix has no room for
  ///     it
  public PackedMatrix pack(FloatArray source, int rows, int cols) {
    resize(source, rows, cols);
    long rowBytes = (long) cols * Float.BYTES;
    PackKernel.rowMajor(
        source.memory(), source.byteOffset(0), rowBytes, rows, cols, panels.memory(), 0);
    return this;
  }

  /// Makes this matrix, `[rows, cols]`, the transpose of `source`. With it a weight of shape
  /// `[out, in]` becomes the operand W^T of `x W^T`.
  ///
  /// @param source row-major, `[cols, rows]`
  /// @param rows the number of rows of this matrix
  /// @param cols the number of columns of this matrix
  /// @return this matrix
  /// @throws IllegalArgumentException if `source` has another size, or this matrix has no room for
  ///     it
  public PackedMatrix packTransposed(FloatArray source, int rows, int cols) {
    resize(source, rows, cols);
    long rowBytes = (long) rows * Float.BYTES;
    PackKernel.transposed(
        source.memory(), source.byteOffset(0), rowBytes, rows, cols, panels.memory(), 0);
    return this;
  }

  /// {@return the number of rows, which is the number of products in each sum}
  public int rows() {
    return rows;
  }

  /// {@return the number of columns, which is also that of the product}
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
