package io.github.lanewise.optim.rule;

import io.github.lanewise.core.UpdateScalars;
import io.github.lanewise.core.UpdateSettings;
import java.util.List;

/// The steps of a [TensorRule] for one parameter.
public interface TensorUpdate {
  /// Updates the parameter and its states. Allocates nothing.
  ///
  /// @param settings their values in this step
  /// @param t the number of this step, from 1
  /// @param gradient what becomes of the gradient before the rule sees it, for
  ///     [io.github.lanewise.core.Updates#prepare]
  void step(UpdateSettings settings, long t, UpdateScalars gradient);

  /// {@return the states, where the steps keep them}
  List<TensorState> states();
}
