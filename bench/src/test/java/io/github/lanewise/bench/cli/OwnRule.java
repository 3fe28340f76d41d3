package io.github.lanewise.bench.cli;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import java.util.List;

/// A rule as a researcher would bring it: steps of the sign of a running mean, for one element.
public final class OwnRule implements UpdateRule, UpdateLoop.Element {
  private final UpdateLoop loop = UpdateLoop.ofElements(this);

  @Override
  public String name() {
    return "own_sign";
  }

  @Override
  public List<Setting> settings() {
    return List.of(Setting.atLeastZero("lr", 0.01), Setting.atLeastZero("beta", 0.9));
  }

  @Override
  public List<State> states() {
    return List.of(State.of("mean"));
  }

  @Override
  public UpdateLoop loop() {
    return loop;
  }

  @Override
  public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
    c[0] = (float) settings.get("lr");
    c[1] = (float) settings.get("beta");
  }

  @Override
  public void update(float[] x, float[] c) {
    x[2] = c[1] * x[2] + (1 - c[1]) * x[1];
    x[0] -= c[0] * Math.signum(x[2]);
  }
}
