package io.github.lanewise.optim;

import io.github.lanewise.core.StatePrecision;
import java.util.Objects;

/// What an [Optimizer] does around its rule, whatever the rule is. It is fixed when the optimizer
/// is made; [Optimizer#setMaxNorm] and [Optimizer#setClipValue] change the two limits later.
///
/// The gradient passes through, in this order: the mean over accumulated steps, clipping by the
/// norm, clipping by value, the sign of `maximize`, the L2 penalty.
///
/// @param maxNorm the largest norm of all gradients together, above 0; infinity for no limit. As in
///     PyTorch's `clip_grad_norm_`, all are multiplied by min(1, maxNorm / (norm + 1e-6))
/// @param clipValue the largest absolute value of an element of a gradient, above 0; infinity for
///     no limit
/// @param skipsNonFinite whether a step with a gradient that is infinite or NaN is left out as a
///     whole, and counted by [Optimizer#skippedSteps]
/// @param accumulatedSteps how many calls of [Optimizer#step] add up their gradients before the
///     parameters change, by the mean; at least 1
/// @param zeroesGradient whether a step sets the gradients to zero, in the same pass over memory
/// @param averaging a running average of the parameters
/// @param statePrecision how states are kept between steps
/// @param parameterPrecision the precision of the parameters after each step
/// @param seed of parameters that are rounded at random
public record Passes(
    double maxNorm,
    double clipValue,
    boolean skipsNonFinite,
    int accumulatedSteps,
    boolean zeroesGradient,
    Averaging averaging,
    StatePrecision statePrecision,
    ParameterPrecision parameterPrecision,
    long seed) {
  /// The rule alone, with states and parameters in float32.
  public static final Passes NONE =
      new Passes(
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          false,
          1,
          false,
          Averaging.NONE,
          StatePrecision.FLOAT32,
          ParameterPrecision.FLOAT32,
          0);

  /// Creates the passes.
  ///
  /// @throws IllegalArgumentException if a limit is NaN, 0 or negative, or `accumulatedSteps` is
  ///     below 1
  public Passes {
    Objects.requireNonNull(averaging, "averaging is null");
    Objects.requireNonNull(statePrecision, "statePrecision is null");
    Objects.requireNonNull(parameterPrecision, "parameterPrecision is null");
    requireLimit("maxNorm", maxNorm);
    requireLimit("clipValue", clipValue);
    if (accumulatedSteps < 1) {
      throw new IllegalArgumentException(
          "accumulatedSteps is " + accumulatedSteps + ", must be at least 1");
    }
  }

  static void requireLimit(String name, double limit) {
    if (!(limit > 0)) {
      throw new IllegalArgumentException(name + " is " + limit + ", must be above 0");
    }
  }

  /// {@return these passes with another `maxNorm`}
  ///
  /// @param maxNorm the largest norm of all gradients together, above 0; infinity for no limit
  public Passes withMaxNorm(double maxNorm) {
    return new Passes(
        maxNorm,
        clipValue,
        skipsNonFinite,
        accumulatedSteps,
        zeroesGradient,
        averaging,
        statePrecision,
        parameterPrecision,
        seed);
  }

  /// {@return these passes with another `clipValue`}
  ///
  /// @param clipValue the largest absolute value of an element of a gradient, above 0; infinity for
  ///     no limit
  public Passes withClipValue(double clipValue) {
    return new Passes(
        maxNorm,
        clipValue,
        skipsNonFinite,
        accumulatedSteps,
        zeroesGradient,
        averaging,
        statePrecision,
        parameterPrecision,
        seed);
  }

  /// {@return these passes with another `skipsNonFinite`}
  ///
  /// @param skipsNonFinite whether a step with a gradient that is infinite or NaN is left out
  public Passes withSkipsNonFinite(boolean skipsNonFinite) {
    return new Passes(
        maxNorm,
        clipValue,
        skipsNonFinite,
        accumulatedSteps,
        zeroesGradient,
        averaging,
        statePrecision,
        parameterPrecision,
        seed);
  }

  /// {@return these passes with another `accumulatedSteps`}
  ///
  /// @param accumulatedSteps how many calls add up their gradients before the parameters change, at
  ///     least 1
  public Passes withAccumulatedSteps(int accumulatedSteps) {
    return new Passes(
        maxNorm,
        clipValue,
        skipsNonFinite,
        accumulatedSteps,
        zeroesGradient,
        averaging,
        statePrecision,
        parameterPrecision,
        seed);
  }

  /// {@return these passes with another `zeroesGradient`}
  ///
  /// @param zeroesGradient whether a step sets the gradients to zero
  public Passes withZeroesGradient(boolean zeroesGradient) {
    return new Passes(
        maxNorm,
        clipValue,
        skipsNonFinite,
        accumulatedSteps,
        zeroesGradient,
        averaging,
        statePrecision,
        parameterPrecision,
        seed);
  }

  /// {@return these passes with another `averaging`}
  ///
  /// @param averaging a running average of the parameters
  public Passes withAveraging(Averaging averaging) {
    return new Passes(
        maxNorm,
        clipValue,
        skipsNonFinite,
        accumulatedSteps,
        zeroesGradient,
        averaging,
        statePrecision,
        parameterPrecision,
        seed);
  }

  /// {@return these passes with another `statePrecision`}
  ///
  /// @param statePrecision how states are kept between steps
  public Passes withStatePrecision(StatePrecision statePrecision) {
    return new Passes(
        maxNorm,
        clipValue,
        skipsNonFinite,
        accumulatedSteps,
        zeroesGradient,
        averaging,
        statePrecision,
        parameterPrecision,
        seed);
  }

  /// {@return these passes with another `parameterPrecision`}
  ///
  /// @param parameterPrecision the precision of the parameters after each step
  public Passes withParameterPrecision(ParameterPrecision parameterPrecision) {
    return new Passes(
        maxNorm,
        clipValue,
        skipsNonFinite,
        accumulatedSteps,
        zeroesGradient,
        averaging,
        statePrecision,
        parameterPrecision,
        seed);
  }

  /// {@return these passes with another `seed`}
  ///
  /// @param seed of parameters that are rounded at random
  public Passes withSeed(long seed) {
    return new Passes(
        maxNorm,
        clipValue,
        skipsNonFinite,
        accumulatedSteps,
        zeroesGradient,
        averaging,
        statePrecision,
        parameterPrecision,
        seed);
  }
}
