package io.github.lanewise.core;

import static io.github.lanewise.core.gemm.GemmKernel.K_BLOCK;
import static io.github.lanewise.core.gemm.GemmKernel.SCRATCH_FLOATS;

import io.github.lanewise.core.gemm.AxpyKernel;
import io.github.lanewise.core.gemm.GemmKernel;
import java.lang.foreign.Arena;
import java.util.Objects;

/// Matrix products, and what a linear layer needs besides them: adding a bias and summing rows.
///
/// Matrices are row-major. The products that make up an element are added in one order, whatever
/// the vector width, the machine and the other rows: one chain of FMAs for each block of 128 values
/// of k, and then the sums of the blocks. With K products to an element, the error is at most
/// K u / (1 - K u) of the product of absolute values, where u = 2^-24.
///
/// An instance owns the scratch memory of its products, so only one thread may use it at a time.
public final class Gemm {
  private final FloatArray scratch;

  private Gemm(FloatArray scratch) {
    this.scratch = scratch;
  }

  /// {@return a multiplier with scratch memory for one tile}
  ///
  /// @param arena the owner of the scratch memory
  public static Gemm allocate(Arena arena) {
    return new Gemm(FloatArray.allocate(arena, SCRATCH_FLOATS));
  }

  /// Overwrites `c` with the product `a b`.
  ///
  /// @param a `[m, b.rows()]`
  /// @param b the packed right operand
  /// @param c `[m, b.cols()]`
  /// @param m the number of rows of `a` and `c`
  /// @throws IllegalArgumentException if the sizes do not fit, or `c` overlaps an operand
  public void multiply(FloatArray a, PackedMatrix b, FloatArray c, int m) {
    requireFit(b, c, m);
    Checks.hasShape("a", a, m, b.rows());
    Checks.disjoint("a", a, "c", c);
    if (b.rows() == 0) {
      c.fill(0f);
    }
    run(a, (long) b.rows() * Float.BYTES, Float.BYTES, b, c, m, true);
  }

  /// Adds the product `a^T b` to `c`.
  ///
  /// @param a `[b.rows(), m]`
  /// @param b the packed right operand
  /// @param c `[m, b.cols()]`
  /// @param m the number of columns of `a` and of rows of `c`
  /// @throws IllegalArgumentException if the sizes do not fit, or `c` overlaps an operand
  public void addTransposed(FloatArray a, PackedMatrix b, FloatArray c, int m) {
    requireFit(b, c, m);
    Checks.hasShape("a", a, b.rows(), m);
    Checks.disjoint("a", a, "c", c);
    run(a, Float.BYTES, (long) m * Float.BYTES, b, c, m, false);
  }

  /// Adds `bias` to every row of `y`.
  ///
  /// @param bias `[cols]`
  /// @param y `[rows, cols]`
  /// @param rows the number of rows
  /// @param cols the number of columns
  /// @throws IllegalArgumentException if the sizes do not fit, or the arrays overlap
  public static void addBias(FloatArray bias, FloatArray y, int rows, int cols) {
    Checks.hasShape("bias", bias, 1, cols);
    Checks.hasShape("y", y, rows, cols);
    Checks.disjoint("bias", bias, "y", y);
    for (int i = 0; i < rows; i++) {
      long row = y.byteOffset((long) i * cols);
      AxpyKernel.run(bias.memory(), bias.byteOffset(0), y.memory(), row, y.memory(), row, cols, 1f);
    }
  }

  /// Adds every row of `gy`, in ascending order, to `sum`. With the gradient of a layer's output
  /// this gives the gradient of its bias.
  ///
  /// @param gy `[rows, cols]`
  /// @param sum `[cols]`
  /// @param rows the number of rows
  /// @param cols the number of columns
  /// @throws IllegalArgumentException if the sizes do not fit, or the arrays overlap
  public static void addRows(FloatArray gy, FloatArray sum, int rows, int cols) {
    Checks.hasShape("gy", gy, rows, cols);
    Checks.hasShape("sum", sum, 1, cols);
    Checks.disjoint("gy", gy, "sum", sum);
    for (int i = 0; i < rows; i++) {
      AxpyKernel.run(
          gy.memory(),
          gy.byteOffset((long) i * cols),
          sum.memory(),
          sum.byteOffset(0),
          sum.memory(),
          sum.byteOffset(0),
          cols,
          1f);
    }
  }

  private void requireFit(PackedMatrix b, FloatArray c, int m) {
    Objects.requireNonNull(b, "b is null");
    Checks.usable("the scratch of this Gemm", scratch);
    Checks.usable("b", b.panels());
    Checks.hasShape("c", c, m, b.cols());
    Checks.disjoint("b", b.panels(), "c", c);
  }

  private void run(
      FloatArray a,
      long aRowBytes,
      long aStepBytes,
      PackedMatrix b,
      FloatArray c,
      int m,
      boolean overwrite) {
    for (int k = 0; k < b.rows(); k += K_BLOCK) {
      GemmKernel.block(
          a.memory(),
          a.byteOffset(0),
          aRowBytes,
          aStepBytes,
          b.panels().memory(),
          b.rows(),
          k,
          Math.min(K_BLOCK, b.rows() - k),
          c.memory(),
          c.byteOffset(0),
          m,
          b.cols(),
          overwrite && k == 0,
          scratch.memory());
    }
  }
}
