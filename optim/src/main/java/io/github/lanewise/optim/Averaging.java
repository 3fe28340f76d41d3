package io.github.lanewise.optim;

import io.github.lanewise.core.Setting;

/// A running average of the parameters, with which a model often does better than with the last
/// ones. [Optimizer#evaluate] puts it in their place.
///
/// @param kind how the parameters of different steps are weighted
/// @param decay of an exponential average: what remains of it in each update, between 0 and 1
/// @param every the number of steps from one update to the next, at least 1
public record Averaging(Kind kind, double decay, long every) {
  /// How the parameters of different steps are weighted.
  public enum Kind {
    /// There is no average.
    NONE,
    /// e = lerp(e, p, 1 - decay), as PyTorch's `get_ema_multi_avg_fn`.
    EXPONENTIAL,
    /// The mean of all, as in stochastic weight averaging: e = lerp(e, p, 1 / (n + 1)).
    EQUAL
  }

  /// No average.
  public static final Averaging NONE = new Averaging(Kind.NONE, 0, 1);

  /// Creates the description of an average.
  ///
  /// @throws IllegalArgumentException if the decay is not between 0 and 1, or `every` is below 1
  public Averaging {
    new Setting("decay", decay, Setting.Kind.FRACTION).require(decay);
    if (every < 1) {
      throw new IllegalArgumentException("every is " + every + ", must be at least 1");
    }
  }

  /// {@return an exponential average, updated in each step}
  ///
  /// @param decay what remains of the average in each step, between 0 and 1; PyTorch has 0.999
  public static Averaging exponential(double decay) {
    return new Averaging(Kind.EXPONENTIAL, decay, 1);
  }

  /// {@return the mean of the parameters, updated in each step}
  public static Averaging equal() {
    return new Averaging(Kind.EQUAL, 0, 1);
  }

  /// {@return this average, updated less often}
  ///
  /// @param every the number of steps from one update to the next, at least 1
  public Averaging withEvery(long every) {
    return new Averaging(kind, decay, every);
  }

  boolean isKept() {
    return kind != Kind.NONE;
  }

  /// How far step t moves the average towards the parameters; NaN if it leaves it.
  double weight(long t) {
    if (kind == Kind.NONE || t % every != 0) {
      return Double.NaN;
    }
    long updates = t / every;
    if (updates == 1) {
      return 1;
    }
    return kind == Kind.EQUAL ? 1.0 / updates : 1 - decay;
  }
}
