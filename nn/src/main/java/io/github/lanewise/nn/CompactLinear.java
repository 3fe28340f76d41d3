package io.github.lanewise.nn;

import io.github.lanewise.core.Affine;
import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.ServedLayer;
import java.lang.foreign.Arena;
import java.util.List;

/// A linear layer that answers, with a packed copy of its weight, rounded to
/// bfloat16, and of its bias.
final class CompactLinear implements ServedLayer {
  private final int in;
  private final int out;
  private final FloatArray packed;

  CompactLinear(int in, int out, Arena arena) {
    this.in = in;
    this.out = out;
    this.packed = FloatArray.allocate(arena, Affine.compactElements(in, out));
  }

  @Override
  public void load(List<FloatArray> parameters) {
    Affine.packCompact(parameters.get(0), parameters.get(1), packed, in, out);
  }

  @Override
  public void forward(Batch x, Batch y) {
    Affine.forwardCompact(x, packed, y);
  }

  @Override
  public boolean takesRow() {
    return true;
  }

  @Override
  public void forwardRow(FloatArray x, FloatArray y) {
    Affine.forwardCompact(x, packed, y, in, out);
  }
}
