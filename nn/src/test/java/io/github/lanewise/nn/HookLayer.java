package io.github.lanewise.nn;

import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.ServedLayer;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.OptionalInt;

/// A layer that changes nothing and runs a test's code: what happens while a call is inside a
/// session.
final class HookLayer implements Layer {
  private final int features;

  Runnable onRefresh = () -> {};
  Runnable onForward = () -> {};
  Runnable onBackward = () -> {};

  HookLayer(int features) {
    this.features = features;
  }

  @Override
  public OptionalInt inputs(OptionalInt outputs) {
    return OptionalInt.of(features);
  }

  @Override
  public void forward(Batch x, List<FloatArray> parameters, Batch y) {
    onForward.run();
    y.array().copyFrom(x.array());
  }

  @Override
  public void backward(
      Batch x,
      Batch y,
      Batch gy,
      List<FloatArray> parameters,
      List<FloatArray> gradients,
      Batch gx) {
    onBackward.run();
    if (gx != null) {
      gx.array().copyFrom(gy.array());
    }
  }

  @Override
  public ServedLayer serve(int inputs, Arena arena) {
    return new ServedLayer() {
      @Override
      public void load(List<FloatArray> parameters) {
        onRefresh.run();
      }

      @Override
      public void forward(Batch x, Batch y) {
        HookLayer.this.forward(x, List.of(), y);
      }
    };
  }
}
