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
    PROXIMAL("p divided by 1 + lr wd"),
    OWN("inside the step"),
    NONE("none");

    private final String words;

    Decay(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  /// The steps of a rule in double for a whole parameter, before decoupled decay.
  @FunctionalInterface
  interface Formula {
    /// Returns what is taken from each element.
    double[] steps(double[] p, double[] g, double[][] s, int t, Map<String, Double> h);
  }

  /// The step of a rule that looks at each element alone.
  @FunctionalInterface
  interface Element {
    /// Returns what is taken from the element.
    double step(double g, double[] s, int t, Map<String, Double> h);
  }

  /// Returns the formula that treats each element alone.
  static Formula each(Element element) {
    return (p, g, s, t, h) -> {
      double[] steps = new double[p.length];
      for (int i = 0; i < p.length; i++) {
        steps[i] = element.step(g[i], s[i], t, h);
      }
      return steps;
    };
  }

  /// Returns the name of the rule that has this optimizer: AMSGrad is a setting of Adam.
  String rule() {
    return optimizer.equals("amsgrad") ? "adam" : optimizer;
  }

  /// Overwrites the parameters with those after a step.
  void step(double[] p, double[] gradient, double[][] s, int t, Map<String, Double> h) {
    double wd = h.getOrDefault("weightDecay", 0.0);
    double lr = h.get("lr");
    double[] g = gradient.clone();
    for (int i = 0; i < p.length && decay == Decay.L2; i++) {
      g[i] += wd * p[i];
    }
    double[] steps = formula.steps(p, g, s, t, h);
    for (int i = 0; i < p.length; i++) {
      double kept = decay == Decay.DECOUPLED ? p[i] * (1 - lr * wd) : p[i];
      double moved = kept - steps[i];
      p[i] = decay == Decay.PROXIMAL ? moved / (1 + lr * wd) : moved;
    }
  }
}
