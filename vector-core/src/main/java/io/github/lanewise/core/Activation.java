package io.github.lanewise.core;

import io.github.lanewise.core.activation.EluKernel;
import io.github.lanewise.core.activation.ErfKernel;
import io.github.lanewise.core.activation.ExpKernel;
import io.github.lanewise.core.activation.Expm1Kernel;
import io.github.lanewise.core.activation.GeluKernel;
import io.github.lanewise.core.activation.GeluTanhKernel;
import io.github.lanewise.core.activation.HardshrinkKernel;
import io.github.lanewise.core.activation.HardsigmoidKernel;
import io.github.lanewise.core.activation.HardswishKernel;
import io.github.lanewise.core.activation.HardtanhKernel;
import io.github.lanewise.core.activation.LeakyReluKernel;
import io.github.lanewise.core.activation.Log1pKernel;
import io.github.lanewise.core.activation.LogKernel;
import io.github.lanewise.core.activation.LogSigmoidKernel;
import io.github.lanewise.core.activation.MishKernel;
import io.github.lanewise.core.activation.QuickGeluKernel;
import io.github.lanewise.core.activation.ReluKernel;
import io.github.lanewise.core.activation.SigmoidKernel;
import io.github.lanewise.core.activation.SiluKernel;
import io.github.lanewise.core.activation.SoftplusKernel;
import io.github.lanewise.core.activation.SoftshrinkKernel;
import io.github.lanewise.core.activation.SoftsignKernel;
import io.github.lanewise.core.activation.TanhKernel;
import io.github.lanewise.core.activation.TanhshrinkKernel;
import io.github.lanewise.core.activation.ThresholdKernel;
import io.github.lanewise.core.simd.Elementwise;
import io.github.lanewise.core.simd.Loop;
import java.lang.foreign.Arena;
import java.util.List;

/// An elementwise function with its parameters, forward and backward.
///
/// Backward needs either the input or the output of forward, whichever makes it cheaper or more
/// accurate: see [#savesOutput]. Both passes may work in place (`y` may be `x`, `gx` may be `gy`).
/// But if backward needs the input, forward must not have overwritten it. All arrays of a call have
/// the same length, and do not overlap in any other way. Instances are immutable, and calls
/// allocate nothing.
///
/// The constants have PyTorch's default parameters; the methods take others. Names, defaults and
/// special values are those of PyTorch's `torch.nn.functional`. Where PyTorch's kernels disagree
/// with each other, or give NaN although the limit exists, the result is the limit. The elementary
/// functions `EXP` to `ERF` are here too, because they are used in the same way.
public final class Activation implements Layer {
  // From Klambauer et al. (2017), Self-Normalizing Neural Networks. They are declared before SELU,
  // which uses them.
  private static final double SELU_ALPHA = 1.6732632423543772;
  private static final double SELU_SCALE = 1.0507009873554805;

  /// `max(x, 0)`. NaN stays NaN, and -0.0 stays -0.0.
  public static final Activation RELU = new Activation("relu", Saved.OUTPUT, ReluKernel.class);

  /// `x` clamped to [0, 6].
  public static final Activation RELU6 =
      new Activation("relu6", Saved.OUTPUT, HardtanhKernel.class, 0f, 6f);

  /// `max(x, 0) + 0.01 min(x, 0)`.
  public static final Activation LEAKY_RELU = leakyRelu(0.01);

  /// Randomised leaky ReLU as it is in evaluation, where the slope is the mean of PyTorch's bounds,
  /// 11 / 48.
  public static final Activation RRELU = linearBelowZero("rrelu", (1.0 / 8 + 1.0 / 3) / 2);

  /// `x` for `x > 0`, else `exp(x) - 1`.
  public static final Activation ELU = elu(1);

  /// The same function as [#ELU]. They differ in what their parameters mean: see [#celu] and
  /// [#elu].
  public static final Activation CELU = celu(1);

  /// `1.0507 x` for `x > 0`, else `1.7581 (exp(x) - 1)`. It keeps the mean 0 and the variance 1 of
  /// normally distributed features.
  public static final Activation SELU =
      exponentialBelowZero("selu", SELU_SCALE, SELU_SCALE * SELU_ALPHA, 1);

  /// `x Phi(x)`, where Phi is the normal distribution function.
  public static final Activation GELU = new Activation("gelu", Saved.INPUT, GeluKernel.class);

  /// `x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))`.
  public static final Activation GELU_TANH =
      new Activation("gelu_tanh", Saved.INPUT, GeluTanhKernel.class);

  /// `x sigmoid(1.702 x)`, the approximation of GELU in models such as CLIP.
  public static final Activation QUICK_GELU =
      new Activation("quick_gelu", Saved.INPUT, QuickGeluKernel.class);

  /// `x sigmoid(x)`.
  public static final Activation SILU = new Activation("silu", Saved.INPUT, SiluKernel.class);

  /// `x tanh(softplus(x))`.
  public static final Activation MISH = new Activation("mish", Saved.INPUT, MishKernel.class);

  /// `log(1 + exp(x))`, or `x` for `x > 20`.
  public static final Activation SOFTPLUS = softplus(1, 20);

  /// `1 / (1 + exp(-x))`.
  public static final Activation SIGMOID =
      new Activation("sigmoid", Saved.OUTPUT, SigmoidKernel.class);

  /// `log(sigmoid(x))`.
  public static final Activation LOG_SIGMOID =
      new Activation("logsigmoid", Saved.INPUT, LogSigmoidKernel.class);

  /// `tanh(x)`.
  public static final Activation TANH = new Activation("tanh", Saved.OUTPUT, TanhKernel.class);

  /// `x / (1 + abs(x))`.
  public static final Activation SOFTSIGN =
      new Activation("softsign", Saved.INPUT, SoftsignKernel.class);

  /// `x - tanh(x)`.
  public static final Activation TANHSHRINK =
      new Activation("tanhshrink", Saved.INPUT, TanhshrinkKernel.class);

  /// `x` clamped to [-1, 1].
  public static final Activation HARDTANH = hardtanh(-1, 1);

  /// `x + 3` clamped to [0, 6], divided by 6.
  public static final Activation HARDSIGMOID =
      new Activation("hardsigmoid", Saved.INPUT, HardsigmoidKernel.class);

  /// `x hardsigmoid(x)`.
  public static final Activation HARDSWISH =
      new Activation("hardswish", Saved.INPUT, HardswishKernel.class);

  /// 0 if `abs(x) <= 0.5`, else `x`.
  public static final Activation HARDSHRINK = hardshrink(0.5);

  /// 0 if `abs(x) <= 0.5`, else `x` moved by 0.5 towards 0.
  public static final Activation SOFTSHRINK = softshrink(0.5);

  /// `exp(x)`.
  public static final Activation EXP = new Activation("exp", Saved.OUTPUT, ExpKernel.class);

  /// `exp(x) - 1`.
  public static final Activation EXPM1 = new Activation("expm1", Saved.OUTPUT, Expm1Kernel.class);

  /// `log(x)`.
  public static final Activation LOG = new Activation("log", Saved.INPUT, LogKernel.class);

  /// `log(1 + x)`.
  public static final Activation LOG1P = new Activation("log1p", Saved.INPUT, Log1pKernel.class);

  /// The error function.
  public static final Activation ERF = new Activation("erf", Saved.INPUT, ErfKernel.class);

  private static final List<Activation> DEFAULTS =
      List.of(
          RELU,
          RELU6,
          LEAKY_RELU,
          RRELU,
          ELU,
          CELU,
          SELU,
          GELU,
          GELU_TANH,
          QUICK_GELU,
          SILU,
          MISH,
          SOFTPLUS,
          SIGMOID,
          LOG_SIGMOID,
          TANH,
          SOFTSIGN,
          TANHSHRINK,
          HARDTANH,
          HARDSIGMOID,
          HARDSWISH,
          HARDSHRINK,
          SOFTSHRINK,
          EXP,
          EXPM1,
          LOG,
          LOG1P,
          ERF);

  private final String name;
  private final Saved saved;
  private final Loop forward;
  private final Loop backward;

  /// @param kernel a class with the methods `forward` and `backward`
  /// @param parameters the last arguments of both methods, in their order; backward may take fewer
  private Activation(String name, Saved saved, Class<?> kernel, Float... parameters) {
    this.name = name;
    this.saved = saved;
    forward = Loop.of(kernel, "forward", parameters);
    backward = Loop.of(kernel, "backward", parameters);
  }

  private enum Saved {
    INPUT,
    OUTPUT
  }

  /// `max(x, 0) + slope min(x, 0)`.
  ///
  /// @param slope PyTorch's `negative_slope`
  /// @return the activation with this parameter
  /// @throws IllegalArgumentException if `slope`, as a float, is not finite
  public static Activation leakyRelu(double slope) {
    requireFinite("slope", slope);
    return linearBelowZero(slope == 0.01 ? "leaky_relu" : "leaky_relu(" + slope + ")", slope);
  }

  /// `x` for `x > 0`, else `alpha (exp(x) - 1)`.
  ///
  /// @param alpha y tends to `-alpha` as x tends to -inf
  /// @return the activation with this parameter
  /// @throws IllegalArgumentException if `alpha`, as a float, is not finite
  public static Activation elu(double alpha) {
    requireFinite("alpha", alpha);
    return exponentialBelowZero(alpha == 1 ? "elu" : "elu(" + alpha + ")", 1, alpha, 1);
  }

  /// `x` for `x > 0`, else `alpha (exp(x / alpha) - 1)`.
  ///
  /// @param alpha y tends to `-alpha` as x tends to -inf
  /// @return the activation with this parameter
  /// @throws IllegalArgumentException if `alpha` or `1 / alpha`, as a float, is zero or not finite
  public static Activation celu(double alpha) {
    requireInvertible("alpha", alpha);
    return exponentialBelowZero(alpha == 1 ? "celu" : "celu(" + alpha + ")", 1, alpha, 1 / alpha);
  }

  /// `log(1 + exp(beta x)) / beta`, or `x` where `beta x > threshold`.
  ///
  /// @param beta the sharpness of the bend at 0
  /// @param threshold the largest `beta x` for which the logarithm is computed
  /// @return the activation with these parameters
  /// @throws IllegalArgumentException if `beta` or `1 / beta`, as a float, is zero or not finite,
  ///     or `threshold` is not finite
  public static Activation softplus(double beta, double threshold) {
    requireInvertible("beta", beta);
    requireFinite("threshold", threshold);
    float b = (float) beta;
    float inverse = (float) (1 / beta);
    float t = (float) threshold;
    return new Activation(
        beta == 1 && threshold == 20 ? "softplus" : "softplus(" + beta + ", " + threshold + ")",
        Saved.INPUT,
        SoftplusKernel.class,
        b,
        t,
        inverse);
  }

  /// `x` clamped to [low, high].
  ///
  /// @param low the smallest result
  /// @param high the largest result
  /// @return the activation with these parameters
  /// @throws IllegalArgumentException unless both, as floats, are finite and `low < high`
  public static Activation hardtanh(double low, double high) {
    requireFinite("low", low);
    requireFinite("high", high);
    float l = (float) low;
    float h = (float) high;
    if (l >= h) {
      throw new IllegalArgumentException(
          "low is " + low + ", must be below high, " + high + ", as a float");
    }
    return new Activation(
        low == -1 && high == 1 ? "hardtanh" : "hardtanh(" + low + ", " + high + ")",
        Saved.OUTPUT,
        HardtanhKernel.class,
        l,
        h);
  }

  /// 0 if `abs(x) <= lambda`, else `x`.
  ///
  /// @param lambda the largest absolute value that becomes 0
  /// @return the activation with this parameter
  /// @throws IllegalArgumentException if `lambda` is negative or, as a float, not finite
  public static Activation hardshrink(double lambda) {
    requireAtLeastZero("lambda", lambda);
    float l = (float) lambda;
    return new Activation(
        lambda == 0.5 ? "hardshrink" : "hardshrink(" + lambda + ")",
        Saved.OUTPUT,
        HardshrinkKernel.class,
        l);
  }

  /// 0 if `abs(x) <= lambda`, else `x` moved by `lambda` towards 0.
  ///
  /// @param lambda the largest absolute value that becomes 0
  /// @return the activation with this parameter
  /// @throws IllegalArgumentException if `lambda` is negative or, as a float, not finite
  public static Activation softshrink(double lambda) {
    requireAtLeastZero("lambda", lambda);
    float l = (float) lambda;
    return new Activation(
        lambda == 0.5 ? "softshrink" : "softshrink(" + lambda + ")",
        Saved.OUTPUT,
        SoftshrinkKernel.class,
        l);
  }

  /// `value` if `x <= threshold`, else `x`. PyTorch has no defaults for the parameters.
  ///
  /// @param threshold the largest input that is replaced
  /// @param value the output for replaced inputs
  /// @return the activation with these parameters
  /// @throws IllegalArgumentException if a parameter is NaN
  public static Activation threshold(double threshold, double value) {
    if (Double.isNaN(threshold) || Double.isNaN(value)) {
      throw new IllegalArgumentException(
          "threshold is " + threshold + " and value is " + value + ", must not be NaN");
    }
    float t = (float) threshold;
    float v = (float) value;
    return new Activation(
        "threshold(" + threshold + ", " + value + ")", Saved.INPUT, ThresholdKernel.class, t, v);
  }

  private static Activation linearBelowZero(String name, double slope) {
    float s = (float) slope;
    return new Activation(name, Saved.INPUT, LeakyReluKernel.class, s);
  }

  private static Activation exponentialBelowZero(
      String name, double positive, double negative, double inverse) {
    float a = (float) positive;
    float b = (float) negative;
    float c = (float) inverse;
    return new Activation(name, Saved.INPUT, EluKernel.class, a, b, c);
  }

  /// Requires that the value is finite when it is rounded to a float, since kernels compute with
  /// floats.
  private static void requireFinite(String name, double value) {
    if (!Float.isFinite((float) value)) {
      throw new IllegalArgumentException(name + " is " + value + ", must be finite as a float");
    }
  }

  private static void requireInvertible(String name, double value) {
    requireFinite(name, value);
    float inverse = (float) (1 / value);
    if ((float) value == 0 || inverse == 0 || !Float.isFinite(inverse)) {
      throw new IllegalArgumentException(
          name + " is " + value + ", but it and its reciprocal must be floats other than 0");
    }
  }

  private static void requireAtLeastZero(String name, double value) {
    requireFinite(name, value);
    if (value < 0) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least 0");
    }
  }

  /// {@return the activations with PyTorch's default parameters, in the order of this page}
  public static List<Activation> defaults() {
    return DEFAULTS;
  }

  /// {@return the activation of [#defaults] with the given name}
  ///
  /// @param name PyTorch's name of the function, such as `leaky_relu`
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
  /// @param x the input
  /// @param y as long as `x`; may be `x`
  /// @throws IllegalArgumentException if the lengths differ, or `y` overlaps `x` in part
  public void forward(FloatArray x, FloatArray y) {
    Checks.elementwise("x", x, "y", y);
    Elementwise.run(forward, x.memory(), x.byteOffset(0), y.memory(), y.byteOffset(0), x.length());
  }

  /// Overwrites `gx` with the gradient of x, which is `gy` times the derivative.
  ///
  /// @param saved the output of forward if [#savesOutput], else its input
  /// @param gy the gradient of the output, as long as `saved`
  /// @param gx as long as `gy`; may be `gy` or `saved`
  /// @throws IllegalArgumentException if the lengths differ, or `gx` overlaps another array in part
  public void backward(FloatArray saved, FloatArray gy, FloatArray gx) {
    Checks.elementwise("saved", saved, "gy", gy, "gx", gx);
    Elementwise.run(
        backward,
        saved.memory(),
        saved.byteOffset(0),
        gy.memory(),
        gy.byteOffset(0),
        gx.memory(),
        gx.byteOffset(0),
        gx.length());
  }

  /// {@return true if backward needs the output of forward, false if it needs the input}
  public boolean savesOutput() {
    return saved == Saved.OUTPUT;
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
    Batch read = savesOutput() ? y : x;
    String name = savesOutput() ? "y" : "x";
    Checks.usable("gy", gy);
    Checks.fits("gy", gy, "gx", gx, gy.features());
    Checks.fits("gy", gy, name, read, gy.features());
    Checks.apart(name, read, "gx", gx);
    Checks.apart("gy", gy, "gx", gx);
    Elementwise.run(
        backward,
        read.memory(),
        read.byteOffset(0),
        gy.memory(),
        gy.byteOffset(0),
        gx.memory(),
        gx.byteOffset(0),
        gx.elements());
  }

  /// {@return this function, which takes single rows too}
  ///
  /// @param inputs the number of features of an input row
  /// @param arena is not used
  @Override
  public ServedLayer serve(int inputs, Arena arena) {
    return new ServedLayer() {
      @Override
      public void load(List<FloatArray> parameters) {}

      @Override
      public void forward(Batch x, Batch y) {
        Activation.this.forward(x, y);
      }

      @Override
      public boolean takesRow() {
        return true;
      }

      @Override
      public void forwardRow(FloatArray x, FloatArray y) {
        Activation.this.forward(x, y);
      }
    };
  }

  private void forward(Batch x, Batch y) {
    Checks.usable("x", x);
    Checks.fits("x", x, "y", y, x.features());
    Checks.apart("x", x, "y", y);
    Elementwise.run(
        forward, x.memory(), x.byteOffset(0), y.memory(), y.byteOffset(0), x.elements());
  }

  /// {@return PyTorch's name of the function, with the parameters that differ from its defaults}
  @Override
  public String toString() {
    return name;
  }
}
