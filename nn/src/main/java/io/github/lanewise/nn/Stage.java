package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;

/// A layer in a session: its parameters, packed, and the scratch that its passes need.
interface Stage {
  /// Takes over the parameters as they are now.
  void refresh();

  /// Overwrites `y` with the layer's output for the rows of `x`.
  void forward(FloatArray x, FloatArray y, int rows);

  /// Adds to the gradients of the parameters, and overwrites `gx` unless it is null.
  ///
  /// @param x what forward read, unless it worked in place
  /// @param y what forward wrote
  void backward(FloatArray x, FloatArray y, FloatArray gy, FloatArray gx, int rows);
}
