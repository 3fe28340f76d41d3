package io.github.lanewise.nn;

import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;

/// How many features the rows between the layers of a network have, and memory for them.
final class Widths {
  private final int[] widths;

  /// @param network whose inputs come first
  Widths(Sequential network) {
    widths = new int[network.layers().size() + 1];
    widths[0] = network.inputs();
    for (int i = 1; i < widths.length; i++) {
      widths[i] = network.layers().get(i - 1).outputs(widths[i - 1]);
    }
  }

  int widest() {
    int widest = 0;
    for (int width : widths) {
      widest = Math.max(widest, width);
    }
    return widest;
  }

  /// Returns a batch for each place between layers, each in memory of its own.
  Batch[] apart(Arena arena, FloatArray scratch, int rows) {
    Batch[] batches = new Batch[widths.length];
    for (int i = 0; i < batches.length; i++) {
      FloatArray array = FloatArray.allocate(arena, Batch.elements(rows, widths[i]));
      batches[i] = Batch.in(array, scratch, rows, widths[i]);
    }
    return batches;
  }

  /// Returns a batch for each place between layers, in two runs of memory that take turns: a layer
  /// reads one and writes the other.
  Batch[] inTurns(Arena arena, FloatArray scratch, int rows) {
    long most = Batch.elements(rows, widest());
    FloatArray even = FloatArray.allocate(arena, most);
    FloatArray odd = FloatArray.allocate(arena, most);
    Batch[] batches = new Batch[widths.length];
    for (int i = 0; i < batches.length; i++) {
      batches[i] = Batch.in(i % 2 == 0 ? even : odd, scratch, rows, widths[i]);
    }
    return batches;
  }

  /// Returns an array for a single row at each place between layers, as
  /// [io.github.lanewise.core.ServedLayer#forwardRow] asks.
  FloatArray[] rows(Arena arena) {
    FloatArray even = FloatArray.allocate(arena, padded(widest()));
    FloatArray odd = FloatArray.allocate(arena, padded(widest()));
    FloatArray[] rows = new FloatArray[widths.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (i % 2 == 0 ? even : odd).slice(0, padded(widths[i]));
    }
    return rows;
  }

  private static long padded(int width) {
    return (width + Batch.LANES - 1L) / Batch.LANES * Batch.LANES;
  }
}
