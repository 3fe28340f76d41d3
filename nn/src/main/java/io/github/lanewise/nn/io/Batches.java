package io.github.lanewise.nn.io;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// A data set in batches, in a new random order for every epoch.
///
/// Each [#iterator] is an epoch: every row once, the last batch smaller if it must be. The order
/// depends on the seed and on the number of epochs begun, and on nothing else: it comes from
/// `java.util.random`'s L64X128MixRandom through the shuffle of Fisher and Yates. The batches are
/// gathered into memory of the arena that is allocated once, so that only one epoch can run at a
/// time, and an epoch allocates nothing but its iterator.
public final class Batches implements Iterable<Batch> {
  private final DataSet data;
  private final MemorySegment rows;
  private final MemorySegment gathered;
  private final Batch full;
  private final Batch last;
  private final int[] order;
  private final RandomGenerator random;

  private Batches(Arena arena, DataSet data, int batchRows, long seed) {
    this.data = data;
    this.rows = data.features().segment();
    int n = Math.min(batchRows, data.rows());
    FloatArray features = FloatArray.allocate(arena, (long) n * data.columns());
    this.gathered = features.segment();
    this.full = new Batch(features, new int[n]);
    int rest = data.rows() % n;
    this.last =
        rest == 0
            ? full
            : new Batch(features.slice(0, (long) rest * data.columns()), new int[rest]);
    this.order = new int[data.rows()];
    for (int row = 0; row < order.length; row++) {
      order[row] = row;
    }
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /// {@return the batches of `data`, with `batchRows` rows each}
  ///
  /// @param arena owns the rows of the batch at hand
  /// @param data the rows to choose from
  /// @param batchRows the rows of a batch, the last of an epoch excepted
  /// @param seed equal seeds give equal orders
  /// @throws IllegalArgumentException if `batchRows` is not positive, or the data has no row or no
  ///     classes
  public static Batches of(Arena arena, DataSet data, int batchRows, long seed) {
    if (batchRows <= 0 || data.rows() == 0 || !data.isLabelled()) {
      throw new IllegalArgumentException(
          "there are no batches of %d rows in %s".formatted(batchRows, data));
    }
    return new Batches(arena, data, batchRows, seed);
  }

  /// {@return the number of batches in an epoch}
  public int count() {
    return Math.ceilDiv(data.rows(), full.labels().length);
  }

  /// Begins an epoch: shuffles, and returns its batches.
  @Override
  public Iterator<Batch> iterator() {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int row = order[i];
      order[i] = order[j];
      order[j] = row;
    }
    return new Epoch();
  }

  private final class Epoch implements Iterator<Batch> {
    private int next;

    @Override
    public boolean hasNext() {
      return next < order.length;
    }

    @Override
    public Batch next() {
      if (!hasNext()) {
        throw new NoSuchElementException("the epoch is over");
      }
      int remaining = order.length - next;
      Batch batch = remaining < full.labels().length ? last : full;
      long rowBytes = (long) data.columns() * Float.BYTES;
      int[] labels = batch.labels();
      for (int i = 0; i < labels.length; i++) {
        int row = order[next++];
        MemorySegment.copy(rows, row * rowBytes, gathered, i * rowBytes, rowBytes);
        labels[i] = data.label(row);
      }
      return batch;
    }
  }
}
