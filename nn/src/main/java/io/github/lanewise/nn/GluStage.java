package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Glu;

/// A gated linear unit in a session. It has no parameters.
final class GluStage implements Stage {
  private final int cols;

  /// @param cols features of a row of y; a row of x has twice as many
  GluStage(int cols) {
    this.cols = cols;
  }

  @Override
  public void refresh() {}

  @Override
  public void forward(FloatArray x, FloatArray y, int rows) {
    Glu.forward(x, y, rows, cols);
  }

  @Override
  public void backward(FloatArray x, FloatArray y, FloatArray gy, FloatArray gx, int rows) {
    if (gx != null) {
      Glu.backward(x, gy, gx, rows, cols);
    }
  }
}
