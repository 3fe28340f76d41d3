package io.github.lanewise.optim.lbfgs;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.StateDict;

/// What the numbers in a saved state of L-BFGS must be, beside the names and shapes.
final class LbfgsState {
  private LbfgsState() {}

  /// How many pairs of the history the state has.
  static int pairs(StateDict state, String prefix) {
    int pairs = 0;
    while (state.names().contains(prefix + "old_dirs." + pairs)) {
      pairs++;
    }
    return pairs;
  }

  /// Refuses a state that has more pairs than are kept, or a value that is not finite.
  static void require(StateDict state, String prefix, int historySize) {
    int pairs = pairs(state, prefix);
    if (pairs > historySize) {
      throw new IllegalArgumentException(
          "the state has " + pairs + " pairs, but historySize is " + historySize);
    }
    for (String name : state.names()) {
      FloatArray values = state.get(name).values();
      values.requireUsable(name + " of the source");
      for (long i = 0; i < values.length(); i++) {
        if (!Float.isFinite(values.get(i))) {
          throw new IllegalArgumentException(
              name + " has a value " + values.get(i) + ", must be finite");
        }
      }
    }
  }

  /// A number of evaluations or of iterations.
  static long count(StateDict state, String name) {
    FloatArray values = state.get(name).values();
    if (values.length() != 1) {
      throw new IllegalArgumentException(
          name + " has shape " + state.get(name).shape() + ", but [] is needed");
    }
    float count = values.get(0);
    if (!(count >= 0 && count < Long.MAX_VALUE && count == (float) (long) count)) {
      throw new IllegalArgumentException(name + " is " + count + ", not a whole number");
    }
    return (long) count;
  }
}
