package io.github.lanewise.optim.rule;

import io.github.lanewise.core.AdafactorRun;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateRule.State;
import io.github.lanewise.core.UpdateScalars;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.UpdateState;
import io.github.lanewise.core.Updates;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;

/// The steps of [AdafactorConfig] for one parameter. A parameter with more than two dimensions is a
/// row of matrices; each has rows and columns of its own, as in PyTorch.
final class Adafactor implements TensorUpdate {
  private final FloatArray p;
  private final AdafactorRun run;
  private final List<TensorState> states;

  Adafactor(Arena arena, Parameter parameter, StatePrecision precision) {
    p = parameter.value();
    FloatArray g = parameter.gradient();
    Shape shape = parameter.shape();
    int rank = shape.rank();
    if (rank < 2) {
      TensorState variance = state(arena, precision, "variance", shape);
      states = List.of(variance);
      run = AdafactorRun.ofVector(p, g, variance.kept());
    } else {
      TensorState rowVar = state(arena, precision, "row_var", reduced(shape, rank - 1));
      TensorState colVar = state(arena, precision, "col_var", reduced(shape, rank - 2));
      states = List.of(rowVar, colVar);
      long rows = shape.size(rank - 2);
      int cols = Math.toIntExact(shape.size(rank - 1));
      run = AdafactorRun.ofMatrices(arena, p, g, rowVar.kept(), colVar.kept(), rows, cols);
    }
  }

  private static TensorState state(
      Arena arena, StatePrecision precision, String name, Shape shape) {
    List<State> one = List.of(State.nonNegative(name));
    UpdateState kept = UpdateState.allocate(arena, precision, one, shape.elements());
    return new TensorState(name, shape, kept, 0, 0);
  }

  /// The shape with one dimension of size 1.
  private static Shape reduced(Shape shape, int dimension) {
    long[] sizes = new long[shape.rank()];
    Arrays.setAll(sizes, i -> i == dimension ? Math.min(1, shape.elements()) : shape.size(i));
    return Shape.of(sizes);
  }

  @Override
  public void step(UpdateSettings settings, long t, UpdateScalars gradient) {
    double root = StrictMath.sqrt((double) p.length());
    double lr = settings.get("lr");
    double eps1 = settings.get("eps1");
    double rms = StrictMath.sqrt(Updates.sumOfSquares(p)) / root;
    double most = Math.min(lr, 1 / StrictMath.sqrt((double) t));
    double alpha = Math.max(settings.get("eps2"), rms) * most;
    float[] c = gradient.values();
    c[0] = (float) Power.of((double) t, settings.get("beta2Decay"));
    c[1] = (float) eps1;
    c[2] = 1f / (float) StrictMath.sqrt((float) (eps1 * eps1));
    double length = StrictMath.sqrt(run.sumOfSquares(gradient));
    c[3] = (float) (-alpha / Math.max(1, length / (root * settings.get("d"))));
    run.move(gradient.shrink(1 - lr * settings.get("weightDecay")));
  }

  @Override
  public List<TensorState> states() {
    return states;
  }
}
