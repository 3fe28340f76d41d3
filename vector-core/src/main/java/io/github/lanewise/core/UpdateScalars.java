package io.github.lanewise.core;

/// The scalars of one step of an [UpdateRun]. An optimizer fills them anew for each step.
///
/// Not thread-safe while it is filled; then any number of threads may read it.
public final class UpdateScalars {
  private final float[] values;
  private float scale = 1f;
  private float shrink = 1f;
  private float averageWeight = Float.NaN;
  private boolean zeroesGradient;
  private int roundingKey;

  /// Creates scalars that change nothing: no clipping, no decay, the gradient as it is.
  ///
  /// @param count how many scalars the rule's loop has at most
  public UpdateScalars(int count) {
    values = new float[count + 2];
    values[count] = Float.POSITIVE_INFINITY;
  }

  /// {@return the scalars of the rule, to be filled; two more follow them, which [#gradient] sets}
  public float[] values() {
    return values;
  }

  /// Sets what becomes of the gradient: clamp(scale g, -clip, clip) + decay p, or with -scale if
  /// the loss is to grow.
  ///
  /// @param scale a factor, such as that of clipping by the norm
  /// @param clip the largest absolute value of an element; infinity to leave them
  /// @param isMaximized whether the sign of the gradient is turned
  /// @param decay the L2 penalty
  /// @return this
  public UpdateScalars gradient(double scale, double clip, boolean isMaximized, double decay) {
    this.scale = isMaximized ? (float) -scale : (float) scale;
    values[values.length - 2] = (float) clip;
    values[values.length - 1] = (float) decay;
    return this;
  }

  /// Sets the factor of the parameters, 1 - lr weightDecay where decay is decoupled.
  ///
  /// @param shrink 1 to leave them
  /// @return this
  public UpdateScalars shrink(double shrink) {
    this.shrink = (float) shrink;
    return this;
  }

  /// Sets what follows the rule.
  ///
  /// @param averageWeight how far the average moves towards the parameters; NaN to leave it
  /// @param zeroesGradient whether the gradient becomes 0
  /// @param roundingKey for parameters that are rounded to bfloat16 at random; 0 to leave them
  /// @return this
  public UpdateScalars after(double averageWeight, boolean zeroesGradient, int roundingKey) {
    this.averageWeight = (float) averageWeight;
    this.zeroesGradient = zeroesGradient;
    this.roundingKey = roundingKey;
    return this;
  }

  /// Whether anything but an average follows the rule.
  boolean endsWithMore() {
    return zeroesGradient || roundingKey != 0;
  }

  float averageWeight() {
    return averageWeight;
  }

  boolean zeroesGradient() {
    return zeroesGradient;
  }

  int roundingKey() {
    return roundingKey;
  }

  /// Whether the gradient changes by more than a factor.
  boolean isPrepared() {
    return isClipped() || isDecayed();
  }

  boolean isClipped() {
    return clip() != Float.POSITIVE_INFINITY;
  }

  boolean isDecayed() {
    return decay() != 0f;
  }

  float scale() {
    return scale;
  }

  float clip() {
    return values[values.length - 2];
  }

  float decay() {
    return values[values.length - 1];
  }

  float shrink() {
    return shrink;
  }
}
