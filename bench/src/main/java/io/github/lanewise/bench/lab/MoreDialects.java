package io.github.lanewise.bench.lab;

import static io.github.lanewise.bench.lab.Dialect.Decay.DECOUPLED;
import static io.github.lanewise.bench.lab.Dialect.Decay.L2;
import static io.github.lanewise.bench.lab.Dialect.Decay.NONE;
import static io.github.lanewise.bench.lab.Dialect.Decay.OWN;
import static io.github.lanewise.bench.lab.Dialect.Decay.PROXIMAL;
import static io.github.lanewise.bench.lab.Dialect.each;
import static java.util.Map.entry;

import java.util.List;
import java.util.Map;

/// The dialects of optimizers that are a setting of another one, that not every library has, or
/// that look at whole parameters. Sources as for [Dialects]; the first of each is what `optim`
/// follows.
final class MoreDialects {
  private static final String OUTSIDE = "sqrt(vHat) + eps";
  private static final String BOTH = "m and v";

  static final List<Dialect> ALL =
      List.of(
          new Dialect(
              "amsgrad",
              "PyTorch",
              "sqrt(largest v / (1 - beta2^t)) + eps",
              BOTH,
              L2,
              adam(1e-3, 1e-8),
              new double[3],
              each((g, s, t, h) -> Formulas.amsGrad(g, s, t, h, false, false))),
          new Dialect(
              "amsgrad",
              "Optax",
              "sqrt(largest vHat) + eps",
              BOTH,
              NONE,
              Map.of("beta1", 0.9, "beta2", 0.999, "eps", 1e-8),
              new double[3],
              each((g, s, t, h) -> Formulas.amsGrad(g, s, t, h, true, false))),
          new Dialect(
              "amsgrad",
              "Keras",
              "epsilon-hat, largest v",
              BOTH,
              DECOUPLED,
              adam(1e-3, 1e-7),
              new double[3],
              each((g, s, t, h) -> Formulas.amsGrad(g, s, t, h, false, true))),
          rprop("PyTorch", Map.of("lr", 0.01, "etaMinus", 0.5, "etaPlus", 1.2)),
          rprop("Optax", Map.of("etaMinus", 0.5, "etaPlus", 1.2)),
          adan("the authors", "sqrt(nHat) + eps", PROXIMAL, entry("lr", 1e-3)),
          adan("Optax", "sqrt(nHat + eps_root) + eps", DECOUPLED, entry("epsRoot", 1e-8)),
          adaBelief("the paper", DECOUPLED, true),
          adaBelief("Optax", NONE, false),
          scheduleFree("the authors", entry("lr", 1.0), Formulas::scheduleFreeByY),
          scheduleFree("Optax", entry("lr", 1.0), Formulas::scheduleFreeByX),
          lamb("the paper", OWN, entry("lr", 1e-3), 1e-6),
          lamb("Optax", OWN, entry("weightDecay", 0.0), 1e-6),
          lamb("Keras", DECOUPLED, entry("lr", 1e-3), 1e-7),
          new Dialect(
              "adafactor",
              "PyTorch",
              "sqrt(max(v, eps1^2))",
              "none, weight t^-0.8",
              DECOUPLED,
              Map.of("lr", 0.01, "eps1", 0x1p-23, "eps2", 1e-3, "d", 1.0),
              new double[1],
              (p, g, s, t, h) -> Formulas.adafactor(p, g, s, t, h, false, true)),
          new Dialect(
              "adafactor",
              "Optax",
              "mean of g g + eps1",
              "none, weight t^-0.8; lr as it is",
              NONE,
              Map.of("eps1", 1e-30, "eps2", 1e-3, "d", 1.0),
              new double[1],
              (p, g, s, t, h) -> Formulas.adafactor(p, g, s, t, h, true, false)),
          new Dialect(
              "adafactor",
              "Keras",
              "mean of g g + eps1",
              "none, weight t^-0.8",
              DECOUPLED,
              Map.of("lr", 1e-3, "eps1", 1e-30, "eps2", 1e-3, "d", 1.0),
              new double[1],
              (p, g, s, t, h) -> Formulas.adafactor(p, g, s, t, h, true, true)));

  private MoreDialects() {}

  private static Map<String, Double> adam(double lr, double eps) {
    return Map.of("lr", lr, "beta1", 0.9, "beta2", 0.999, "eps", eps);
  }

  private static Dialect rprop(String library, Map<String, Double> defaults) {
    double[] states = {0, 0};
    return new Dialect(
        "rprop", library, "none", "none", NONE, defaults, states, each(Formulas::rprop));
  }

  private static Dialect adan(
      String library, String epsilon, Dialect.Decay decay, Map.Entry<String, Double> own) {
    Map<String, Double> defaults =
        Map.ofEntries(
            own,
            entry("beta1", 0.98),
            entry("beta2", 0.92),
            entry("beta3", 0.99),
            entry("eps", 1e-8));
    double[] states = new double[4];
    return new Dialect(
        "adan", library, epsilon, "all", decay, defaults, states, each(Formulas::adan));
  }

  private static Dialect adaBelief(String library, Dialect.Decay decay, boolean isNew) {
    Map<String, Double> defaults =
        isNew ? adam(1e-3, 1e-16) : Map.of("beta1", 0.9, "beta2", 0.999, "eps", 1e-16);
    return new Dialect(
        "adabelief",
        library,
        "in v, and outside the root",
        isNew ? "m and v; v by the new m" : "m and v; v by the m before",
        decay,
        defaults,
        new double[2],
        each((g, s, t, h) -> Formulas.adaBelief(g, s, t, h, isNew)));
  }

  private static Dialect scheduleFree(
      String library, Map.Entry<String, Double> lr, Dialect.Formula formula) {
    Map<String, Double> defaults = Map.ofEntries(lr, entry("momentum", 0.9));
    double[] states = new double[2];
    return new Dialect("schedule_free_sgd", library, "none", "none", L2, defaults, states, formula);
  }

  private static Dialect lamb(
      String library, Dialect.Decay decay, Map.Entry<String, Double> own, double eps) {
    Map<String, Double> defaults =
        Map.ofEntries(own, entry("beta1", 0.9), entry("beta2", 0.999), entry("eps", eps));
    boolean isInside = decay == OWN;
    return new Dialect(
        "lamb",
        library,
        OUTSIDE,
        BOTH,
        decay,
        defaults,
        new double[2],
        (p, g, s, t, h) -> Formulas.lamb(p, g, s, t, h, isInside));
  }
}
