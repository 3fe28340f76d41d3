package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.ParametricRelu;

/// A parametric ReLU in a session.
final class PReluStage implements Stage {
  private final Parameter slope;
  private final int cols;

  PReluStage(Parameter slope, int cols) {
    this.slope = slope;
    this.cols = cols;
  }

  @Override
  public void refresh() {}

  @Override
  public void forward(FloatArray x, FloatArray y, int rows) {
    ParametricRelu.forward(x, slope.value(), y, rows, cols);
  }

  @Override
  public void backward(FloatArray x, FloatArray y, FloatArray gy, FloatArray gx, int rows) {
    ParametricRelu.addSlopeGradient(x, gy, slope.gradient(), rows, cols);
    if (gx != null) {
      ParametricRelu.backward(x, slope.value(), gy, gx, rows, cols);
    }
  }
}
