package io.github.lanewise.bench.lab;

import static io.github.lanewise.bench.lab.Dialect.Decay.DECOUPLED;
import static io.github.lanewise.bench.lab.Dialect.Decay.L2;
import static io.github.lanewise.bench.lab.Dialect.Decay.NONE;

import io.github.lanewise.bench.lab.Dialect.Decay;
import io.github.lanewise.bench.lab.Dialect.Element;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The optimizers that two or three of PyTorch, Optax and Keras have, as each computes them. The
/// first dialect of an optimizer is the one that `optim` follows.
///
/// Source: the code of PyTorch 2.13, Keras 3.16 (`keras/src/optimizers`) and Optax in 2026
/// (`optax/_src/alias.py`); the page on conventions in `optim` says more.
final class Dialects {
  private static final String OUTSIDE = "sqrt(vHat) + eps";
  private static final String HAT = "lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps)";
  private static final String BOTH = "m and v";
  private static final double[] NO_STATE = {};
  private static final double[] ONE = {0};
  private static final double[] TWO = {0, 0};

  private static final List<Dialect> ELEMENTWISE =
      List.of(
          of("sgd", "PyTorch", "none", "none", L2, Map.of("lr", 1e-3), NO_STATE, Formulas::sgd),
          of("sgd", "Optax", "none", "none", NONE, Map.of(), NO_STATE, Formulas::sgd),
          of(
              "sgd",
              "Keras",
              "none",
              "none",
              DECOUPLED,
              Map.of("lr", 0.01),
              NO_STATE,
              Formulas::sgd),
          of("adam", "PyTorch", OUTSIDE, BOTH, L2, adam(1e-3, 1e-8, 0), TWO, Formulas::adam),
          of("adam", "Optax", OUTSIDE, BOTH, NONE, adam(0, 1e-8, 0), TWO, Formulas::adam),
          of("adam", "Keras", HAT, BOTH, DECOUPLED, adam(1e-3, 1e-7, 0), TWO, Formulas::adamHat),
          of(
              "adamw",
              "PyTorch",
              OUTSIDE,
              BOTH,
              DECOUPLED,
              adam(1e-3, 1e-8, 0.01),
              TWO,
              Formulas::adam),
          of("adamw", "Optax", OUTSIDE, BOTH, DECOUPLED, adam(0, 1e-8, 1e-4), TWO, Formulas::adam),
          of(
              "adamw",
              "Keras",
              HAT,
              BOTH,
              DECOUPLED,
              adam(1e-3, 1e-7, 0.004),
              TWO,
              Formulas::adamHat),
          of(
              "nadam",
              "PyTorch",
              OUTSIDE,
              "v; m by the schedule 0.96^(0.004 t)",
              L2,
              adam(2e-3, 1e-8, 0),
              new double[] {0, 0, 1},
              (g, s, t, h) -> Formulas.nAdam(g, s, t, h, 4e-3)),
          of(
              "nadam",
              "Optax",
              OUTSIDE,
              "v; m ahead of time, without a schedule",
              NONE,
              adam(0, 1e-8, 0),
              TWO,
              Formulas::nAdamAhead),
          of(
              "nadam",
              "Keras",
              OUTSIDE,
              "v; m by the schedule 0.96^t",
              DECOUPLED,
              adam(1e-3, 1e-7, 0),
              new double[] {0, 0, 1},
              (g, s, t, h) -> Formulas.nAdam(g, s, t, h, 1)),
          of(
              "radam",
              "PyTorch",
              "(sqrt(v) + eps) / sqrt(1 - beta2^t)",
              "m and v, if rho > 5",
              L2,
              adam(1e-3, 1e-8, 0),
              TWO,
              (g, s, t, h) -> Formulas.rAdam(g, s, t, h, true)),
          of(
              "radam",
              "Optax",
              OUTSIDE,
              "m and v, if rho >= 5",
              NONE,
              adam(0, 1e-8, 0),
              TWO,
              (g, s, t, h) -> Formulas.rAdam(g, s, t, h, false)),
          of(
              "adamax",
              "PyTorch",
              "max(beta2 u, abs(g) + eps)",
              "m",
              L2,
              adam(2e-3, 1e-8, 0),
              TWO,
              (g, s, t, h) -> Formulas.adamax(g, s, t, h, true)),
          of(
              "adamax",
              "Optax",
              "max(beta2 u, abs(g) + eps)",
              "m",
              NONE,
              adam(0, 1e-8, 0),
              TWO,
              (g, s, t, h) -> Formulas.adamax(g, s, t, h, true)),
          of(
              "adamax",
              "Keras",
              "u + eps",
              "m",
              DECOUPLED,
              adam(1e-3, 1e-7, 0),
              TWO,
              (g, s, t, h) -> Formulas.adamax(g, s, t, h, false)),
          of(
              "rmsprop",
              "PyTorch",
              "sqrt(v) + eps",
              "none",
              L2,
              decay(0.01, 0.99, 1e-8),
              ONE,
              (g, s, t, h) -> Formulas.rmsProp(g, s, h, false)),
          of(
              "rmsprop",
              "Optax",
              "sqrt(v + eps)",
              "none",
              NONE,
              decay(0, 0.9, 1e-8),
              ONE,
              (g, s, t, h) -> Formulas.rmsProp(g, s, h, true)),
          of(
              "rmsprop",
              "Keras",
              "sqrt(v + eps)",
              "none",
              DECOUPLED,
              decay(1e-3, 0.9, 1e-7),
              ONE,
              (g, s, t, h) -> Formulas.rmsProp(g, s, h, true)),
          of(
              "adagrad",
              "PyTorch",
              "sqrt(sum) + eps",
              "none",
              L2,
              sum(0.01, 0, 1e-10),
              ONE,
              (g, s, t, h) -> Formulas.adagrad(g, s, t, h, false)),
          of(
              "adagrad",
              "Optax",
              "sqrt(sum + eps)",
              "none",
              NONE,
              sum(0, 0.1, 1e-7),
              ONE,
              (g, s, t, h) -> Formulas.adagrad(g, s, t, h, true)),
          of(
              "adagrad",
              "Keras",
              "sqrt(sum + eps)",
              "none",
              DECOUPLED,
              sum(1e-3, 0.1, 1e-7),
              ONE,
              (g, s, t, h) -> Formulas.adagrad(g, s, t, h, true)),
          of(
              "adadelta",
              "PyTorch",
              "sqrt(u + eps) / sqrt(v + eps)",
              "none",
              L2,
              decay(1, 0.9, 1e-6),
              TWO,
              Formulas::adadelta),
          of(
              "adadelta",
              "Optax",
              "sqrt(u + eps) / sqrt(v + eps)",
              "none",
              L2,
              decay(0, 0.9, 1e-6),
              TWO,
              Formulas::adadelta),
          of(
              "adadelta",
              "Keras",
              "sqrt(u + eps) / sqrt(v + eps)",
              "none",
              DECOUPLED,
              decay(1e-3, 0.95, 1e-7),
              TWO,
              Formulas::adadelta),
          of("lion", "the paper", "none", "none", DECOUPLED, betas(1e-4, 0), ONE, Formulas::lion),
          of("lion", "Optax", "none", "none", DECOUPLED, betas(0, 1e-3), ONE, Formulas::lion),
          of("lion", "Keras", "none", "none", DECOUPLED, betas(1e-3, 0), ONE, Formulas::lion));

  private Dialects() {}

  /// Every dialect, those of one optimizer side by side.
  static List<Dialect> all() {
    return Stream.concat(ELEMENTWISE.stream(), MoreDialects.ALL.stream()).toList();
  }

  private static Dialect of(
      String optimizer,
      String library,
      String epsilon,
      String correction,
      Decay decay,
      Map<String, Double> defaults,
      double[] states,
      Element element) {
    return new Dialect(
        optimizer, library, epsilon, correction, decay, defaults, states, Dialect.each(element));
  }

  /// The settings of Adam and its kin; lr is left out if it is 0.
  private static Map<String, Double> adam(double lr, double eps, double decay) {
    return withRate(lr, Map.of("beta1", 0.9, "beta2", 0.999, "eps", eps, "weightDecay", decay));
  }

  private static Map<String, Double> decay(double lr, double rho, double eps) {
    return withRate(lr, Map.of("rho", rho, "eps", eps));
  }

  private static Map<String, Double> sum(double lr, double first, double eps) {
    return withRate(lr, Map.of("firstSum", first, "eps", eps));
  }

  private static Map<String, Double> betas(double lr, double decay) {
    return withRate(lr, Map.of("beta1", 0.9, "beta2", 0.99, "weightDecay", decay));
  }

  private static Map<String, Double> withRate(double lr, Map<String, Double> others) {
    Map<String, Double> all = new java.util.TreeMap<>(others);
    if (lr != 0) {
      all.put("lr", lr);
    }
    return all;
  }
}
