package io.github.lanewise.properties.gemm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Gemm;
import io.github.lanewise.core.Matrix;
import io.github.lanewise.core.PackedMatrix;
import io.github.lanewise.properties.support.Guarded;
import io.github.lanewise.properties.support.Samples;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/// Matrix products of generated sizes: the error bound, and what must hold bit for bit.
class GemmPropertiesTest {
  private static final double U = 0x1p-24;

  /// Rows of A: below, at and beyond the tiles.
  @Provide
  static Arbitrary<Integer> rows() {
    return Arbitraries.integers().between(0, 19);
  }

  /// Columns of B: below, at and beyond panels of up to 3 vectors of 16.
  @Provide
  static Arbitrary<Integer> cols() {
    return Arbitraries.integers().between(0, 115);
  }

  /// The length of the sums: none, some, and as many as a block of 384 and more.
  @Provide
  static Arbitrary<Integer> depth() {
    return Arbitraries.oneOf(
        Arbitraries.integers().between(0, 40),
        Arbitraries.integers().between(120, 140),
        Arbitraries.integers().between(380, 400));
  }

  @Property(tries = 500)
  void everyElementIsWithinHighamsBound(
      @ForAll("rows") int m,
      @ForAll("cols") int n,
      @ForAll("depth") int k,
      @ForAll @IntRange(max = 15) int offset,
      @ForAll long seed) {
    float[] a = Samples.normal(seed, m * k, 3);
    float[] b = Samples.normal(seed + 1, k * n, 3);
    try (Arena arena = Arena.ofConfined()) {
      Guarded left = Guarded.of(arena, offset, a);
      Guarded right = Guarded.of(arena, 15 - offset, b);
      Guarded c = Guarded.blank(arena, (offset + 5) % 16, m * n);
      c.array().fill(Float.NaN);
      PackedMatrix packed = PackedMatrix.allocate(arena, k, n).pack(right.array(), k, n);
      Gemm gemm = Gemm.allocate(arena);
      gemm.multiply(left.array(), packed, c.array(), m);
      String what = "[" + m + ", " + k + "] times [" + k + ", " + n + "]";
      float[] product = c.values();
      assertBound(what, product, null, a, b, m, n, k);
      c.assertSentinelsIntact(what);
      Verdict.sameBits("a", a, left.values());
      Verdict.sameBits("b", b, right.values());

      // The transposed operands, packed the other way, have the same bits.
      FloatArray bT = FloatArray.of(arena, transposed(b, k, n));
      PackedMatrix again = PackedMatrix.allocate(arena, k, n).packTransposed(bT, k, n);
      gemm.multiply(left.array(), again, c.array(), m);
      Verdict.sameBits(what + " from b transposed", product, c.values());

      float[] before = Samples.normal(seed + 2, m * n, 3);
      c.array().copyFrom(before);
      gemm.multiplyAdd(left.array(), packed, c.array(), m);
      assertBound(what + " added", c.values(), before, a, b, m, n, k);
      c.assertSentinelsIntact(what);
    }
  }

  @Property(tries = 300)
  void everyElementIsOneChainFromWhatItHeld(
      @ForAll("rows") int m,
      @ForAll("cols") int n,
      @ForAll("depth") int k,
      @ForAll @IntRange(max = 20) int gap,
      @ForAll @IntRange(max = 7) int views,
      @ForAll long seed) {
    assertChains(m, n, k, gap, views, seed);
  }

  /// More rows, columns and terms than a block has.
  @Property(tries = 4)
  void everyElementOfManyBlocksIsOneChain(@ForAll @IntRange(max = 7) int views) {
    assertChains(251, 789, 401, 3, views, 5);
  }

  @Property(tries = 300)
  void aPackedOperandHasTheBitsOfAPlainOne(
      @ForAll("rows") int m, @ForAll("cols") int n, @ForAll("depth") int k, @ForAll long seed) {
    float[] before = Samples.normal(seed + 2, m * n, 3);
    try (Arena arena = Arena.ofConfined()) {
      FloatArray a = FloatArray.of(arena, Samples.normal(seed, m * k, 3));
      FloatArray b = FloatArray.of(arena, Samples.normal(seed + 1, k * n, 3));
      FloatArray plain = FloatArray.of(arena, before);
      FloatArray packed = FloatArray.of(arena, before);
      Gemm.allocate(arena, m, n, k)
          .multiplyAdd(Matrix.of(a, m, k), Matrix.of(b, k, n), Matrix.of(plain, m, n));
      PackedMatrix right = PackedMatrix.allocate(arena, k, n).pack(b, k, n);
      Gemm.allocate(arena, m, 0, k).multiplyAdd(a, right, packed, m);
      Verdict.sameBits("packed", plain.toArray(), packed.toArray());
    }
  }

  /// Computes C = A B and C += A B by views with gaps between the rows, and compares them with sums
  /// in a loop. The bits of `views` say which of A, B and C are transposed.
  private static void assertChains(int m, int n, int k, int gap, int views, long seed) {
    float[] a = Samples.normal(seed, m * k, 3);
    float[] b = Samples.normal(seed + 1, k * n, 3);
    float[] before = Samples.normal(seed + 2, m * n, 3);
    String what = "%d x %d x %d, views %d".formatted(m, n, k, views);
    try (Arena arena = Arena.ofConfined()) {
      Spread left = Spread.of(arena, a, m, k, gap, (views & 1) != 0);
      Spread right = Spread.of(arena, b, k, n, gap, (views & 2) != 0);
      Spread c = Spread.of(arena, before, m, n, gap, (views & 4) != 0);
      Gemm gemm = Gemm.allocate(arena, Math.max(m, n), Math.max(m, n), k);
      gemm.multiplyAdd(left.matrix(), right.matrix(), c.matrix());
      Verdict.sameBits(what, chains(a, b, before, m, n, k), c.values());
      c.assertGapsIntact(what);
      gemm.multiply(left.matrix(), right.matrix(), c.matrix());
      Verdict.sameBits(what, chains(a, b, new float[m * n], m, n, k), c.values());
      c.assertGapsIntact(what);
    }
  }

  /// The elements of a matrix in memory, and a value that must not change between its rows.
  private record Spread(
      FloatArray array, Matrix matrix, int rows, int cols, int gap, boolean swap) {
    private static final float SENTINEL = 12345;

    static Spread of(Arena arena, float[] x, int rows, int cols, int gap, boolean swap) {
      int inMemory = swap ? cols : rows;
      int width = swap ? rows : cols;
      FloatArray array = FloatArray.allocate(arena, (long) inMemory * (width + gap));
      array.fill(SENTINEL);
      Matrix view = Matrix.of(array, inMemory, width, width + gap);
      Spread spread = new Spread(array, swap ? view.transposed() : view, rows, cols, gap, swap);
      for (int i = 0; i < x.length; i++) {
        array.set(spread.at(i / cols, i % cols), x[i]);
      }
      return spread;
    }

    private long at(int i, int j) {
      return swap ? (long) j * (rows + gap) + i : (long) i * (cols + gap) + j;
    }

    float[] values() {
      float[] x = new float[rows * cols];
      for (int i = 0; i < x.length; i++) {
        x[i] = array.get(at(i / cols, i % cols));
      }
      return x;
    }

    void assertGapsIntact(String what) {
      int width = swap ? rows : cols;
      for (long i = 0; i < array.length(); i++) {
        if (i % (width + gap) >= width) {
          assertEquals(SENTINEL, array.get(i), what);
        }
      }
    }
  }

  private static float[] chains(float[] a, float[] b, float[] before, int m, int n, int k) {
    float[] c = before.clone();
    for (int i = 0; i < m; i++) {
      for (int l = 0; l < k; l++) {
        for (int j = 0; j < n; j++) {
          c[i * n + j] = Math.fma(a[i * k + l], b[l * n + j], c[i * n + j]);
        }
      }
    }
    return c;
  }

  @Property(tries = 300)
  void aRowAloneHasTheBitsOfTheRowInTheBatch(
      @ForAll @IntRange(min = 1, max = 19) int m,
      @ForAll @IntRange(min = 1, max = 115) int n,
      @ForAll("depth") int k,
      @ForAll long seed) {
    float[] a = Samples.normal(seed, m * k, 3);
    float[] b = Samples.normal(seed + 1, k * n, 3);
    float[] batch = product(a, b, m, n, k);
    for (int row = 0; row < m; row++) {
      float[] alone = product(Arrays.copyOfRange(a, row * k, (row + 1) * k), b, 1, n, k);
      float[] inBatch = Arrays.copyOfRange(batch, row * n, (row + 1) * n);
      Verdict.sameBits("row " + row + " of " + m, inBatch, alone);
    }
  }

  @Property(tries = 300)
  void exchangedRowsAndColumnsGiveExchangedBits(
      @ForAll @IntRange(min = 1, max = 19) int m,
      @ForAll @IntRange(min = 1, max = 115) int n,
      @ForAll("depth") int k,
      @ForAll long seed) {
    float[] a = Samples.normal(seed, m * k, 3);
    float[] b = Samples.normal(seed + 1, k * n, 3);
    float[] c = product(a, b, m, n, k);
    float[] reversedA = new float[a.length];
    float[] reversedB = new float[b.length];
    for (int l = 0; l < k; l++) {
      for (int i = 0; i < m; i++) {
        reversedA[(m - 1 - i) * k + l] = a[i * k + l];
      }
      for (int j = 0; j < n; j++) {
        reversedB[l * n + n - 1 - j] = b[l * n + j];
      }
    }
    float[] reversed = product(reversedA, reversedB, m, n, k);
    for (int i = 0; i < m * n; i++) {
      Verdict.sameBits("element " + i, c[i], reversed[m * n - 1 - i]);
    }
  }

  @Property(tries = 200)
  void aPowerOfTwoScalesExactly(
      @ForAll @IntRange(min = 1, max = 9) int m,
      @ForAll @IntRange(min = 1, max = 60) int n,
      @ForAll("depth") int k,
      @ForAll @IntRange(min = -30, max = 30) int exponent,
      @ForAll long seed) {
    float[] a = Samples.normal(seed, m * k, 3);
    float[] b = Samples.normal(seed + 1, k * n, 3);
    float[] c = product(a, b, m, n, k);
    for (int i = 0; i < a.length; i++) {
      a[i] = Math.scalb(a[i], exponent);
    }
    for (int i = 0; i < c.length; i++) {
      c[i] = Math.scalb(c[i], exponent);
    }
    Verdict.sameBits("2^" + exponent + " a b", c, product(a, b, m, n, k));
  }

  @Property(tries = 200)
  void theIdentityChangesNoBit(
      @ForAll @IntRange(min = 1, max = 19) int m,
      @ForAll @IntRange(min = 1, max = 200) int n,
      @ForAll long seed) {
    float[] identity = new float[n * n];
    for (int i = 0; i < n; i++) {
      identity[i * n + i] = 1;
    }
    float[] a = Samples.normal(seed, m * n, 3);
    Verdict.sameBits("a I", a, product(a, identity, m, n, n));
    float[] b = Samples.normal(seed, n * m, 3);
    Verdict.sameBits("I b", b, product(identity, b, n, m, n));
  }

  @Example
  void anEmptySumIsZero() {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray none = FloatArray.allocate(arena, 0);
      FloatArray c = FloatArray.of(arena, 1, 2, 3, 4, 5, 6);
      PackedMatrix b = PackedMatrix.allocate(arena, 0, 3).pack(none, 0, 3);
      Gemm gemm = Gemm.allocate(arena);
      gemm.multiplyAdd(none, b, c, 2);
      Verdict.sameBits("c += nothing", new float[] {1, 2, 3, 4, 5, 6}, c.toArray());
      gemm.multiply(none, b, c, 2);
      Verdict.sameBits("c = nothing", new float[6], c.toArray());
    }
  }

  @Example
  void nothingIsSkippedBecauseAFactorIsZero() {
    float inf = Float.POSITIVE_INFINITY;
    // 2 x 2 times 2 x 3: the zero of A meets the infinity and the NaN of B.
    float[] c =
        product(new float[] {0, 1, 1, 0}, new float[] {inf, 2, Float.NaN, 3, 4, 5}, 2, 3, 2);
    Verdict.sameBits("c", new float[] {Float.NaN, 4, Float.NaN, inf, 2, Float.NaN}, c);
  }

  @Property(tries = 200)
  void theTransposeMovesToTheOtherSideOfAScalarProduct(
      @ForAll @IntRange(min = 1, max = 40) int m,
      @ForAll @IntRange(min = 1, max = 150) int k,
      @ForAll long seed) {
    float[] a = Samples.normal(seed, m * k, 1);
    float[] x = Samples.normal(seed + 1, k, 1);
    float[] y = Samples.normal(seed + 2, m, 1);
    float[] ax = product(a, x, m, 1, k);
    float[] yA = product(y, a, 1, k, m);
    double left = 0;
    double size = 0;
    for (int i = 0; i < m; i++) {
      left += (double) ax[i] * y[i];
      for (int l = 0; l < k; l++) {
        size += Math.abs((double) a[i * k + l] * x[l] * y[i]);
      }
    }
    double right = 0;
    for (int l = 0; l < k; l++) {
      right += (double) yA[l] * x[l];
    }
    assertEquals(left, right, (m + k) * U * size);
  }

  private static float[] product(float[] a, float[] b, int m, int n, int k) {
    try (Arena arena = Arena.ofConfined()) {
      PackedMatrix packed = PackedMatrix.allocate(arena, k, n).pack(FloatArray.of(arena, b), k, n);
      FloatArray c = FloatArray.allocate(arena, (long) m * n);
      Gemm.allocate(arena).multiply(FloatArray.of(arena, a), packed, c, m);
      return c.toArray();
    }
  }

  /// abs(C - A B) <= g abs(A) abs(B), g = K u / (1 - K u), and one more term for what was there.
  private static void assertBound(
      String what, float[] c, float[] before, float[] a, float[] b, int m, int n, int k) {
    int terms = before == null ? k : k + 1;
    double g = terms * U / (1 - terms * U);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double exact = before == null ? 0 : before[i * n + j];
        double size = Math.abs(exact);
        for (int l = 0; l < k; l++) {
          double term = (double) a[i * k + l] * b[l * n + j];
          exact += term;
          size += Math.abs(term);
        }
        double error = Math.abs(c[i * n + j] - exact);
        if (!(error <= g * size)) {
          throw new AssertionError(
              "%s, element [%d][%d] is %s, exactly %s; %s is allowed"
                  .formatted(what, i, j, c[i * n + j], exact, g * size));
        }
      }
    }
    assertTrue(c.length == m * n, what);
  }

  private static float[] transposed(float[] x, int rows, int cols) {
    float[] y = new float[x.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        y[j * rows + i] = x[i * cols + j];
      }
    }
    return y;
  }
}
