package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;

/// A layer that changes nothing and runs a test's code: what happens while a call is inside a
/// session.
final class HookStage implements Stage {
  Runnable onRefresh = () -> {};
  Runnable onForward = () -> {};
  Runnable onBackward = () -> {};

  @Override
  public void refresh() {
    onRefresh.run();
  }

  @Override
  public void forward(FloatArray x, FloatArray y, int rows) {
    onForward.run();
    y.copyFrom(x);
  }

  @Override
  public void backward(FloatArray x, FloatArray y, FloatArray gy, FloatArray gx, int rows) {
    onBackward.run();
    if (gx != null) {
      gx.copyFrom(gy);
    }
  }
}
