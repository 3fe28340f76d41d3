package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.ParametricRelu;
import java.lang.foreign.Arena;

/// A parametric ReLU in a session.
final class PReluStage implements Stage {
  private final Parameter parameter;
  private final Operand slope;
  private final int cols;

  private PReluStage(Parameter parameter, Operand slope, int cols) {
    this.parameter = parameter;
    this.slope = slope;
    this.cols = cols;
  }

  static PReluStage forInference(Parameter slope, int cols, Arena arena) {
    return new PReluStage(slope, Operand.copied(slope, arena), cols);
  }

  static PReluStage forTraining(Parameter slope, int cols) {
    return new PReluStage(slope, Operand.live(slope), cols);
  }

  @Override
  public void refresh() {
    slope.refresh();
  }

  @Override
  public void forward(FloatArray x, FloatArray y, int rows) {
    ParametricRelu.forward(x, slope.values(), y, rows, cols);
  }

  @Override
  public void backward(FloatArray x, FloatArray y, FloatArray gy, FloatArray gx, int rows) {
    ParametricRelu.addSlopeGradient(x, gy, parameter.gradient(), rows, cols);
    if (gx != null) {
      ParametricRelu.backward(x, slope.values(), gy, gx, rows, cols);
    }
  }
}
