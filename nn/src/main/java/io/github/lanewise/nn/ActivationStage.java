package io.github.lanewise.nn;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;

/// An activation in a session. It has no parameters.
final class ActivationStage implements Stage {
  private final Activation activation;

  ActivationStage(Activation activation) {
    this.activation = activation;
  }

  @Override
  public void refresh() {}

  @Override
  public void forward(FloatArray x, FloatArray y, int rows) {
    activation.forward(x, y);
  }

  @Override
  public void backward(FloatArray x, FloatArray y, FloatArray gy, FloatArray gx, int rows) {
    if (gx != null) {
      activation.backward(activation.savesOutput() ? y : x, gy, gx);
    }
  }
}
