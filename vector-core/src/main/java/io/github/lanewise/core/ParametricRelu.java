package io.github.lanewise.core;

import io.github.lanewise.core.activation.LeakyReluKernel;
import io.github.lanewise.core.activation.ParametricReluKernel;
import io.github.lanewise.core.rows.PointwiseSumKernel;
import io.github.lanewise.core.simd.Elementwise;
import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.Scratch;
import java.lang.foreign.MemorySegment;

/// Leaky ReLU with a learnt slope: `max(x, 0) + slope min(x, 0)`, with one slope for all features
/// or one for each.
///
/// Arrays are row-major, `[rows, cols]`. Backward needs the x that forward has read, so it cannot
/// follow a forward pass in place. Source: PyTorch's `torch.nn.functional.prelu`.
public final class ParametricRelu {
  private static final Loop FORWARD = Loop.of(ParametricReluKernel.class, "forward");
  private static final Loop FACTORS = Loop.of(ParametricReluKernel.class, "factors");
  private static final Loop MULTIPLY = Loop.of(ParametricReluKernel.class, "multiply");

  /// With one slope for all features the function is leaky ReLU.
  private static final Loop SHARED_FORWARD = Loop.of(LeakyReluKernel.class, "forward");

  private static final Loop SHARED_BACKWARD = Loop.of(LeakyReluKernel.class, "backward");

  private static final Loop SLOPE_TERMS = Loop.of(ParametricReluKernel.class, "slopeTerms");

  private static final Loop STRIP_FORWARD = Loop.of(ParametricReluKernel.class, "forwardStrip");
  private static final Loop STRIP_BACKWARD = Loop.of(ParametricReluKernel.class, "backwardStrip");

  /// Where the factors of a piece of a row lie in scratch memory, after the slots of its end.
  private static final long FACTORS_AT = 2 * Scratch.SLOT_BYTES;

  private static final int PIECE = 4096;

  private ParametricRelu() {}

  /// Overwrites `y` with the activation of `x`.
  ///
  /// @param x `[rows, cols]`
  /// @param slope `[1]` or `[cols]`
  /// @param y `[rows, cols]`; may be `x`
  /// @param rows the number of rows
  /// @param cols the number of columns
  /// @throws IllegalArgumentException if the sizes do not fit, or the arrays overlap in another way
  public static void forward(FloatArray x, FloatArray slope, FloatArray y, int rows, int cols) {
    Checks.hasShape("x", x, rows, cols);
    Checks.elementwise("x", x, "y", y);
    requireSlopes("slope", slope, cols);
    Checks.disjoint("slope", slope, "y", y);
    if (slope.length() == 1) {
      Elementwise.run(
          SHARED_FORWARD,
          x.memory(),
          x.byteOffset(0),
          y.memory(),
          y.byteOffset(0),
          x.length(),
          slope.get(0));
      return;
    }
    for (int i = 0; i < rows; i++) {
      long row = (long) i * cols;
      Elementwise.run(
          FORWARD,
          x.memory(),
          x.byteOffset(row),
          slope.memory(),
          slope.byteOffset(0),
          y.memory(),
          y.byteOffset(row),
          cols);
    }
  }

  /// Overwrites `gx` with the gradient of x: `gy` where `x > 0`, else `slope gy`.
  ///
  /// @param x the input of forward, `[rows, cols]`
  /// @param slope `[1]` or `[cols]`
  /// @param gy the gradient of the output, `[rows, cols]`
  /// @param gx `[rows, cols]`; may be `gy` or `x`
  /// @param rows the number of rows
  /// @param cols the number of columns
  /// @throws IllegalArgumentException if the sizes do not fit, or the arrays overlap in another way
  public static void backward(
      FloatArray x, FloatArray slope, FloatArray gy, FloatArray gx, int rows, int cols) {
    Checks.hasShape("x", x, rows, cols);
    Checks.elementwise("x", x, "gy", gy, "gx", gx);
    requireSlopes("slope", slope, cols);
    Checks.disjoint("slope", slope, "gx", gx);
    if (slope.length() == 1) {
      Elementwise.run(
          SHARED_BACKWARD,
          x.memory(),
          x.byteOffset(0),
          gy.memory(),
          gy.byteOffset(0),
          gx.memory(),
          gx.byteOffset(0),
          x.length(),
          slope.get(0));
      return;
    }
    try (Scratch scratch = Scratch.take()) {
      MemorySegment s = scratch.memory();
      for (int i = 0; i < rows; i++) {
        for (long j = 0; j < cols; j += PIECE) {
          long n = Math.min(PIECE, cols - j);
          long at = (long) i * cols + j;
          long xAt = x.byteOffset(at);
          long slopeAt = slope.byteOffset(j);
          Elementwise.runIn(FACTORS, s, x.memory(), xAt, slope.memory(), slopeAt, s, FACTORS_AT, n);
          long gyAt = gy.byteOffset(at);
          long gxAt = gx.byteOffset(at);
          Elementwise.runIn(MULTIPLY, s, s, FACTORS_AT, gy.memory(), gyAt, gx.memory(), gxAt, n);
        }
      }
    }
  }

  /// Adds the gradient of the slope to `gSlope`: the sum of `min(x, 0) gy` over the rows, and also
  /// over the columns if there is one slope for all.
  ///
  /// @param x the input of forward, `[rows, cols]`
  /// @param gy the gradient of the output, `[rows, cols]`
  /// @param gSlope `[1]` or `[cols]`
  /// @param rows the number of rows
  /// @param cols the number of columns
  /// @throws IllegalArgumentException if the sizes do not fit, or `gSlope` overlaps another array
  public static void addSlopeGradient(
      FloatArray x, FloatArray gy, FloatArray gSlope, int rows, int cols) {
    Checks.hasShape("x", x, rows, cols);
    Checks.sameLength("x", x, "gy", gy);
    requireSlopes("gSlope", gSlope, cols);
    Checks.disjoint("x", x, "gSlope", gSlope);
    Checks.disjoint("gy", gy, "gSlope", gSlope);
    if (gSlope.length() == 1) {
      double sum =
          PointwiseSumKernel.sum(
              SLOPE_TERMS, x.memory(), x.byteOffset(0), gy.memory(), gy.byteOffset(0), x.length());
      gSlope.set(0, (float) (gSlope.get(0) + sum));
      return;
    }
    for (int i = 0; i < rows; i++) {
      long row = (long) i * cols;
      PointwiseSumKernel.add(
          SLOPE_TERMS,
          x.memory(),
          x.byteOffset(row),
          gy.memory(),
          gy.byteOffset(row),
          gSlope.memory(),
          gSlope.byteOffset(0),
          cols);
    }
  }

  /// Overwrites `y` with the activation of `x`.
  ///
  /// @param x rows of features
  /// @param slope `[1]` or `[features]`
  /// @param y as many rows of as many features
  /// @throws IllegalArgumentException if the sizes do not fit, or the arrays overlap
  public static void forward(Batch x, FloatArray slope, Batch y) {
    requireBatches(x, "slope", slope, "y", y);
    if (slope.length() == 1) {
      Elementwise.run(
          SHARED_FORWARD,
          x.memory(),
          x.byteOffset(0),
          y.memory(),
          y.byteOffset(0),
          x.elements(),
          slope.get(0));
      return;
    }
    for (int i = 0; i < x.strips(); i++) {
      Strips.run(STRIP_FORWARD, x, i, slope, y);
    }
  }

  /// Overwrites `gx` with the gradient of x: `gy` where `x > 0`, else `slope gy`.
  ///
  /// @param x the input of forward
  /// @param slope `[1]` or `[features]`
  /// @param gy the gradient of the output
  /// @param gx as many rows of as many features
  /// @throws IllegalArgumentException if the sizes do not fit, or the arrays overlap
  public static void backward(Batch x, FloatArray slope, Batch gy, Batch gx) {
    requireBatches(x, "slope", slope, "gx", gx);
    Checks.fits("x", x, "gy", gy, x.features());
    Checks.apart("gy", gy, "gx", gx);
    if (slope.length() == 1) {
      Elementwise.run(
          SHARED_BACKWARD,
          x.memory(),
          x.byteOffset(0),
          gy.memory(),
          gy.byteOffset(0),
          gx.memory(),
          gx.byteOffset(0),
          x.elements(),
          slope.get(0));
      return;
    }
    Strips.copy(gy, gx);
    for (int i = 0; i < x.strips(); i++) {
      Strips.run(STRIP_BACKWARD, x, i, slope, gx);
    }
  }

  /// Adds the gradient of the slope to `gSlope`: the sum of `min(x, 0) gy` over the rows, and also
  /// over the features if there is one slope for all.
  ///
  /// @param x the input of forward; its scratch is overwritten
  /// @param gy the gradient of the output
  /// @param gSlope `[1]` or `[features]`
  /// @throws IllegalArgumentException if the sizes do not fit, or `gSlope` overlaps another array
  public static void addSlopeGradient(Batch x, Batch gy, FloatArray gSlope) {
    requireBatches(x, "gSlope", gSlope, "gy", gy);
    Checks.apart("x", x.array(), "gSlope", gSlope);
    if (gSlope.length() == 1) {
      gSlope.set(0, (float) (gSlope.get(0) + Strips.sum(SLOPE_TERMS, x, gy)));
      return;
    }
    FloatArray terms = x.scratch();
    Elementwise.run(
        SLOPE_TERMS,
        x.memory(),
        x.byteOffset(0),
        gy.memory(),
        gy.byteOffset(0),
        terms.memory(),
        terms.byteOffset(0),
        x.elements());
    Strips.addRows(x, terms, gSlope);
  }

  private static void requireBatches(
      Batch x, String slopeName, FloatArray slope, String yName, Batch y) {
    Checks.usable("x", x);
    Checks.fits("x", x, yName, y, x.features());
    requireSlopes(slopeName, slope, x.features());
    Checks.apart("x", x, yName, y);
    Checks.apart(slopeName, slope, yName, y.array());
  }

  private static void requireSlopes(String name, FloatArray slopes, int cols) {
    Checks.usable(name, slopes);
    if (slopes.length() != 1 && slopes.length() != cols) {
      throw new IllegalArgumentException(
          name + " has " + slopes.length() + " elements, must have 1 or " + cols);
    }
  }
}
