package io.github.lanewise.optim.rule;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Gemm;
import io.github.lanewise.core.Matrix;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateRule.State;
import io.github.lanewise.core.UpdateRun;
import io.github.lanewise.core.UpdateScalars;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.UpdateState;
import io.github.lanewise.core.Updates;
import java.lang.foreign.Arena;
import java.util.List;

/// The steps of [MuonConfig] for one matrix.
///
/// A step of Newton and Schulz is x = a x + (b k + c k k) x with k = x x^T, on the matrix or its
/// transpose, whichever has fewer rows.
final class Muon implements TensorUpdate {
  private static final List<State> STATES = List.of(State.of("momentum_buffer"));

  private final Parameter parameter;
  private final UpdateState buffer;
  private final FloatArray x;
  private final FloatArray y;
  private final FloatArray gram;
  private final FloatArray mixed;
  private final Matrix wideX;
  private final Matrix wideXTransposed;
  private final Matrix wideY;
  private final Matrix gramMatrix;
  private final Matrix mixedMatrix;
  private final Gemm gemm;
  private final UpdateRun scaleX;
  private final UpdateRun mix;
  private final UpdateRun addX;
  private final UpdateRun move;
  private final UpdateScalars scalars = new UpdateScalars(1);

  Muon(Arena arena, Parameter parameter, StatePrecision precision) {
    if (parameter.shape().rank() != 2 || parameter.shape().elements() == 0) {
      throw new IllegalArgumentException(
          "muon takes matrices, but %s has shape %s"
              .formatted(parameter.name(), parameter.shape()));
    }
    this.parameter = parameter;
    int rows = Math.toIntExact(parameter.shape().size(0));
    int cols = Math.toIntExact(parameter.shape().size(1));
    int few = Math.min(rows, cols);
    int many = Math.max(rows, cols);
    FloatArray p = parameter.value();
    buffer = UpdateState.allocate(arena, precision, STATES, p.length());
    x = FloatArray.allocate(arena, p.length());
    y = FloatArray.allocate(arena, p.length());
    gram = FloatArray.allocate(arena, (long) few * few);
    mixed = FloatArray.allocate(arena, (long) few * few);
    Matrix xs = Matrix.of(x, rows, cols);
    Matrix ys = Matrix.of(y, rows, cols);
    wideX = rows > cols ? xs.transposed() : xs;
    wideXTransposed = rows > cols ? xs : xs.transposed();
    wideY = rows > cols ? ys.transposed() : ys;
    gramMatrix = Matrix.of(gram, few, few);
    mixedMatrix = Matrix.of(mixed, few, few);
    gemm = Gemm.allocate(arena, many, many, many);
    UpdateState none = UpdateState.allocate(arena, StatePrecision.FLOAT32, List.of(), p.length());
    scaleX = UpdateRun.of(Updates.SGD, x, y, none, 0);
    mix = UpdateRun.of(Updates.SGD, mixed, gram, none, 0);
    addX = UpdateRun.of(Updates.SGD, y, x, none, 0);
    move = UpdateRun.of(Updates.SGD, p, x, none, 0);
  }

  @Override
  public void step(UpdateSettings settings, long t, UpdateScalars gradient) {
    double momentum = settings.get("momentum");
    Updates.prepare(parameter.value(), parameter.gradient(), x, gradient);
    buffer.read(0, 0, y); // y is not needed for anything else yet
    Updates.lerp(y, x, y, 1 - momentum);
    buffer.write(0, 0, y);
    Updates.lerp(x, y, x, settings.is("nesterov") ? momentum : 1);
    orthogonalise(settings);
    double rows = parameter.shape().size(0);
    double cols = parameter.shape().size(1);
    double ratio =
        settings.is("matchRms")
            ? 0.2 * StrictMath.sqrt(Math.max(rows, cols))
            : StrictMath.sqrt(Math.max(1, rows / cols));
    double lr = settings.get("lr");
    add(move, 1 - lr * settings.get("weightDecay"), -lr * ratio);
  }

  /// x = the nearest orthogonal matrix to x, roughly.
  private void orthogonalise(UpdateSettings settings) {
    double norm = StrictMath.sqrt(Updates.sumOfSquares(x));
    y.fill(0f);
    add(scaleX, 1 / Math.max(norm, settings.get("eps")), 0);
    for (int step = 0; step < settings.get("nsSteps"); step++) {
      gemm.multiply(wideX, wideXTransposed, gramMatrix);
      gemm.multiply(gramMatrix, gramMatrix, mixedMatrix);
      add(mix, settings.get("nsC"), settings.get("nsB"));
      gemm.multiply(mixedMatrix, wideX, wideY);
      add(addX, 1, settings.get("nsA"));
      x.copyFrom(y);
    }
  }

  /// target = keep target + factor source, for the arrays of a run.
  private void add(UpdateRun run, double keep, double factor) {
    scalars.shrink(keep);
    scalars.values()[0] = (float) factor;
    run.step(0, run.length(), scalars);
  }

  @Override
  public List<TensorState> states() {
    return List.of(new TensorState(STATES.getFirst().name(), parameter.shape(), buffer, 0, 0));
  }
}
