package io.github.lanewise.optim.schedule;

/// What a [Scheduler] sets: the settings of an optimizer, or of one of its groups of parameters.
public interface ScheduledSettings {
  /// {@return the learning rate of the next step}
  double learningRate();

  /// Sets the learning rate from the next step on.
  ///
  /// @param learningRate at least 0
  /// @throws IllegalArgumentException if it is negative or not finite
  void setLearningRate(double learningRate);

  /// {@return whether there is a momentum to set}
  default boolean hasMomentum() {
    return false;
  }

  /// {@return the momentum of the next step: SGD's and RMSprop's `momentum`, the `beta1` of Adam
  /// and its kin}
  ///
  /// @throws UnsupportedOperationException if there is [none][#hasMomentum]
  default double momentum() {
    throw new UnsupportedOperationException("this optimizer has no momentum");
  }

  /// Sets the momentum from the next step on.
  ///
  /// @param momentum at least 0 and below 1
  /// @throws IllegalArgumentException if it is outside that range
  /// @throws UnsupportedOperationException if there is [none][#hasMomentum]
  default void setMomentum(double momentum) {
    throw new UnsupportedOperationException("this optimizer has no momentum");
  }
}
