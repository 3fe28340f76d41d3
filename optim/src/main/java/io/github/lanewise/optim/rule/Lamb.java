package io.github.lanewise.optim.rule;

import io.github.lanewise.core.FloatArray;
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

/// The steps of [LambConfig] for one parameter: its direction, two norms, and the move.
final class Lamb implements TensorUpdate {
  private static final List<State> STATES =
      List.of(State.of("exp_avg"), State.nonNegative("exp_avg_sq"));

  private final Parameter parameter;
  private final UpdateState states;
  private final FloatArray direction;
  private final UpdateRun findDirection;
  private final UpdateRun move;
  private final UpdateScalars moved = new UpdateScalars(1);

  Lamb(Arena arena, Parameter parameter, StatePrecision precision) {
    this.parameter = parameter;
    FloatArray p = parameter.value();
    states = UpdateState.allocate(arena, precision, STATES, p.length());
    direction = FloatArray.allocate(arena, p.length());
    findDirection = UpdateRun.of(Updates.LAMB, direction, parameter.gradient(), states, 0);
    UpdateState none = UpdateState.allocate(arena, precision, List.of(), p.length());
    move = UpdateRun.of(Updates.SGD, p, direction, none, 0);
  }

  static void scalars(UpdateSettings settings, long t, float[] c) {
    double beta1 = settings.get("beta1");
    double beta2 = settings.get("beta2");
    c[0] = (float) (1 - beta1);
    c[1] = (float) beta2;
    c[2] = (float) (1 - beta2);
    c[3] = (float) (1 - settings.power("beta1", t));
    c[4] = (float) StrictMath.sqrt(1 - settings.power("beta2", t));
    c[5] = (float) settings.get("eps");
    c[6] = (float) settings.get("weightDecay");
  }

  @Override
  public void step(UpdateSettings settings, long t, UpdateScalars gradient) {
    FloatArray p = parameter.value();
    scalars(settings, t, gradient.values());
    direction.copyFrom(p);
    findDirection.step(0, p.length(), gradient);
    double norm = StrictMath.sqrt(Updates.sumOfSquares(p));
    double length = StrictMath.sqrt(Updates.sumOfSquares(direction));
    double trust = norm == 0 || length == 0 ? 1 : norm / length;
    moved.values()[0] = (float) (-settings.get("lr") * trust);
    move.step(0, p.length(), moved);
  }

  @Override
  public List<TensorState> states() {
    return List.of(state(0), state(1));
  }

  private TensorState state(int index) {
    return new TensorState(STATES.get(index).name(), parameter.shape(), states, index, 0);
  }
}
