package io.github.lanewise.core;

import io.github.lanewise.core.gemm.CompactStripKernel;
import io.github.lanewise.core.gemm.PackedStripKernel;
import io.github.lanewise.core.gemm.StripKernel;

/// The affine map y = x W^T + b of a batch, which a linear layer consists of.
///
/// Every element of a result is one chain of FMAs, in ascending order, over inputs, outputs or
/// rows; it starts from the bias, from 0, or from the gradient that is added to. So the bits of a
/// row depend neither on the other rows of its batch, nor on the vector width, nor on whether the
/// weight is packed. Source: PyTorch's `torch.nn.functional.linear`.
public final class Affine {
  private Affine() {}

  /// Overwrites `y` with `x W^T + b`.
  ///
  /// @param x rows of `in` features
  /// @param weight W, `[out, in]`
  /// @param bias b, `[out]`
  /// @param y as many rows of `out` features
  /// @throws IllegalArgumentException if the sizes do not fit, or `y` overlaps another array
  public static void forward(Batch x, FloatArray weight, FloatArray bias, Batch y) {
    Checks.sameRows("x", x, "y", y);
    int in = x.features();
    int out = y.features();
    Checks.hasShape("weight", weight, out, in);
    Checks.hasShape("bias", bias, 1, out);
    Checks.apart("x", x, "y", y);
    Checks.apart("weight", weight, "y", y.array());
    Checks.apart("bias", bias, "y", y.array());
    for (int strip = 0; strip < x.strips(); strip++) {
      StripKernel.forward(
          weight.memory(),
          weight.byteOffset(0),
          bias.memory(),
          bias.byteOffset(0),
          x.memory(),
          x.byteOffset(strip),
          y.memory(),
          y.byteOffset(strip),
          in,
          out);
    }
  }

  /// Overwrites `gx` with the gradient of `x`: `gy W`.
  ///
  /// @param gy the gradient of y, rows of `out` features
  /// @param weight W, `[out, in]`
  /// @param gx as many rows of `in` features
  /// @throws IllegalArgumentException if the sizes do not fit, or `gx` overlaps another array
  public static void backward(Batch gy, FloatArray weight, Batch gx) {
    Checks.sameRows("gy", gy, "gx", gx);
    Checks.hasShape("weight", weight, gy.features(), gx.features());
    Checks.apart("gy", gy, "gx", gx);
    Checks.apart("weight", weight, "gx", gx.array());
    for (int strip = 0; strip < gy.strips(); strip++) {
      StripKernel.backward(
          weight.memory(),
          weight.byteOffset(0),
          gy.memory(),
          gy.byteOffset(strip),
          gx.memory(),
          gx.byteOffset(strip),
          gx.features(),
          gy.features());
    }
  }

  /// Adds the gradients of weight and bias: `gy^T x`, and the sum of the rows of `gy`.
  ///
  /// @param x rows of `in` features
  /// @param gy the gradient of y, as many rows of `out` features
  /// @param gWeight `[out, in]`
  /// @param gBias `[out]`
  /// @throws IllegalArgumentException if the sizes do not fit, or a gradient overlaps another array
  public static void addGradients(Batch x, Batch gy, FloatArray gWeight, FloatArray gBias) {
    Checks.sameRows("x", x, "gy", gy);
    int in = x.features();
    int out = gy.features();
    Checks.hasShape("gWeight", gWeight, out, in);
    Checks.hasShape("gBias", gBias, 1, out);
    Checks.apart("x", x.array(), "gWeight", gWeight);
    Checks.apart("x", x.array(), "gBias", gBias);
    Checks.apart("gy", gy.array(), "gWeight", gWeight);
    Checks.apart("gy", gy.array(), "gBias", gBias);
    Checks.apart("gWeight", gWeight, "gBias", gBias);
    FloatArray rows = x.rowMajor();
    int first = x.firstOfRowMajor();
    for (int strip = 0; strip < x.strips(); strip++) {
      StripKernel.addWeightGradient(
          gy.memory(),
          gy.byteOffset(strip),
          rows.memory(),
          rows.byteOffset(((long) strip * Batch.LANES + first) * in),
          gWeight.memory(),
          gWeight.byteOffset(0),
          in,
          out,
          x.rowsOf(strip));
      StripKernel.addBiasGradient(
          gy.memory(),
          gy.byteOffset(strip),
          gBias.memory(),
          gBias.byteOffset(0),
          out,
          x.rowsOf(strip));
    }
  }

  /// {@return how many floats a packed weight takes, together with its bias}
  ///
  /// @param in the number of inputs
  /// @param out the number of outputs
  public static long packedElements(int in, int out) {
    return PackedStripKernel.elements(in, out);
  }

  /// Packs a weight and its bias, so that [#forwardPacked] reads them in one stream.
  ///
  /// @param weight W, `[out, in]`
  /// @param bias b, `[out]`
  /// @param packed as long as [#packedElements] says
  /// @param in the number of inputs
  /// @param out the number of outputs
  /// @throws IllegalArgumentException if the sizes do not fit, or `packed` overlaps another array
  public static void pack(FloatArray weight, FloatArray bias, FloatArray packed, int in, int out) {
    Checks.hasShape("weight", weight, out, in);
    Checks.hasShape("bias", bias, 1, out);
    Checks.hasShape("packed", packed, 1, packedElements(in, out));
    Checks.apart("weight", weight, "packed", packed);
    Checks.apart("bias", bias, "packed", packed);
    PackedStripKernel.pack(
        weight.memory(),
        weight.byteOffset(0),
        bias.memory(),
        bias.byteOffset(0),
        packed.memory(),
        packed.byteOffset(0),
        in,
        out);
  }

  /// Overwrites `y` with `x W^T + b`, where W and b are packed.
  ///
  /// @param x rows of `in` features
  /// @param packed what [#pack] wrote
  /// @param y as many rows of `out` features
  /// @throws IllegalArgumentException if the sizes do not fit, or `y` overlaps another array
  public static void forwardPacked(Batch x, FloatArray packed, Batch y) {
    Checks.sameRows("x", x, "y", y);
    Checks.hasShape("packed", packed, 1, packedElements(x.features(), y.features()));
    Checks.apart("x", x, "y", y);
    Checks.apart("packed", packed, "y", y.array());
    for (int strip = 0; strip < x.strips(); strip++) {
      PackedStripKernel.forward(
          packed.memory(),
          packed.byteOffset(0),
          x.memory(),
          x.byteOffset(strip),
          y.memory(),
          y.byteOffset(strip),
          x.features(),
          y.features());
    }
  }

  /// Overwrites `y` with `W x + b` for a single row, where W and b are packed.
  ///
  /// @param x at least `[in]`
  /// @param packed what [#pack] wrote
  /// @param y `[out]`, rounded up to a multiple of [Batch#LANES]
  /// @param in the number of inputs
  /// @param out the number of outputs
  /// @throws IllegalArgumentException if the sizes do not fit, or `y` overlaps another array
  public static void forwardPacked(FloatArray x, FloatArray packed, FloatArray y, int in, int out) {
    Checks.usable("x", x);
    Checks.usable("y", y);
    Checks.hasShape("packed", packed, 1, packedElements(in, out));
    if (x.length() < in || y.length() < (out + Batch.LANES - 1L) / Batch.LANES * Batch.LANES) {
      throw new IllegalArgumentException(
          "x has %d elements and y %d, too few for a layer from %d to %d features"
              .formatted(x.length(), y.length(), in, out));
    }
    Checks.apart("x", x, "y", y);
    Checks.apart("packed", packed, "y", y);
    PackedStripKernel.row(
        packed.memory(),
        packed.byteOffset(0),
        x.memory(),
        x.byteOffset(0),
        y.memory(),
        y.byteOffset(0),
        in,
        out);
  }

  /// {@return how many floats a weight takes that is packed as bfloat16, together with its bias}
  ///
  /// @param in the number of inputs
  /// @param out the number of outputs
  public static long compactElements(int in, int out) {
    return CompactStripKernel.elements(in, out);
  }

  /// Packs a weight, rounded to bfloat16, and its bias, so that [#forwardCompact] reads them in one
  /// stream of half the size.
  ///
  /// @param weight W, `[out, in]`
  /// @param bias b, `[out]`
  /// @param packed as long as [#compactElements] says
  /// @param in the number of inputs
  /// @param out the number of outputs
  /// @throws IllegalArgumentException if the sizes do not fit, or `packed` overlaps another array
  public static void packCompact(
      FloatArray weight, FloatArray bias, FloatArray packed, int in, int out) {
    Checks.hasShape("weight", weight, out, in);
    Checks.hasShape("bias", bias, 1, out);
    Checks.hasShape("packed", packed, 1, compactElements(in, out));
    Checks.apart("weight", weight, "packed", packed);
    Checks.apart("bias", bias, "packed", packed);
    CompactStripKernel.pack(
        weight.memory(),
        weight.byteOffset(0),
        bias.memory(),
        bias.byteOffset(0),
        packed.memory(),
        packed.byteOffset(0),
        in,
        out);
  }

  /// Overwrites `y` with `x W^T + b`, where W is rounded to bfloat16.
  ///
  /// @param x rows of `in` features
  /// @param packed what [#packCompact] wrote
  /// @param y as many rows of `out` features
  /// @throws IllegalArgumentException if the sizes do not fit, or `y` overlaps another array
  public static void forwardCompact(Batch x, FloatArray packed, Batch y) {
    Checks.sameRows("x", x, "y", y);
    Checks.hasShape("packed", packed, 1, compactElements(x.features(), y.features()));
    Checks.apart("x", x, "y", y);
    Checks.apart("packed", packed, "y", y.array());
    for (int strip = 0; strip < x.strips(); strip++) {
      CompactStripKernel.forward(
          packed.memory(),
          packed.byteOffset(0),
          x.memory(),
          x.byteOffset(strip),
          y.memory(),
          y.byteOffset(strip),
          x.features(),
          y.features());
    }
  }

  /// Overwrites `y` with `W x + b` for a single row, where W is rounded to bfloat16.
  ///
  /// @param x at least `[in]`
  /// @param packed what [#packCompact] wrote
  /// @param y `[out]`, rounded up to a multiple of [Batch#LANES]
  /// @param in the number of inputs
  /// @param out the number of outputs
  /// @throws IllegalArgumentException if the sizes do not fit, or `y` overlaps another array
  public static void forwardCompact(
      FloatArray x, FloatArray packed, FloatArray y, int in, int out) {
    Checks.usable("x", x);
    Checks.usable("y", y);
    Checks.hasShape("packed", packed, 1, compactElements(in, out));
    if (x.length() < in || y.length() < (out + Batch.LANES - 1L) / Batch.LANES * Batch.LANES) {
      throw new IllegalArgumentException(
          "x has %d elements and y %d, too few for a layer from %d to %d features"
              .formatted(x.length(), y.length(), in, out));
    }
    Checks.apart("x", x, "y", y);
    Checks.apart("packed", packed, "y", y);
    CompactStripKernel.row(
        packed.memory(),
        packed.byteOffset(0),
        x.memory(),
        x.byteOffset(0),
        y.memory(),
        y.byteOffset(0),
        in,
        out);
  }
}
