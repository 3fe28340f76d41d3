package io.github.lanewise.core;

import io.github.lanewise.core.loss.AbsoluteErrorKernel;
import io.github.lanewise.core.loss.BinaryCrossEntropyKernel;
import io.github.lanewise.core.loss.HuberKernel;
import io.github.lanewise.core.loss.KlDivergenceKernel;
import io.github.lanewise.core.loss.SquaredErrorKernel;
import io.github.lanewise.core.rows.PointwiseSumKernel;
import io.github.lanewise.core.simd.Elementwise;
import io.github.lanewise.core.simd.Loop;
import java.util.List;

/// A loss that compares an output with a target element by element. Its value is the mean over all
/// elements.
///
/// The constants have PyTorch's default parameters; the methods take others. Instances are
/// immutable, and calls allocate nothing. Source: PyTorch's `torch.nn.functional`, with
/// `reduction='mean'`.
public final class ElementwiseLoss {
  /// `(y - target)^2`.
  public static final ElementwiseLoss MEAN_SQUARED_ERROR =
      new ElementwiseLoss("mse_loss", SquaredErrorKernel.class);

  /// `abs(y - target)`, with a gradient of 0 where the difference is 0.
  public static final ElementwiseLoss L1 =
      new ElementwiseLoss("l1_loss", AbsoluteErrorKernel.class);

  /// `(y - target)^2 / 2` where `abs(y - target)` is at most 1, else `abs(y - target) - 1 / 2`.
  public static final ElementwiseLoss SMOOTH_L1 = smoothL1(1);

  /// The same function as [#SMOOTH_L1]. They differ in what their parameters mean: see [#huber] and
  /// [#smoothL1].
  public static final ElementwiseLoss HUBER = huber(1);

  /// `log(1 + exp(y)) - target y`, for logits `y` and targets from 0 to 1.
  public static final ElementwiseLoss BINARY_CROSS_ENTROPY_WITH_LOGITS =
      binaryCrossEntropyWithLogits(1);

  /// `target (log(target) - y)`, for log-probabilities `y` and probabilities `target`; 0 where
  /// `target` is 0.
  ///
  /// The loss is the mean over the elements, as by PyTorch's default. Loss and gradient times the
  /// number of columns are those of PyTorch's `batchmean`, which is the divergence itself.
  public static final ElementwiseLoss KL_DIVERGENCE =
      new ElementwiseLoss("kl_div", KlDivergenceKernel.class);

  private static final List<ElementwiseLoss> DEFAULTS =
      List.of(
          MEAN_SQUARED_ERROR,
          L1,
          SMOOTH_L1,
          HUBER,
          BINARY_CROSS_ENTROPY_WITH_LOGITS,
          KL_DIVERGENCE);

  private final String name;
  private final Loop losses;
  private final Loop gradient;

  /// @param kernel a class with the methods `losses` and `gradient`
  /// @param parameters the last arguments of both methods
  private ElementwiseLoss(String name, Class<?> kernel, Float... parameters) {
    this.name = name;
    losses = Loop.of(kernel, "losses", parameters);
    gradient = Loop.of(kernel, "gradient", parameters);
  }

  /// `(y - target)^2 / (2 beta)` where `abs(y - target)` is at most `beta`, else
  /// `abs(y - target) - beta / 2`.
  ///
  /// @param beta the difference at which the loss turns from a square into a line; 0 gives [#L1]
  /// @return the loss with this parameter
  /// @throws IllegalArgumentException if `beta`, as a float, is negative or not finite
  public static ElementwiseLoss smoothL1(double beta) {
    float b = (float) beta;
    if (!(b >= 0 && Float.isFinite(b))) {
      throw new IllegalArgumentException("beta is " + beta + ", must be finite and at least 0");
    }
    return b == 0 ? L1 : huber(beta == 1 ? "smooth_l1_loss" : "smooth_l1_loss(" + beta + ")", b, b);
  }

  /// `(y - target)^2 / 2` where `abs(y - target)` is at most `delta`, else
  /// `delta (abs(y - target) - delta / 2)`.
  ///
  /// @param delta the difference at which the loss turns from a square into a line
  /// @return the loss with this parameter
  /// @throws IllegalArgumentException if `delta`, as a float, is not positive or not finite
  public static ElementwiseLoss huber(double delta) {
    float d = (float) delta;
    requirePositive("delta", delta, d);
    return huber(delta == 1 ? "huber_loss" : "huber_loss(" + delta + ")", d, 1);
  }

  private static ElementwiseLoss huber(String name, float delta, float divisor) {
    return new ElementwiseLoss(name, HuberKernel.class, delta, divisor);
  }

  /// `(a target + 1 - target) log(1 + exp(y)) - a target y`, where a is `positiveWeight`.
  ///
  /// @param positiveWeight PyTorch's `pos_weight`, one for all elements
  /// @return the loss with this parameter
  /// @throws IllegalArgumentException if `positiveWeight`, as a float, is not positive or not
  ///     finite
  public static ElementwiseLoss binaryCrossEntropyWithLogits(double positiveWeight) {
    float a = (float) positiveWeight;
    requirePositive("positiveWeight", positiveWeight, a);
    String name = "binary_cross_entropy_with_logits";
    return new ElementwiseLoss(
        positiveWeight == 1 ? name : name + "(" + positiveWeight + ")",
        BinaryCrossEntropyKernel.class,
        a);
  }

  private static void requirePositive(String name, double value, float rounded) {
    if (!(rounded > 0 && Float.isFinite(rounded))) {
      throw new IllegalArgumentException(name + " is " + value + ", must be positive and finite");
    }
  }

  /// {@return the losses with PyTorch's default parameters, in the order of this page}
  public static List<ElementwiseLoss> defaults() {
    return DEFAULTS;
  }

  /// Returns the loss, and overwrites `gradient` with its gradient with respect to `y`.
  ///
  /// @param y the outputs of the model
  /// @param target as long as `y`
  /// @param gradient as long as `y` and `target`; may be either of them
  /// @return the mean over the elements, or NaN if there are no elements
  /// @throws IllegalArgumentException if the lengths differ, or `gradient` overlaps another array
  ///     in part
  public float lossAndGradient(FloatArray y, FloatArray target, FloatArray gradient) {
    Checks.elementwise("y", y, "target", target, "gradient", gradient);
    long n = y.length();
    double sum =
        PointwiseSumKernel.sum(
            losses, y.memory(), y.byteOffset(0), target.memory(), target.byteOffset(0), n);
    float factor = (float) (1.0 / n);
    Elementwise.run(
        this.gradient,
        y.memory(),
        y.byteOffset(0),
        target.memory(),
        target.byteOffset(0),
        gradient.memory(),
        gradient.byteOffset(0),
        n,
        factor);
    return (float) (sum / n);
  }

  /// Returns the loss, and overwrites `gradient` with its gradient with respect to `y`.
  ///
  /// @param y the outputs of the model
  /// @param target as many rows of as many features
  /// @param gradient as many rows of as many features; may be either of them
  /// @return the mean over the elements
  /// @throws IllegalArgumentException if the sizes do not fit
  public float lossAndGradient(Batch y, Batch target, Batch gradient) {
    Checks.usable("y", y);
    Checks.fits("y", y, "target", target, y.features());
    Checks.fits("y", y, "gradient", gradient, y.features());
    Checks.notInPart("y", y, "gradient", gradient);
    Checks.notInPart("target", target, "gradient", gradient);
    double n = (double) y.rows() * y.features();
    double sum = Strips.sum(losses, y, target);
    Elementwise.run(
        this.gradient,
        y.memory(),
        y.byteOffset(0),
        target.memory(),
        target.byteOffset(0),
        gradient.memory(),
        gradient.byteOffset(0),
        y.elements(),
        (float) (1.0 / n));
    return (float) (sum / n);
  }

  /// {@return PyTorch's name of the function, with a parameter that differs from its default}
  @Override
  public String toString() {
    return name;
  }
}
