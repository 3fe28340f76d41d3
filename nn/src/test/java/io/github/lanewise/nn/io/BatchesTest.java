package io.github.lanewise.nn.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BatchesTest {
  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void close() {
    arena.close();
  }

  /// Row r has the features (r, 10 r) and the class r.
  private DataSet rows(int n) {
    FloatArray features = FloatArray.allocate(arena, 2L * n);
    int[] labels = new int[n];
    for (int row = 0; row < n; row++) {
      features.set(2L * row, row);
      features.set(2L * row + 1, 10f * row);
      labels[row] = row;
    }
    return DataSet.of(features, 2, labels);
  }

  private static List<Integer> epoch(Batches batches) {
    List<Integer> rows = new ArrayList<>();
    for (Batch batch : batches) {
      assertEquals(2L * batch.labels().length, batch.features().length());
      for (int i = 0; i < batch.labels().length; i++) {
        int row = batch.labels()[i];
        assertEquals(row, batch.features().get(2L * i));
        assertEquals(10f * row, batch.features().get(2L * i + 1));
        rows.add(row);
      }
    }
    return rows;
  }

  @ParameterizedTest
  @CsvSource({"10, 3, 4", "9, 3, 3", "2, 32, 1", "1, 1, 1"})
  void anEpochHasEveryRowOnce(int n, int batchRows, int count) {
    Batches batches = Batches.of(arena, rows(n), batchRows, 1);
    assertEquals(count, batches.count());
    for (int repeat = 0; repeat < 3; repeat++) {
      int[] rows = epoch(batches).stream().mapToInt(Integer::intValue).sorted().toArray();
      int[] all = new int[n];
      Arrays.setAll(all, row -> row);
      assertArrayEquals(all, rows);
    }
  }

  @Test
  void theOrderDependsOnSeedAndEpochAlone() {
    DataSet data = rows(10);
    Batches batches = Batches.of(arena, data, 3, 42);
    List<Integer> first = epoch(batches);
    List<Integer> second = epoch(batches);
    assertNotEquals(first, second);
    assertNotEquals(first, epoch(Batches.of(arena, data, 3, 43)));
    Batches again = Batches.of(arena, data, 5, 42);
    assertEquals(first, epoch(again));
    assertEquals(second, epoch(again));
    assertEquals(List.of(4, 6, 9, 2, 5, 3, 0, 1, 7, 8), first);
  }

  @Test
  void theSameMemoryServesEveryBatch() {
    var epoch = Batches.of(arena, rows(6), 3, 42).iterator();
    Batch first = epoch.next();
    assertSame(first, epoch.next());
    assertThrows(NoSuchElementException.class, epoch::next);
  }

  @Test
  void aNewEpochEndsTheOneBefore() {
    Batches batches = Batches.of(arena, rows(6), 3, 42);
    Iterator<Batch> before = batches.iterator();
    before.next();
    Iterator<Batch> after = batches.iterator();
    assertThrows(ConcurrentModificationException.class, before::next);
    after.next();
    assertThrows(ConcurrentModificationException.class, before::next);
    after.next();
    assertThrows(NoSuchElementException.class, after::next);
  }

  @Test
  void aBatchThatFailsDoesNotSkipRows() {
    FloatArray features;
    Iterator<Batch> epoch;
    try (Arena closing = Arena.ofConfined()) {
      features = FloatArray.allocate(closing, 6);
      epoch = Batches.of(arena, DataSet.of(features, 1, new int[6]), 3, 42).iterator();
    }
    for (int attempt = 0; attempt <= features.length(); attempt++) {
      assertThrows(IllegalStateException.class, epoch::next);
    }
  }

  @Test
  void refusesWhatHasNoBatches() {
    assertThrows(IllegalArgumentException.class, () -> Batches.of(arena, rows(3), 0, 1));
    DataSet bare = DataSet.unlabelled(FloatArray.allocate(arena, 4), 2);
    assertThrows(IllegalArgumentException.class, () -> Batches.of(arena, bare, 2, 1));
  }

  @Test
  void copiesTargetsWithTheirRows() {
    FloatArray features = FloatArray.allocate(arena, 10);
    FloatArray targets = FloatArray.allocate(arena, 20);
    for (int row = 0; row < 10; row++) {
      features.set(row, row);
      targets.set(2L * row, 10 * row);
      targets.set(2L * row + 1, 5 + row);
    }
    DataSet data = DataSet.withTargets(features, 1, targets);
    int rows = 0;
    for (Batch batch : Batches.of(arena, data, 4, 3)) {
      assertEquals(batch.rows(), batch.features().length());
      assertEquals(2L * batch.rows(), batch.targets().length());
      assertThrows(IllegalStateException.class, batch::labels);
      for (int i = 0; i < batch.rows(); i++) {
        assertEquals(10 * batch.features().get(i), batch.targets().get(2L * i));
        assertEquals(5 + batch.features().get(i), batch.targets().get(2L * i + 1));
      }
      rows += batch.rows();
    }
    assertEquals(10, rows);
  }

  @Test
  void skippedEpochsChangeTheOrderAsIfTheyHadBeenRun() {
    DataSet data = DataSet.of(FloatArray.allocate(arena, 50), 1, new int[50]);
    for (int row = 0; row < 50; row++) {
      data.features().set(row, row);
    }
    Batches run = Batches.of(arena, data, 50, 3);
    Batches skipped = Batches.of(arena, data, 50, 3);
    assertNotNull(run.iterator());
    assertNotNull(run.iterator());
    skipped.skip(2);
    assertArrayEquals(
        run.iterator().next().features().toArray(), skipped.iterator().next().features().toArray());
    assertThrows(IllegalArgumentException.class, () -> skipped.skip(-1));
  }
}
