package io.github.lanewise.core;

import io.github.lanewise.core.rows.LayerNormPasses;
import io.github.lanewise.core.simd.Elementwise;
import io.github.lanewise.core.simd.Loop;
import java.lang.foreign.MemorySegment;

/// Layer normalisation over the features of each row: (x - mean) / sqrt(variance + eps), then times
/// a weight and plus a bias for each feature.
///
/// The variance is that of the features, divided by their number. Source: PyTorch's
/// `torch.nn.functional.layer_norm`.
public final class LayerNormalization {
  private static final Loop NORMALIZE = Loop.of(LayerNormPasses.class, "normalize");
  private static final Loop GRADIENT = Loop.of(LayerNormPasses.class, "gradient");
  private static final Loop SCALE = Loop.of(LayerNormPasses.class, "scale");
  private static final Loop SHIFT = Loop.of(LayerNormPasses.class, "shift");
  private static final Loop MULTIPLY = Loop.of(LayerNormPasses.class, "multiply");

  private LayerNormalization() {}

  /// Overwrites `y` with the normalised rows of `x`.
  ///
  /// @param x rows of features
  /// @param weight `[features]`
  /// @param bias `[features]`
  /// @param eps is added to the variance
  /// @param y as many rows of as many features
  /// @throws IllegalArgumentException if the sizes do not fit, or `y` overlaps another array
  public static void forward(Batch x, FloatArray weight, FloatArray bias, float eps, Batch y) {
    requireFit(x, "weight", weight, "y", y);
    Checks.hasShape("bias", bias, 1, x.features());
    Checks.apart("bias", bias, "y", y.array());
    for (int i = 0; i < x.strips(); i++) {
      normalize(x, i, y.memory(), y.byteOffset(i), eps);
      feature(SCALE, weight, y, i);
      feature(SHIFT, bias, y, i);
    }
  }

  /// Overwrites `gx` with the gradient of `x`.
  ///
  /// @param x what forward read
  /// @param weight `[features]`
  /// @param gy the gradient of the output
  /// @param eps is added to the variance
  /// @param gx as many rows of as many features
  /// @throws IllegalArgumentException if the sizes do not fit, or `gx` overlaps another array
  public static void backward(Batch x, FloatArray weight, Batch gy, float eps, Batch gx) {
    requireFit(x, "weight", weight, "gx", gx);
    Checks.fits("x", x, "gy", gy, x.features());
    Checks.apart("gy", gy, "gx", gx);
    Strips.copy(gy, gx);
    for (int i = 0; i < x.strips(); i++) {
      feature(SCALE, weight, gx, i);
      rows(GRADIENT, x, i, gx.memory(), gx.byteOffset(i), eps);
    }
  }

  /// Adds the gradients of weight and bias: the sums over the rows of `gy` times the normalised
  /// `x`, and of `gy`.
  ///
  /// @param x what forward read; its scratch is overwritten
  /// @param gy the gradient of the output
  /// @param eps is added to the variance
  /// @param gWeight `[features]`
  /// @param gBias `[features]`
  /// @throws IllegalArgumentException if the sizes do not fit, or a gradient overlaps another array
  public static void addGradients(
      Batch x, Batch gy, float eps, FloatArray gWeight, FloatArray gBias) {
    requireFit(x, "gWeight", gWeight, "gy", gy);
    Checks.hasShape("gBias", gBias, 1, x.features());
    Checks.apart("x", x.array(), "gWeight", gWeight);
    Checks.apart("x", x.array(), "gBias", gBias);
    Checks.apart("gy", gy.array(), "gBias", gBias);
    Checks.apart("gWeight", gWeight, "gBias", gBias);
    FloatArray terms = x.scratch();
    for (int i = 0; i < x.strips(); i++) {
      long at = (long) i * Batch.LANES * x.features();
      normalize(x, i, terms.memory(), terms.byteOffset(at), eps);
    }
    Elementwise.run(
        MULTIPLY,
        gy.memory(),
        gy.byteOffset(0),
        terms.memory(),
        terms.byteOffset(0),
        gy.elements());
    Strips.addRows(x, terms, gWeight);
    Strips.addRows(x, gy.array(), gBias);
  }

  private static void requireFit(
      Batch x, String weightName, FloatArray weight, String name, Batch y) {
    Checks.usable("x", x);
    Checks.fits("x", x, name, y, x.features());
    Checks.hasShape(weightName, weight, 1, x.features());
    Checks.apart("x", x, name, y);
    Checks.apart(weightName, weight, name, y.array());
  }

  private static void normalize(Batch x, int strip, MemorySegment y, long yByteOffset, float eps) {
    rows(NORMALIZE, x, strip, y, yByteOffset, eps);
  }

  private static void rows(
      Loop loop, Batch x, int strip, MemorySegment y, long yByteOffset, float eps) {
    try {
      loop.handle((long) Batch.LANES * x.features())
          .invokeExact(x.memory(), x.byteOffset(strip), y, yByteOffset, x.features(), eps);
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  private static void feature(Loop loop, FloatArray a, Batch y, int strip) {
    try {
      loop.handle((long) Batch.LANES * y.features())
          .invokeExact(a.memory(), a.byteOffset(0), y.memory(), y.byteOffset(strip), y.features());
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }
}
