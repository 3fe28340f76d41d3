package io.github.lanewise.bench.lab;

import io.github.lanewise.core.UpdateSettings;

/// One parameter with its gradient and states, and the transforms that chains are made of.
///
/// Products that PyTorch's loops fuse with a sum are fused here too, so that a chain can be held
/// against an optimizer bit for bit.
public final class Cell {
  /// The parameter.
  float p;

  /// Its gradient, which the transforms turn into a step.
  float g;

  final float[] states;

  private final UpdateSettings settings;
  private double[] memory;
  private long t;

  Cell(float p, float[] states, UpdateSettings settings) {
    this.p = p;
    this.states = states;
    this.settings = settings;
  }

  /// Begins a step.
  ///
  /// @param step its number, from 1 on
  /// @param gradient of the loss
  /// @param kept what the step before left in the memory; changed by this step
  void begin(long step, float gradient, double[] kept) {
    t = step;
    g = gradient;
    memory = kept;
  }

  UpdateSettings settings() {
    return settings;
  }

  double[] memory() {
    return memory;
  }

  long t() {
    return t;
  }

  double get(String name) {
    return settings.get(name);
  }

  float rounded(String name) {
    return (float) settings.get(name);
  }

  /// Turns the gradient around for `maximize`, and adds the L2 penalty.
  void gradient() {
    sign();
    if (get("weightDecay") != 0 && !settings.is("decoupledWeightDecay")) {
      g = Math.fma(rounded("weightDecay"), p, g);
    }
  }

  /// Turns the gradient around for `maximize`.
  void sign() {
    g = settings.is("maximize") ? -g : g;
  }

  /// Takes the decoupled decay from the parameter.
  void decay() {
    if (get("weightDecay") != 0 && settings.is("decoupledWeightDecay")) {
      p *= (float) (1 - get("lr") * get("weightDecay"));
    }
  }

  /// 1 - beta^t.
  double correction(String beta) {
    return 1 - StrictMath.pow(get(beta), (double) t);
  }

  /// A running mean, as PyTorch's `lerp_`.
  void mean(int state, double beta) {
    states[state] = lerp(states[state], g, (float) (1 - beta));
  }

  /// A running mean, as PyTorch's `mul_` and `add_`.
  void sum(int state, double beta, float x) {
    states[state] = Math.fma((float) (1 - beta), x, states[state] * (float) beta);
  }

  /// A running mean of squares, as PyTorch's `mul_` and `addcmul_`.
  void squares(int state, double beta, float x) {
    states[state] = Math.fma((float) (1 - beta) * x, x, states[state] * (float) beta);
  }

  /// The parameter goes by factor times g divided by d.
  void addRatio(double factor, float x, float d) {
    p += (float) factor * x / d;
  }

  /// The parameter goes by factor times x, rounded once.
  void addFused(double factor, float x) {
    p = Math.fma((float) factor, x, p);
  }

  static float lerp(float a, float b, float weight) {
    return weight < 0.5f ? Math.fma(weight, b - a, a) : Math.fma(weight - 1, b - a, b);
  }

  static float root(float x) {
    return (float) Math.sqrt(x);
  }
}
