package io.github.lanewise.core;

import java.util.List;

/// A layer that answers with a copy of its parameters, laid out for speed. Any number of sessions
/// share it, since only [#load] changes it.
public interface ServedLayer {
  /// Copies the parameters. No other call may run meanwhile.
  ///
  /// @param parameters in the order of [Layer#parameters]
  void load(List<FloatArray> parameters);

  /// Overwrites `y` with the layer's output for `x`.
  ///
  /// @param x rows of inputs
  /// @param y as many rows of outputs
  void forward(Batch x, Batch y);

  /// {@return whether [#forwardRow] can be called} A session runs few rows one by one, where the
  /// layer can do that: with a row in each lane most lanes would be empty.
  default boolean takesRow() {
    return false;
  }

  /// Overwrites `y` with the layer's output for a single row.
  ///
  /// Both arrays are as long as their features rounded up to a multiple of [Batch#LANES]; the
  /// elements beyond the features are unspecified.
  ///
  /// @param x the inputs
  /// @param y the outputs
  /// @throws UnsupportedOperationException if the layer does not take rows
  default void forwardRow(FloatArray x, FloatArray y) {
    throw new UnsupportedOperationException("this layer takes batches only");
  }
}
