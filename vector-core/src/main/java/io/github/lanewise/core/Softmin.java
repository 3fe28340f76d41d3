package io.github.lanewise.core;

import io.github.lanewise.core.rows.NegateKernel;
import io.github.lanewise.core.simd.Elementwise;
import io.github.lanewise.core.simd.Loop;

/// Softmin over rows: exp(-x) / sum(exp(-x)), the softmax of -x.
///
/// Arrays are row-major, `[rows, cols]`; a pass may work in place. Source: PyTorch's
/// `torch.nn.functional.softmin`.
public final class Softmin {
  private static final Loop NEGATE = Loop.of(NegateKernel.class, "run");

  private Softmin() {}

  /// Overwrites each row of `y` with the softmin of that row of `x`.
  ///
  /// @param x `[rows, cols]`
  /// @param y `[rows, cols]`; may be `x`
  /// @param rows the number of rows
  /// @param cols the number of columns
  /// @throws IllegalArgumentException if the sizes do not fit, or `y` overlaps `x` in part
  public static void forward(FloatArray x, FloatArray y, int rows, int cols) {
    Checks.hasShape("x", x, rows, cols);
    Checks.elementwise("x", x, "y", y);
    negate(x, y);
    Softmax.forward(y, y, rows, cols);
  }

  /// Overwrites each row of `gx` with the gradient of x: -y (gy - sum(gy y)).
  ///
  /// @param y what forward wrote
  /// @param gy the gradient of `y`, `[rows, cols]`
  /// @param gx `[rows, cols]`; may be `gy` or `y`
  /// @param rows the number of rows
  /// @param cols the number of columns
  /// @throws IllegalArgumentException if the sizes do not fit, or `gx` overlaps another in part
  public static void backward(FloatArray y, FloatArray gy, FloatArray gx, int rows, int cols) {
    Softmax.backward(y, gy, gx, rows, cols);
    negate(gx, gx);
  }

  private static void negate(FloatArray x, FloatArray y) {
    Elementwise.run(NEGATE, x.memory(), x.byteOffset(0), y.memory(), y.byteOffset(0), x.length());
  }
}
