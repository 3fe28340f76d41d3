package io.github.lanewise.core;

import io.github.lanewise.core.activation.GluKernel;
import io.github.lanewise.core.simd.Elementwise;
import io.github.lanewise.core.simd.Loop;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.OptionalInt;

/// Gated linear unit: the first half of each row, times the sigmoid of the second half.
///
/// Arrays are row-major. Source: PyTorch's `torch.nn.functional.glu`, with `dim=-1`.
public final class Glu implements Layer {
  private static final Loop FORWARD = Loop.of(GluKernel.class, "forward");
  private static final Loop BACKWARD = Loop.of(GluKernel.class, "backward");

  /// The gated linear unit as a layer without parameters.
  public static final Glu LAYER = new Glu();

  private Glu() {}

  /// Overwrites each row of `y` with `a sigmoid(b)`, where a and b are the halves of the row of
  /// `x`.
  ///
  /// @param x `[rows, 2 cols]`
  /// @param y `[rows, cols]`
  /// @param rows the number of rows
  /// @param cols the number of columns of `y`
  /// @throws IllegalArgumentException if the sizes do not fit, or the arrays overlap
  public static void forward(FloatArray x, FloatArray y, int rows, int cols) {
    Checks.hasShape("x", x, rows, 2L * cols);
    Checks.hasShape("y", y, rows, cols);
    Checks.disjoint("x", x, "y", y);
    for (int i = 0; i < rows; i++) {
      long row = (long) i * cols;
      Elementwise.run(
          FORWARD,
          x.memory(),
          x.byteOffset(2 * row),
          x.memory(),
          x.byteOffset(2 * row + cols),
          y.memory(),
          y.byteOffset(row),
          cols);
    }
  }

  /// Overwrites `gx` with the gradient of x. With s = sigmoid(b) its halves are `gy s` and
  /// `gy a s (1 - s)`.
  ///
  /// @param x the input of forward, `[rows, 2 cols]`
  /// @param gy the gradient of the output, `[rows, cols]`
  /// @param gx `[rows, 2 cols]`; may be `x`
  /// @param rows the number of rows
  /// @param cols the number of columns of `gy`
  /// @throws IllegalArgumentException if the sizes do not fit, or the arrays overlap in another way
  public static void backward(FloatArray x, FloatArray gy, FloatArray gx, int rows, int cols) {
    Checks.hasShape("x", x, rows, 2L * cols);
    Checks.hasShape("gy", gy, rows, cols);
    Checks.elementwise("x", x, "gx", gx);
    Checks.disjoint("gy", gy, "gx", gx);
    for (int i = 0; i < rows; i++) {
      long row = (long) i * cols;
      Elementwise.run(
          BACKWARD,
          x.memory(),
          x.byteOffset(2 * row),
          x.byteOffset(2 * row + cols),
          gy.memory(),
          gy.byteOffset(row),
          gx.memory(),
          gx.byteOffset(2 * row),
          gx.byteOffset(2 * row + cols),
          cols);
    }
  }

  @Override
  public void forward(Batch x, List<FloatArray> parameters, Batch y) {
    forward(x, y);
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
    Checks.usable("x", x);
    Checks.fits("x", x, "gy", gy, x.features() / 2);
    Checks.fits("x", x, "gx", gx, x.features());
    Checks.apart("x", x, "gx", gx);
    Checks.apart("gy", gy, "gx", gx);
    for (int strip = 0; strip < x.strips(); strip++) {
      long half = 4L * Batch.LANES * gy.features();
      Elementwise.run(
          BACKWARD,
          x.memory(),
          x.byteOffset(strip),
          x.byteOffset(strip) + half,
          gy.memory(),
          gy.byteOffset(strip),
          gx.memory(),
          gx.byteOffset(strip),
          gx.byteOffset(strip) + half,
          (long) Batch.LANES * gy.features());
    }
  }

  /// {@return this function, which takes single rows too}
  ///
  /// @param inputs the number of features of an input row
  /// @param arena is not used
  @Override
  public ServedLayer serve(int inputs, Arena arena) {
    int cols = outputs(inputs);
    return new ServedLayer() {
      @Override
      public void load(List<FloatArray> parameters) {}

      @Override
      public void forward(Batch x, Batch y) {
        Glu.forward(x, y);
      }

      @Override
      public boolean takesRow() {
        return true;
      }

      @Override
      public void forwardRow(FloatArray x, FloatArray y) {
        Elementwise.run(
            FORWARD,
            x.memory(),
            x.byteOffset(0),
            x.memory(),
            x.byteOffset(cols),
            y.memory(),
            y.byteOffset(0),
            cols);
      }
    };
  }

  private static void forward(Batch x, Batch y) {
    Checks.usable("x", x);
    Checks.usable("y", y);
    Checks.fits("y", y, "x", x, 2 * y.features());
    Checks.apart("x", x, "y", y);
    for (int strip = 0; strip < x.strips(); strip++) {
      long half = 4L * Batch.LANES * y.features();
      Elementwise.run(
          FORWARD,
          x.memory(),
          x.byteOffset(strip),
          x.memory(),
          x.byteOffset(strip) + half,
          y.memory(),
          y.byteOffset(strip),
          (long) Batch.LANES * y.features());
    }
  }

  /// {@return half of `inputs`}
  ///
  /// @param inputs the number of features of an input row
  /// @throws IllegalArgumentException if `inputs` is odd
  @Override
  public int outputs(int inputs) {
    if (inputs % 2 != 0) {
      throw new IllegalArgumentException(this + " halves its features, but gets " + inputs);
    }
    return inputs / 2;
  }

  /// {@return twice `outputs`, or empty if `outputs` is empty}
  ///
  /// @param outputs the number of features of an output row; empty if it is not known
  /// @throws IllegalArgumentException if twice `outputs` does not fit into an `int`
  @Override
  public OptionalInt inputs(OptionalInt outputs) {
    if (outputs.isEmpty()) {
      return outputs;
    }
    if (outputs.getAsInt() > Integer.MAX_VALUE / 2) {
      throw new IllegalArgumentException(
          this + " cannot give " + outputs.getAsInt() + " features: twice as many are too many");
    }
    return OptionalInt.of(2 * outputs.getAsInt());
  }

  /// {@return PyTorch's name of the function}
  @Override
  public String toString() {
    return "glu";
  }
}
