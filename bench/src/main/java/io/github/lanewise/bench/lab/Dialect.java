package io.github.lanewise.bench.lab;

import java.util.Map;

/// How one library computes an optimizer: its conventions in words and as a formula.
///
/// @param optimizer the name in `optim`
/// @param library such as `Optax`
/// @param epsilon where epsilon stands
/// @param correction which moments are corrected
/// @param decay what weight decay does
/// @param defaults of the settings; without `lr` where the library has none
/// @param states the first value of each state
/// @param formula the step
@SuppressWarnings("ArrayRecordComponent") // nobody asks whether two are equal
record Dialect(
    String optimizer,
    String library,
    String epsilon,
    String correction,
    Decay decay,
    Map<String, Double> defaults,
    double[] states,
    Formula formula) {
  /// What becomes of a weight decay.
  enum Decay {
    L2("added to the gradient"),
    DECOUPLED("decoupled, scaled by lr"),
    NONE("none");

    private final String words;

    Decay(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  /// The step of a rule in double, before decoupled decay.
  @FunctionalInterface
  interface Formula {
    /// Returns what is taken from the parameter.
    double step(double g, double[] s, int t, Map<String, Double> h);
  }

  /// Returns the parameter after a step.
  double step(double p, double gradient, double[] s, int t, Map<String, Double> h) {
    double wd = h.getOrDefault("weightDecay", 0.0);
    double g = decay == Decay.L2 ? gradient + wd * p : gradient;
    double kept = decay == Decay.DECOUPLED ? p * (1 - h.get("lr") * wd) : p;
    return kept - formula.step(g, s, t, h);
  }
}
