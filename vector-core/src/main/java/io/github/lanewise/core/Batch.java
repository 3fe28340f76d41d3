package io.github.lanewise.core;

import io.github.lanewise.core.gemm.PackKernel;
import io.github.lanewise.core.gemm.StripKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Rows of features as a session holds them: with the rows innermost, so that each lane of a vector
/// works on a row of its own.
///
/// The rows are cut into strips of [#LANES], and a strip is `[features][LANES]`: the values of one
/// feature lie side by side. So a product needs no packing, and softmax, normalisation and losses
/// are plain loops over features, with the same bits on every vector width.
///
/// A strip that has fewer rows than lanes holds unspecified values in the others. What works row by
/// row may compute with them; what sums over rows must stop at [#rows].
///
/// A batch is as large as its last [#resize] says, up to a number that is fixed when it is made. It
/// is not thread-safe.
public final class Batch {
  /// The number of rows in a strip.
  public static final int LANES = StripKernel.LANES;

  private final FloatArray array;
  private final FloatArray scratch;
  private final int capacity;
  private final int features;

  private int rows;
  private long step;

  /// The rows from which this batch was loaded, row by row; null if it was computed.
  private FloatArray source;

  /// The number of the first of these rows in [#source].
  private int firstOfSource;

  private Batch(FloatArray array, FloatArray scratch, int capacity, int features) {
    this.array = array;
    this.scratch = scratch;
    this.capacity = capacity;
    this.features = features;
    this.rows = capacity;
  }

  /// {@return a batch of `capacity` rows}
  ///
  /// @param arena the owner of the memory
  /// @param capacity the largest number of rows, which is also the first
  /// @param features the number of features of a row
  /// @throws IllegalArgumentException if a number is not positive
  public static Batch allocate(Arena arena, int capacity, int features) {
    requirePositive(capacity, features);
    FloatArray array = FloatArray.allocate(arena, elements(capacity, features));
    return new Batch(array, FloatArray.allocate(arena, array.length()), capacity, features);
  }

  /// {@return a batch of `capacity` rows in memory that other batches may use at other times}
  ///
  /// @param array at least [#elements] floats
  /// @param scratch at least [#elements] floats, which operations of backward overwrite; null for a
  ///     batch that only goes forward
  /// @param capacity the largest number of rows, which is also the first
  /// @param features the number of features of a row
  /// @throws IllegalArgumentException if a number is not positive, an array is too short, or they
  ///     overlap
  public static Batch in(FloatArray array, FloatArray scratch, int capacity, int features) {
    requirePositive(capacity, features);
    long elements = elements(capacity, features);
    requireRoom("array", array, elements);
    if (scratch != null) {
      requireRoom("scratch", scratch, elements);
      Checks.apart("array", array, "scratch", scratch);
    }
    return new Batch(array.slice(0, elements), scratch, capacity, features);
  }

  private static void requireRoom(String name, FloatArray array, long elements) {
    Checks.usable(name, array);
    if (array.length() < elements) {
      throw new IllegalArgumentException(
          "%s has %d elements, the batch takes %d".formatted(name, array.length(), elements));
    }
  }

  private static void requirePositive(int capacity, int features) {
    if (capacity < 1 || features < 1) {
      throw new IllegalArgumentException(
          "a batch of " + capacity + " rows of " + features + " features is not possible");
    }
  }

  /// {@return how many floats a batch takes} Its strips are whole.
  ///
  /// @param capacity the largest number of rows
  /// @param features the number of features of a row
  public static long elements(int capacity, int features) {
    return (capacity + LANES - 1L) / LANES * LANES * features;
  }

  /// {@return the number of features of a row}
  public int features() {
    return features;
  }

  /// {@return the number of rows}
  public int rows() {
    return rows;
  }

  /// {@return the number of strips that hold the rows}
  public int strips() {
    return (rows + LANES - 1) / LANES;
  }

  /// {@return how many rows of a strip count: [#LANES], or fewer in the last one}
  ///
  /// @param strip the number of the strip
  public int rowsOf(int strip) {
    return Math.min(LANES, rows - strip * LANES);
  }

  /// {@return the elements, `[strips][features][LANES]`} The array is as long as the capacity asks.
  public FloatArray array() {
    return array;
  }

  /// {@return the index in [#array] of an element}
  ///
  /// @param row from 0 to [#rows] - 1
  /// @param feature from 0 to [#features] - 1
  public long index(int row, int feature) {
    return ((long) (row / LANES) * features + feature) * LANES + row % LANES;
  }

  /// {@return an element}
  ///
  /// @param row from 0 to [#rows] - 1
  /// @param feature from 0 to [#features] - 1
  public float get(int row, int feature) {
    return array.get(index(row, feature));
  }

  /// Sets an element.
  ///
  /// @param row from 0 to [#rows] - 1
  /// @param feature from 0 to [#features] - 1
  /// @param value any float
  public void set(int row, int feature, float value) {
    array.set(index(row, feature), value);
    source = null;
  }

  /// Sets the number of rows, whose values are then unspecified, and the step they belong to.
  ///
  /// @param rows from 1 to the capacity
  /// @param step the number of the training step, counted by the session, which random numbers
  ///     depend on
  /// @throws IllegalArgumentException if there is no room for as many rows
  public void resize(int rows, long step) {
    if (rows < 1 || rows > capacity) {
      throw new IllegalArgumentException("rows is " + rows + ", must be from 1 to " + capacity);
    }
    this.rows = rows;
    this.step = step;
    source = null;
  }

  /// {@return the number of the training step in which these rows were computed}
  public long step() {
    return step;
  }

  /// Copies rows into this batch, as many as it has. They must stay unchanged as long as the batch
  /// is used.
  ///
  /// @param x row by row
  /// @param first the number of the row in `x` with which to begin
  /// @throws IllegalArgumentException if `x` ends before
  public void load(FloatArray x, int first) {
    requireRows("x", x, first);
    for (int strip = 0; strip < strips(); strip++) {
      PackKernel.transpose(
          x.memory(),
          x.byteOffset(((long) strip * LANES + first) * features),
          4L * features,
          rowsOf(strip),
          features,
          array.memory(),
          byteOffset(strip),
          4L * LANES);
    }
    source = x;
    firstOfSource = first;
  }

  /// Copies the rows of this batch to an array.
  ///
  /// @param y row by row
  /// @param first the number of the row in `y` that is overwritten first
  /// @throws IllegalArgumentException if `y` ends before
  public void store(FloatArray y, int first) {
    requireRows("y", y, first);
    for (int strip = 0; strip < strips(); strip++) {
      PackKernel.transpose(
          array.memory(),
          byteOffset(strip),
          4L * LANES,
          features,
          rowsOf(strip),
          y.memory(),
          y.byteOffset(((long) strip * LANES + first) * features),
          4L * features);
    }
  }

  private void requireRows(String name, FloatArray rowsArray, int first) {
    Checks.usable(name, rowsArray);
    Checks.usable("this batch", array);
    if (first < 0 || rowsArray.length() < ((long) first + rows) * features) {
      throw new IllegalArgumentException(
          "%s has %d elements, rows %d to %d of %d features are needed"
              .formatted(name, rowsArray.length(), first, first + rows - 1L, features));
    }
  }

  /// Returns an array with these rows one after the other, from [#firstOfRowMajor] on: that from
  /// which this batch was loaded, or a copy in scratch.
  FloatArray rowMajor() {
    if (source != null) {
      return source;
    }
    store(scratch(), 0);
    return scratch;
  }

  int firstOfRowMajor() {
    return source == null ? 0 : firstOfSource;
  }

  /// Room for as many elements as this batch has, which other batches overwrite.
  FloatArray scratch() {
    if (scratch == null) {
      throw new IllegalStateException("this batch has no scratch, which backward needs");
    }
    return scratch;
  }

  MemorySegment memory() {
    return array.memory();
  }

  /// The offset in [#memory] at which a strip begins.
  long byteOffset(int strip) {
    return array.byteOffset((long) strip * features * LANES);
  }

  /// The number of elements of all strips, the lanes without a row included.
  long elements() {
    return (long) strips() * features * LANES;
  }
}
