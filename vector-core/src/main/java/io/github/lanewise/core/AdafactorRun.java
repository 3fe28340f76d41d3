package io.github.lanewise.core;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.lanewise.core.simd.Elementwise;
import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.Scratch;
import io.github.lanewise.core.update.AdafactorKernel;
import io.github.lanewise.core.update.LerpKernel;
import io.github.lanewise.core.update.SgdKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Steps of Adafactor over one parameter, in memory for its rows and columns alone: the update of
/// each element is computed twice, once for its norm and once for the move.
///
/// The parameter is one matrix or more, all of one size, whose second moments are kept for their
/// rows and columns; or a vector, where those of all elements are kept. The scalars of a step are
///
/// 0. the weight of the new squares in the means, between 0 and 1;
/// 1. the smallest mean of the moments of all rows that counts;
/// 2. the largest 1 / sqrt(v) that counts;
/// 3. what the update is multiplied by before it is added to the parameter, for [#move].
///
/// The bits depend on the arguments alone. Squares are summed in tiles of 16 rows and 256 columns:
/// a row in 16 lanes, and a column from row to row, in floats, then tiles in double.
///
/// Steps allocate nothing. One thread at a time may make them.
public final class AdafactorRun {
  private static final int TILE_ROWS = 16;
  private static final int TILE_COLS = 256;

  /// How many elements are updated at a time: a block of [Updates#sumOfSquares].
  private static final int BLOCK = 1024;
  private static final int LANES = Lanes.VIRTUAL;

  private static final Loop ROWS = Loop.of(AdafactorKernel.class, "rows");
  private static final Loop COLS = Loop.of(AdafactorKernel.class, "cols");
  private static final Loop MATRIX = Loop.of(AdafactorKernel.class, "matrix");
  private static final Loop VECTOR = Loop.of(AdafactorKernel.class, "vector");
  private static final Loop INVERSE_ROOTS = Loop.of(AdafactorKernel.class, "inverseRoots");
  private static final Loop MOVE = Loop.of(SgdKernel.class, "step");
  private static final Loop LERP = Loop.of(LerpKernel.class, "step");

  // What lies where in scratch memory, in bytes, behind a slot. The end of a row is written as a
  // whole vector, so a slot follows each area too.
  private static final long GRADIENT = Scratch.SLOT_BYTES;
  private static final long UPDATE = after(GRADIENT, BLOCK);
  private static final long STATE = after(UPDATE, BLOCK);
  private static final long SUMS = after(STATE, BLOCK);
  private static final long MASK = after(GRADIENT, TILE_ROWS * TILE_COLS);
  private static final long LAST_MASK = after(MASK, LANES);
  private static final long ROW_LANES = after(LAST_MASK, LANES);
  private static final long COL_SUMS = after(ROW_LANES, TILE_ROWS * LANES);

  private final FloatArray p;
  private final GradientPiece piece;

  /// The second moments of rows and columns, or those of a vector and null.
  private final UpdateState first;
  private final UpdateState second;

  private final long rows;
  private final int cols;
  private final long matrices;

  /// What an element is multiplied by for its row, for all rows of all matrices, and then those for
  /// its column. Before that, means of squares.
  private final FloatArray factors;

  private final double[] rowSums = new double[TILE_ROWS];
  private final double[] colSums;
  private final float[] moved = new float[1];

  private AdafactorRun(
      FloatArray p,
      FloatArray g,
      UpdateState first,
      UpdateState second,
      FloatArray factors,
      long rows,
      int cols) {
    this.p = p;
    piece = new GradientPiece(p, g);
    this.first = first;
    this.second = second;
    this.factors = factors;
    this.rows = rows;
    this.cols = cols;
    matrices = second == null ? 0 : matrices(p, rows, cols);
    colSums = new double[cols];
  }

  /// Creates steps over a vector.
  ///
  /// @param p the parameter
  /// @param g its gradient, as long
  /// @param variance one state with an element for each of them
  /// @return the steps
  /// @throws IllegalArgumentException if lengths differ or the arrays overlap
  public static AdafactorRun ofVector(FloatArray p, FloatArray g, UpdateState variance) {
    requireFit(p, g, variance, p.length());
    return new AdafactorRun(p, g, variance, null, null, 0, 0);
  }

  /// Creates steps over one matrix or more, which lie one after the other, row by row.
  ///
  /// @param arena owns a float for each row and each column of all matrices, to work in
  /// @param p the parameter, `matrices` times `rows` times `cols` elements
  /// @param g its gradient, as long
  /// @param rowVar one state with an element for each row of all matrices
  /// @param colVar one state with an element for each column of all matrices
  /// @param rows the rows of a matrix
  /// @param cols the columns of a matrix
  /// @return the steps
  /// @throws IllegalArgumentException if lengths do not fit or the arrays overlap
  public static AdafactorRun ofMatrices(
      Arena arena,
      FloatArray p,
      FloatArray g,
      UpdateState rowVar,
      UpdateState colVar,
      long rows,
      int cols) {
    long matrices = matrices(p, rows, cols);
    requireFit(p, g, rowVar, matrices * rows);
    requireFit(p, g, colVar, matrices * cols);
    FloatArray factors = FloatArray.allocate(arena, matrices * (rows + cols) + LANES);
    return new AdafactorRun(p, g, rowVar, colVar, factors, rows, cols);
  }

  private static long matrices(FloatArray p, long rows, int cols) {
    long size = Math.max(1, rows * cols);
    if (rows < 0 || cols < 0 || p.length() % size != 0) {
      throw new IllegalArgumentException(
          "p has %d elements, not those of matrices with %d rows and %d columns"
              .formatted(p.length(), rows, cols));
    }
    return p.length() / size;
  }

  private static void requireFit(FloatArray p, FloatArray g, UpdateState state, long elements) {
    Checks.sameLength("p", p, "g", g);
    Checks.disjoint("p", p, "g", g);
    if (state.count() != 1 || state.elements() < elements) {
      throw new IllegalArgumentException(
          "%d states of %d elements are given, 1 of %d is needed"
              .formatted(state.count(), state.elements(), elements));
    }
  }

  private static long after(long byteOffset, int elements) {
    return byteOffset + (long) elements * Float.BYTES + Scratch.SLOT_BYTES;
  }

  /// Moves the second moments of rows and columns towards the squares of the gradient, and returns
  /// the sum of the squares of the update, as [Updates#sumOfSquares] does. Those of a vector move
  /// in [#move].
  ///
  /// @param at what becomes of the gradient, and the scalars of the step
  /// @return the sum
  public double sumOfSquares(UpdateScalars at) {
    if (second != null) {
      moveMoments(at);
      invertRoots(at.values()[1]);
    }
    double sum = 0;
    try (Scratch scratch = Scratch.take()) {
      MemorySegment s = scratch.memory();
      for (long i = 0; i < p.length(); i += BLOCK) {
        int n = (int) Math.min(BLOCK, p.length() - i);
        update(s, i, n, at);
        for (int j = n; j < BLOCK; j++) {
          s.set(JAVA_FLOAT, UPDATE + (long) j * Float.BYTES, 0f);
        }
        sum = Updates.addSquares(sum, s, UPDATE, 1, s, SUMS);
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
    return sum;
  }

  private void moveMoments(UpdateScalars at) {
    try (Scratch scratch = Scratch.take()) {
      MemorySegment s = scratch.memory();
      sumSquares(s, at);
      lerp(s, first, 0, matrices * rows, at.values()[0]);
      lerp(s, second, matrices * rows, matrices * cols, at.values()[0]);
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// Adds the update to the parameter, which is multiplied by `shrink` of the scalars before. Comes
  /// after [#sumOfSquares].
  ///
  /// @param at the scalars of that call, and the factor of the update
  public void move(UpdateScalars at) {
    moved[0] = at.values()[3];
    try (Scratch scratch = Scratch.take()) {
      MemorySegment s = scratch.memory();
      for (long i = 0; i < p.length(); i += BLOCK) {
        int n = (int) Math.min(BLOCK, p.length() - i);
        update(s, i, n, at);
        if (second == null) {
          first.encode(s, STATE, 0, i, n);
        }
        int whole = n - n % Lanes.LENGTH;
        if (whole > 0) {
          move(p.memory(), p.byteOffset(i), s, UPDATE, whole, at);
        }
        if (whole < n) {
          long bytes = (long) (n - whole) * Float.BYTES;
          long po = Scratch.stage(s, 0, p.memory(), p.byteOffset(i + whole), bytes);
          move(s, po, s, UPDATE + (long) whole * Float.BYTES, Lanes.LENGTH, at);
          Scratch.unstage(s, 0, p.memory(), p.byteOffset(i + whole), bytes);
        }
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  private void move(MemorySegment pm, long po, MemorySegment u, long uo, int n, UpdateScalars at)
      throws Throwable {
    MOVE.handle(n).invokeExact(pm, po, u, uo, u, uo, 0L, n, 1f, at.shrink(), moved);
  }

  /// The update of n elements, in scratch memory; with the new moments of a vector.
  private void update(MemorySegment s, long from, int n, UpdateScalars at) throws Throwable {
    piece.find(s, GRADIENT, from, 1, n, n, at);
    MemorySegment g = piece.memory();
    long go = piece.byteOffset();
    float scale = piece.scale();
    float most = at.values()[2];
    if (second == null) {
      first.decode(s, STATE, 0, from, n);
      int m = Math.ceilDiv(n, Lanes.LENGTH) * Lanes.LENGTH;
      float weight = at.values()[0];
      VECTOR.handle(m).invokeExact(g, go, s, STATE, s, UPDATE, m, weight, scale, most);
      return;
    }
    MemorySegment f = factors.memory();
    long size = rows * cols;
    int done = 0;
    while (done < n) {
      long matrix = (from + done) / size;
      long index = (from + done) % size;
      int m = (int) Math.min(n - done, size - index);
      long ofRow = factors.byteOffset(matrix * rows + index / cols);
      long ofCols = factors.byteOffset(matrices * rows + matrix * cols);
      long o = (long) done * Float.BYTES;
      int col = (int) (index % cols);
      MATRIX
          .handle(m)
          .invokeExact(f, ofRow, ofCols, g, go + o, s, UPDATE + o, m, cols, col, scale, most);
      done += m;
    }
  }

  /// The means of the squares of each row and each column.
  private void sumSquares(MemorySegment s, UpdateScalars at) throws Throwable {
    for (int lane = 0; lane < LANES; lane++) {
      long o = (long) lane * Integer.BYTES;
      s.set(JAVA_INT, MASK + o, -1);
      s.set(JAVA_INT, LAST_MASK + o, lane <= (cols - 1) % LANES ? -1 : 0);
    }
    for (long matrix = 0; matrix < matrices; matrix++) {
      Arrays.fill(colSums, 0);
      for (long row = 0; row < rows; row += TILE_ROWS) {
        int height = (int) Math.min(TILE_ROWS, rows - row);
        Arrays.fill(rowSums, 0);
        for (int col = 0; col < cols; col += TILE_COLS) {
          int width = Math.min(TILE_COLS, cols - col);
          long from = (matrix * rows + row) * cols + col;
          piece.find(s, GRADIENT, from, height, width, cols, at);
          addTile(s, height, width, col);
        }
        for (int r = 0; r < height; r++) {
          factors.set(matrix * rows + row + r, (float) (rowSums[r] / cols));
        }
      }
      for (int col = 0; col < cols; col++) {
        long index = matrices * rows + matrix * cols + col;
        factors.set(index, (float) (colSums[col] / rows));
      }
    }
  }

  /// Adds the squares of a tile to the sums of its rows and columns.
  private void addTile(MemorySegment s, int height, int width, int col) throws Throwable {
    MemorySegment g = piece.memory();
    long go = piece.byteOffset();
    int stride = piece.stride();
    float scale = piece.scale();
    int lanes = Math.min(LANES, width);
    int n = height * LANES;
    long mask = col + width == cols ? LAST_MASK : MASK;
    ROWS.handle(n).invokeExact(g, go, s, mask, s, ROW_LANES, n, width, stride, scale);
    for (int r = 0; r < height; r++) {
      rowSums[r] += Updates.folded(s, ROW_LANES + (long) r * LANES * Float.BYTES, lanes);
    }
    int m = Math.ceilDiv(width, Lanes.LENGTH) * Lanes.LENGTH;
    COLS.handle(m).invokeExact(g, go, s, COL_SUMS, m, height, stride, scale);
    for (int c = 0; c < width; c++) {
      colSums[col + c] += s.get(JAVA_FLOAT, COL_SUMS + (long) c * Float.BYTES);
    }
  }

  /// Moves a state towards the means among the factors, which then hold its exact new values.
  private void lerp(MemorySegment s, UpdateState state, long from, long length, float weight)
      throws Throwable {
    for (long i = 0; i < length; i += BLOCK) {
      int n = (int) Math.min(BLOCK, length - i);
      int m = Math.ceilDiv(n, Lanes.LENGTH) * Lanes.LENGTH;
      long bytes = (long) n * Float.BYTES;
      state.decode(s, STATE, 0, i, n);
      MemorySegment.copy(factors.memory(), factors.byteOffset(from + i), s, UPDATE, bytes);
      LERP.handle(m).invokeExact(s, STATE, s, UPDATE, s, STATE, m, weight);
      MemorySegment.copy(s, STATE, factors.memory(), factors.byteOffset(from + i), bytes);
      state.encode(s, STATE, 0, i, n);
    }
  }

  /// Turns the moments among the factors into 1 / sqrt(row / mean of all rows) and 1 / sqrt(col),
  /// whose product is 1 / sqrt(row col / mean).
  private void invertRoots(float leastMean) {
    for (long matrix = 0; matrix < matrices; matrix++) {
      double sum = 0;
      for (long i = matrix * rows; i < (matrix + 1) * rows; i++) {
        sum += factors.get(i);
      }
      invertRoots(matrix * rows, rows, Math.max((float) (sum / rows), leastMean));
    }
    invertRoots(matrices * rows, matrices * cols, 1f);
  }

  private void invertRoots(long from, long length, float divisor) {
    MemorySegment m = factors.memory();
    long o = factors.byteOffset(from);
    Elementwise.run(INVERSE_ROOTS, m, o, m, o, length, divisor);
  }
}
