package io.github.lanewise.core;

import java.lang.foreign.Arena;
import java.util.List;

/// A layer that is served as it is described, with a plain copy of its parameters.
final class CopiedLayer implements ServedLayer {
  private final Layer layer;
  private final List<FloatArray> copies;

  CopiedLayer(Layer layer, Arena arena) {
    this.layer = layer;
    this.copies =
        layer.parameters().stream()
            .map(parameter -> FloatArray.allocate(arena, parameter.shape().elements()))
            .toList();
  }

  @Override
  public void load(List<FloatArray> parameters) {
    for (int i = 0; i < copies.size(); i++) {
      copies.get(i).copyFrom(parameters.get(i));
    }
  }

  @Override
  public void forward(Batch x, Batch y) {
    layer.forward(x, copies, y);
  }
}
