package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;

/// Scratch for rows of one width: a view for each number of rows, made once, so that calls with
/// full and partial batches allocate nothing.
final class Rows {
  private final FloatArray all;
  private final int width;
  private final FloatArray[] views;

  private Rows(FloatArray all, int width, int maxRows) {
    this.all = all;
    this.width = width;
    this.views = new FloatArray[maxRows + 1];
  }

  static Rows allocate(Arena arena, int maxRows, int width) {
    return new Rows(FloatArray.allocate(arena, (long) maxRows * width), width, maxRows);
  }

  /// The same memory as rows of another width, not wider.
  Rows ofWidth(int width) {
    return new Rows(all, width, views.length - 1);
  }

  /// The first rows.
  FloatArray first(int rows) {
    FloatArray view = views[rows];
    if (view == null) {
      view = all.slice(0, (long) rows * width);
      views[rows] = view;
    }
    return view;
  }
}
