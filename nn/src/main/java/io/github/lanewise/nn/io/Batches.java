package io.github.lanewise.nn.io;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// The rows of a data set in batches, in a new random order for every epoch.
///
/// Each [#iterator] is an epoch: it gives every row once, and its last batch is smaller if the
/// rows do not divide evenly. The order depends only on the seed and on how many epochs began
/// before: it is drawn from L64X128MixRandom of `java.util.random` by the shuffle of Fisher and
/// Yates.
///
/// All batches are copied into the same memory, which is allocated once from the arena, so that
/// an epoch allocates nothing but its iterator. That is why only one epoch runs at a time: the
/// beginning of the next ends the one before, whose iterator then throws. For one thread at a
/// time.
public final class Batches implements Iterable<Batch> {
  private final DataSet data;
  private final MemorySegment rows;
  private final MemorySegment gathered;
  private final Batch full;
  private final Batch last;
  private final int[] order;
  private final RandomGenerator random;

  /// The epoch that began last; any other has ended.
  private Epoch current;

  private Batches(Arena arena, DataSet data, int batchRows, long seed) {
    this.data = data;
    this.rows = data.features().segment();
    int n = Math.min(batchRows, data.rows());
    FloatArray features = FloatArray.allocate(arena, (long) n * data.columns());
    this.gathered = features.segment();
    FloatArray targets =
        data.hasClasses() ? null : FloatArray.allocate(arena, (long) n * data.outputs());
    this.full = batch(features, targets, n);
    int rest = data.rows() % n;
    this.last = rest == 0 ? full : batch(features, targets, rest);
    this.order = new int[data.rows()];
    for (int row = 0; row < order.length; row++) {
      order[row] = row;
    }
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  private Batch batch(FloatArray features, FloatArray targets, int n) {
    return new Batch(
        features.slice(0, (long) n * data.columns()),
        n,
        data.hasClasses() ? new int[n] : null,
        targets == null ? null : targets.slice(0, (long) n * data.outputs()));
  }

  /// {@return the batches of `data`, with `batchRows` rows each}
  ///
  /// @param arena owns the memory of one batch
  /// @param data has classes or targets
  /// @param batchRows more than there are rows means one batch of all rows
  /// @param seed of the random order
  /// @throws IllegalArgumentException if `batchRows` is not positive, or the data has no row, or
  ///     neither classes nor targets
  public static Batches of(Arena arena, DataSet data, int batchRows, long seed) {
    if (batchRows <= 0 || data.rows() == 0 || !data.isLabelled()) {
      throw new IllegalArgumentException(
          "there are no batches of %d rows in %s".formatted(batchRows, data));
    }
    return new Batches(arena, data, batchRows, seed);
  }

  /// {@return the number of batches in an epoch}
  public int count() {
    return Math.ceilDiv(data.rows(), full.rows());
  }

  /// Passes over so many epochs, as if they had been run: for a training that goes on where
  /// another one stopped.
  ///
  /// @param epochs how many
  /// @throws IllegalArgumentException if `epochs` is negative
  public void skip(int epochs) {
    if (epochs < 0) {
      throw new IllegalArgumentException("cannot skip " + epochs + " epochs");
    }
    for (int epoch = 0; epoch < epochs; epoch++) {
      shuffle();
    }
    current = null;
  }

  /// Begins an epoch: shuffles the rows, and returns their batches. Each batch overwrites the one
  /// before. If a later epoch has begun, `next` throws [ConcurrentModificationException].
  @Override
  public Iterator<Batch> iterator() {
    shuffle();
    current = new Epoch();
    return current;
  }

  private void shuffle() {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int row = order[i];
      order[i] = order[j];
      order[j] = row;
    }
  }

  private final class Epoch implements Iterator<Batch> {
    private int next;

    @Override
    public boolean hasNext() {
      return next < order.length;
    }

    @Override
    public Batch next() {
      if (this != current) {
        throw new ConcurrentModificationException(
            "this epoch has ended, since a later one has begun and shuffled the rows");
      }
      if (!hasNext()) {
        throw new NoSuchElementException("the epoch is over");
      }
      Batch batch = order.length - next < full.rows() ? last : full;
      long rowBytes = (long) data.columns() * Float.BYTES;
      for (int i = 0; i < batch.rows(); i++) {
        int row = order[next + i];
        MemorySegment.copy(rows, row * rowBytes, gathered, i * rowBytes, rowBytes);
        if (data.hasClasses()) {
          batch.labels()[i] = data.label(row);
        } else {
          copyTargets(row, batch, i);
        }
      }
      next += batch.rows();
      return batch;
    }

    private void copyTargets(long row, Batch batch, long i) {
      int n = data.outputs();
      for (int target = 0; target < n; target++) {
        batch.targets().set(i * n + target, data.targets().get(row * n + target));
      }
    }
  }
}
