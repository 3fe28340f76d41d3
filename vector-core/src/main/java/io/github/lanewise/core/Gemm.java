package io.github.lanewise.core;

import io.github.lanewise.core.gemm.GemmKernel;
import io.github.lanewise.core.gemm.Workspace;
import io.github.lanewise.core.simd.Zeros;
import java.lang.foreign.Arena;

/// Matrix products: C = A B and C += A B.
///
/// Every element of a product C is one chain of FMAs over ascending k, the index that both operands
/// share. The chain starts from what C held, or from 0 if C is overwritten. So the bits of an
/// element depend neither on the vector width and the machine, nor on the other rows and columns,
/// nor on how the operands lie in memory. With K terms the error is at most K u / (1 - K u) of the
/// product of absolute values, where u = 2^-24; what C held counts as one more term.
///
/// An instance owns the memory in which operands are packed, so only one thread may use it at a
/// time. No product allocates.
public final class Gemm {
  private final FloatArray scratch;
  private final Workspace work;
  private final int m;
  private final int n;
  private final int k;

  private Gemm(FloatArray scratch, int m, int n, int k) {
    this.scratch = scratch;
    this.work = Workspace.in(scratch.memory(), m, n, k);
    this.m = m;
    this.n = n;
    this.k = k;
  }

  /// {@return a multiplier for products of any size, which takes 1.6 MB}
  ///
  /// @param arena the owner of the memory
  public static Gemm allocate(Arena arena) {
    return allocate(arena, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  /// {@return a multiplier for products of up to `m` by `n` elements, each a sum of up to `k`
  /// terms} It takes less memory than one for any size.
  ///
  /// @param arena the owner of the memory
  /// @param m the largest number of rows of a product
  /// @param n the largest number of columns of a product whose right operand is not packed; 0 if
  ///     all of them are
  /// @param k the largest number of terms
  /// @throws IllegalArgumentException if a size is negative
  public static Gemm allocate(Arena arena, int m, int n, int k) {
    if (m < 0 || n < 0 || k < 0) {
      throw new IllegalArgumentException(
          "products of %d x %d with %d terms are not possible".formatted(m, n, k));
    }
    return new Gemm(FloatArray.allocate(arena, Workspace.elements(m, n, k)), m, n, k);
  }

  /// Overwrites `c` with the product `a b`.
  ///
  /// @param a `[m, k]`
  /// @param b `[k, n]`
  /// @param c `[m, n]`
  /// @throws IllegalArgumentException if the sizes do not fit each other or this multiplier, or the
  ///     memory of `c`, from its first to its last element, overlaps that of an operand
  public void multiply(Matrix a, Matrix b, Matrix c) {
    requireFit(a, b, c);
    clear(c);
    run(a, b, c);
  }

  /// Adds the product `a b` to `c`.
  ///
  /// @param a `[m, k]`
  /// @param b `[k, n]`
  /// @param c `[m, n]`
  /// @throws IllegalArgumentException as for [#multiply(Matrix, Matrix, Matrix)]
  public void multiplyAdd(Matrix a, Matrix b, Matrix c) {
    requireFit(a, b, c);
    run(a, b, c);
  }

  /// Overwrites `c` with the product `a b`.
  ///
  /// @param a `[m, b.rows()]`
  /// @param b the packed right operand
  /// @param c `[m, b.cols()]`
  /// @param m the number of rows of `a` and `c`
  /// @throws IllegalArgumentException if the sizes do not fit each other or this multiplier, or `c`
  ///     overlaps an operand
  public void multiply(FloatArray a, PackedMatrix b, FloatArray c, int m) {
    requireFit(a, m, b, c);
    c.fill(0f);
    run(a, b, c, m);
  }

  /// Adds the product `a b` to `c`.
  ///
  /// @param a `[m, b.rows()]`
  /// @param b the packed right operand
  /// @param c `[m, b.cols()]`
  /// @param m the number of rows of `a` and `c`
  /// @throws IllegalArgumentException if the sizes do not fit each other or this multiplier, or `c`
  ///     overlaps an operand
  public void multiplyAdd(FloatArray a, PackedMatrix b, FloatArray c, int m) {
    requireFit(a, m, b, c);
    run(a, b, c, m);
  }

  /// C = A B or C += A B, for operands that are known to fit.
  void block(Matrix a, Matrix b, Matrix c, boolean clears) {
    if (clears) {
      clear(c);
    }
    run(a, b, c);
  }

  void requireFit(Matrix a, Matrix b, Matrix c) {
    usable("a", a);
    usable("b", b);
    usable("c", c);
    if (a.cols() != b.rows() || c.rows() != a.rows() || c.cols() != b.cols()) {
      throw new IllegalArgumentException(
          "%d x %d (a) times %d x %d (b) does not make %d x %d (c)"
              .formatted(a.rows(), a.cols(), b.rows(), b.cols(), c.rows(), c.cols()));
    }
    Checks.disjoint("a", a.array(), "c", c.array());
    Checks.disjoint("b", b.array(), "c", c.array());
    if (c.isTransposed()) {
      requireRoom(c.cols(), c.rows(), a.cols());
    } else {
      requireRoom(c.rows(), c.cols(), a.cols());
    }
  }

  private static void usable(String name, Matrix matrix) {
    Checks.usable(name, matrix == null ? null : matrix.array());
  }

  private void requireFit(FloatArray a, int m, PackedMatrix b, FloatArray c) {
    Checks.usable("b", b == null ? null : b.panels());
    Checks.hasShape("c", c, m, b.cols());
    Checks.disjoint("b", b.panels(), "c", c);
    Checks.hasShape("a", a, m, b.rows());
    Checks.disjoint("a", a, "c", c);
    requireRoom(m, 0, b.rows());
  }

  private void requireRoom(int m, int n, int k) {
    Checks.usable("the scratch of this Gemm", scratch);
    if (m > this.m || n > this.n || k > this.k) {
      throw new IllegalArgumentException(
          "this Gemm has room for products of %d x %d with %d terms, not for %d x %d with %d"
              .formatted(this.m, this.n, this.k, m, n, k));
    }
  }

  private static void clear(Matrix c) {
    FloatArray array = c.array();
    int rows = c.isTransposed() ? c.cols() : c.rows();
    long bytes = (long) (c.isTransposed() ? c.rows() : c.cols()) * Float.BYTES;
    if (bytes == c.rowBytes()) {
      array.fill(0f);
      return;
    }
    for (int i = 0; i < rows; i++) {
      Zeros.fill(array.memory(), array.byteOffset(0) + i * c.rowBytes(), bytes);
    }
  }

  private void run(Matrix a, Matrix b, Matrix c) {
    if (c.isTransposed()) {
      // C^T = B^T A^T, and the products are the same.
      run(b, a, c, true);
    } else {
      run(a, b, c, false);
    }
  }

  private void run(Matrix left, Matrix right, Matrix c, boolean isTransposed) {
    GemmKernel.plain(
        left.array().memory(),
        left.array().byteOffset(0),
        left.rowBytes(),
        left.isTransposed() != isTransposed,
        right.array().memory(),
        right.array().byteOffset(0),
        right.rowBytes(),
        right.isTransposed() != isTransposed,
        c.array().memory(),
        c.array().byteOffset(0),
        c.rowBytes(),
        isTransposed ? c.cols() : c.rows(),
        isTransposed ? c.rows() : c.cols(),
        isTransposed ? left.rows() : left.cols(),
        work);
  }

  private void run(FloatArray a, PackedMatrix b, FloatArray c, int m) {
    GemmKernel.packed(
        a.memory(),
        a.byteOffset(0),
        (long) b.rows() * Float.BYTES,
        b.panels().memory(),
        c.memory(),
        c.byteOffset(0),
        (long) b.cols() * Float.BYTES,
        m,
        b.cols(),
        b.rows(),
        work);
  }
}
