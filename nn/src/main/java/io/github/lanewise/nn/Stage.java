package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;

/// A layer in a session: the values of its parameters as it computes with them, and its scratch.
interface Stage {
  /// Reads the parameters as they are now.
  void refresh();

  /// Overwrites `y` with the layer's output for `x`.
  ///
  /// @param x `[rows, inputs]`
  /// @param y `[rows, outputs]`; may be `x` if the layer is elementwise
  void forward(FloatArray x, FloatArray y, int rows);

  /// Adds to the gradients of the parameters, and overwrites `gx` unless it is null.
  ///
  /// @param x what forward read; where forward wrote over it, what forward wrote
  /// @param y what forward wrote
  /// @param gy the gradient of y, `[rows, outputs]`
  /// @param gx the gradient of x, `[rows, inputs]`, or null if nobody needs it
  void backward(FloatArray x, FloatArray y, FloatArray gy, FloatArray gx, int rows);
}
