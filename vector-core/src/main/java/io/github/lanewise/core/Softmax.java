package io.github.lanewise.core;

import io.github.lanewise.core.rows.SoftmaxKernel;
import io.github.lanewise.core.rows.StripSoftmaxKernel;
import java.util.List;

/// Softmax over rows: exp(x) / sum(exp(x)).
///
/// Arrays are row-major, `[rows, cols]`; a pass may work in place. Source: PyTorch's
/// `torch.nn.functional.softmax`.
public final class Softmax implements Layer {
  /// Softmax over the features of a row, as a layer without parameters.
  public static final Softmax LAYER = new Softmax();

  private Softmax() {}

  /// Overwrites each row of `y` with the softmax of that row of `x`.
  ///
  /// @param x `[rows, cols]`
  /// @param y `[rows, cols]`; may be `x`
  /// @param rows the number of rows
  /// @param cols the number of columns
  /// @throws IllegalArgumentException if the sizes do not fit, or `y` overlaps `x` in part
  public static void forward(FloatArray x, FloatArray y, int rows, int cols) {
    Checks.hasShape("x", x, rows, cols);
    Checks.elementwise("x", x, "y", y);
    SoftmaxKernel.forward(x.memory(), x.byteOffset(0), y.memory(), y.byteOffset(0), rows, cols);
  }

  /// Overwrites each row of `gx` with the gradient of x: y (gy - sum(gy y)).
  ///
  /// @param y what forward wrote
  /// @param gy the gradient of `y`, `[rows, cols]`
  /// @param gx `[rows, cols]`; may be `gy` or `y`
  /// @param rows the number of rows
  /// @param cols the number of columns
  /// @throws IllegalArgumentException if the sizes do not fit, or `gx` overlaps another in part
  public static void backward(FloatArray y, FloatArray gy, FloatArray gx, int rows, int cols) {
    Checks.hasShape("y", y, rows, cols);
    Checks.elementwise("y", y, "gy", gy, "gx", gx);
    SoftmaxKernel.backward(
        y.memory(),
        y.byteOffset(0),
        gy.memory(),
        gy.byteOffset(0),
        gx.memory(),
        gx.byteOffset(0),
        rows,
        cols);
  }

  @Override
  public void forward(Batch x, List<FloatArray> parameters, Batch y) {
    Checks.usable("x", x);
    Checks.fits("x", x, "y", y, x.features());
    Checks.apart("x", x, "y", y);
    for (int strip = 0; strip < x.strips(); strip++) {
      StripSoftmaxKernel.softmax(
          x.memory(), x.byteOffset(strip), y.memory(), y.byteOffset(strip), x.features());
    }
  }

  @Override
  public void backward(
      Batch x,
      Batch y,
      Batch gy,
      List<FloatArray> parameters,
      List<FloatArray> gradients,
      Batch gx) {
    if (gx == null) {
      return;
    }
    Checks.usable("y", y);
    Checks.fits("y", y, "gy", gy, y.features());
    Checks.fits("y", y, "gx", gx, y.features());
    Checks.apart("y", y, "gx", gx);
    Checks.apart("gy", gy, "gx", gx);
    for (int strip = 0; strip < y.strips(); strip++) {
      StripSoftmaxKernel.softmaxGradient(
          y.memory(),
          y.byteOffset(strip),
          gy.memory(),
          gy.byteOffset(strip),
          gx.memory(),
          gx.byteOffset(strip),
          y.features());
    }
  }

  /// {@return PyTorch's name of the function}
  @Override
  public String toString() {
    return "softmax";
  }
}
