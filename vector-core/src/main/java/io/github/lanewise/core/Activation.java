package io.github.lanewise.core;

import io.github.lanewise.core.kernel.GeluKernel;
import io.github.lanewise.core.kernel.GeluTanhKernel;
import io.github.lanewise.core.kernel.LeakyReluKernel;
import io.github.lanewise.core.kernel.ReluKernel;
import io.github.lanewise.core.kernel.SigmoidKernel;
import io.github.lanewise.core.kernel.SiluKernel;
import io.github.lanewise.core.kernel.TanhKernel;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// An elementwise activation with its parameters, forward and backward.
///
/// Backward takes what forward read or wrote, whichever is cheaper or more accurate:
/// [#savesOutput] says which. Either pass may work in place (`y` may be `x`, `gx` may be `gy`), but
/// an activation that saves its input cannot be undone from a `y` written over it. All arrays of a
/// call have the same length and do not overlap otherwise. Immutable; calls allocate nothing.
///
/// Names, defaults and special values are those of PyTorch's `torch.nn.functional`.
public final class Activation implements Layer {
  /// `max(x, 0)`, where NaN and -0.0 pass.
  public static final Activation RELU =
      new Activation("relu", Saved.OUTPUT, ReluKernel::forward, ReluKernel::backward);

  /// `max(x, 0) + 0.01 min(x, 0)`.
  public static final Activation LEAKY_RELU = leakyRelu(0.01);

  /// `1 / (1 + exp(-x))`.
  public static final Activation SIGMOID =
      new Activation("sigmoid", Saved.OUTPUT, SigmoidKernel::forward, SigmoidKernel::backward);

  /// `tanh(x)`.
  public static final Activation TANH =
      new Activation("tanh", Saved.OUTPUT, TanhKernel::forward, TanhKernel::backward);

  /// `x Phi(x)`, Phi the normal distribution function.
  public static final Activation GELU =
      new Activation("gelu", Saved.INPUT, GeluKernel::forward, GeluKernel::backward);

  /// `x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))`.
  public static final Activation GELU_TANH =
      new Activation("gelu_tanh", Saved.INPUT, GeluTanhKernel::forward, GeluTanhKernel::backward);

  /// `x sigmoid(x)`.
  public static final Activation SILU =
      new Activation("silu", Saved.INPUT, SiluKernel::forward, SiluKernel::backward);

  /// The activations with PyTorch's default parameters.
  private static final List<Activation> DEFAULTS =
      List.of(RELU, LEAKY_RELU, SIGMOID, TANH, GELU, GELU_TANH, SILU);

  /// Elements per kernel call: kernels count in `int`.
  private static final long BLOCK = 1L << 28;

  private final String name;
  private final Saved saved;
  private final Forward forward;
  private final Backward backward;

  private Activation(String name, Saved saved, Forward forward, Backward backward) {
    this.name = name;
    this.saved = saved;
    this.forward = forward;
    this.backward = backward;
  }

  private enum Saved {
    INPUT,
    OUTPUT
  }

  @FunctionalInterface
  private interface Forward {
    void run(MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n);
  }

  @FunctionalInterface
  private interface Backward {
    void run(
        MemorySegment saved,
        long savedByteOffset,
        MemorySegment gy,
        long gyByteOffset,
        MemorySegment gx,
        long gxByteOffset,
        int n);
  }

  /// `max(x, 0) + slope min(x, 0)`.
  ///
  /// @param slope PyTorch's `negative_slope`
  /// @throws IllegalArgumentException if `slope` is not finite
  public static Activation leakyRelu(double slope) {
    if (!Double.isFinite(slope)) {
      throw new IllegalArgumentException("slope is " + slope + ", must be finite");
    }
    float s = (float) slope;
    return new Activation(
        slope == 0.01 ? "leaky_relu" : "leaky_relu(" + slope + ")",
        Saved.INPUT,
        (x, p, y, q, n) -> LeakyReluKernel.forward(x, p, y, q, n, s),
        (x, p, gy, q, gx, r, n) -> LeakyReluKernel.backward(x, p, gy, q, gx, r, n, s));
  }

  /// The activations with PyTorch's default parameters, in the order of this page.
  public static List<Activation> defaults() {
    return DEFAULTS;
  }

  /// Returns the activation of [#defaults] with PyTorch's name, such as `leaky_relu`.
  ///
  /// @throws IllegalArgumentException if there is none
  public static Activation named(String name) {
    for (Activation activation : DEFAULTS) {
      if (activation.name.equals(name)) {
        return activation;
      }
    }
    throw new IllegalArgumentException(
        "unknown activation '" + name + "': it must be one of " + DEFAULTS);
  }

  /// Overwrites `y` with the activation of `x`.
  ///
  /// @throws IllegalArgumentException if the lengths differ, or `y` overlaps `x` in part
  public void forward(FloatArray x, FloatArray y) {
    Checks.elementwise("x", x, "y", y);
    long n = x.length();
    for (long i = 0; i < n; i += BLOCK) {
      int block = (int) Math.min(BLOCK, n - i);
      forward.run(x.memory(), x.byteOffset(i), y.memory(), y.byteOffset(i), block);
    }
  }

  /// Overwrites `gx` with the gradient of x: `gy` times the derivative.
  ///
  /// @param saved what forward wrote if [#savesOutput], else what it read
  /// @throws IllegalArgumentException if the lengths differ, or `gx` overlaps another in part
  public void backward(FloatArray saved, FloatArray gy, FloatArray gx) {
    Checks.sameLength("saved", saved, "gy", gy);
    Checks.elementwise("saved", saved, "gx", gx);
    Checks.elementwise("gy", gy, "gx", gx);
    long n = gx.length();
    for (long i = 0; i < n; i += BLOCK) {
      backward.run(
          saved.memory(),
          saved.byteOffset(i),
          gy.memory(),
          gy.byteOffset(i),
          gx.memory(),
          gx.byteOffset(i),
          (int) Math.min(BLOCK, n - i));
    }
  }

  /// Whether backward takes the output of forward; otherwise it takes the input.
  public boolean savesOutput() {
    return saved == Saved.OUTPUT;
  }

  /// As many features as came in: the function is elementwise.
  @Override
  public int outputs(int inputs) {
    return inputs;
  }

  /// PyTorch's name of the function, with the parameters that differ from its defaults.
  @Override
  public String toString() {
    return name;
  }
}
