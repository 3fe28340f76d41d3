package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;

/// Scratch for up to `maxRows` rows of one width.
///
/// The array for a number of rows is made when that number is first asked for, and kept, so that
/// later calls with as many rows allocate nothing.
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

  /// The same memory as rows of another width, which must not be larger.
  Rows ofWidth(int width) {
    return new Rows(all, width, views.length - 1);
  }

  /// The features of a row.
  int width() {
    return width;
  }

  /// Returns the array of the first `rows` rows.
  FloatArray first(int rows) {
    FloatArray view = views[rows];
    if (view == null) {
      view = all.slice(0, (long) rows * width);
      views[rows] = view;
    }
    return view;
  }
}
