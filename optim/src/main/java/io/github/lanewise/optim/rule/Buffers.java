package io.github.lanewise.optim.rule;

import io.github.lanewise.core.UpdateSettings;

/// What rules with a momentum buffer have in common.
final class Buffers {
  private Buffers() {}

  /// Requires that a rule without a buffer gets no momentum later: it has no state to hold it.
  static void requireMomentum(double first, UpdateSettings settings) {
    double momentum = settings.get("momentum");
    if (first == 0 && momentum > 0) {
      throw new IllegalArgumentException(
          "momentum is "
              + momentum
              + ", must be 0: the optimizer was made without momentum, and so without a buffer");
    }
  }
}
