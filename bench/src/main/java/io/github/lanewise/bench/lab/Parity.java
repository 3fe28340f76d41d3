package io.github.lanewise.bench.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// How far the dialects of a library go from the one that `optim` follows, on the same gradients.
///
/// All formulas are computed in double and only their parameters are rounded to floats, so that
/// what differs is the convention and not the rounding.
///
/// @param dialect the other dialect
/// @param reference the one that `optim` follows
/// @param variant which settings both have
/// @param differences after each step: the largest number of floats between two parameters
@SuppressWarnings("ArrayRecordComponent") // nobody asks whether two are equal
record Parity(Dialect dialect, Dialect reference, Variant variant, double[] differences) {
  static final int STEPS = 100;

  /// The parameters, which begin at 1. The gradients of the k-th are 10^(-k / 2) large.
  static final int ELEMENTS = 17;

  private static final double RATE = 1e-3;
  private static final double DECAY = 0.01;

  /// Which settings the two dialects have.
  enum Variant {
    /// Those of the reference, without weight decay.
    SAME_SETTINGS("same settings"),
    /// The same, and a weight decay of 0.01 where both know one.
    WEIGHT_DECAY("decay 0.01"),
    /// Each its own; lr is that of the reference where the library has none.
    OWN_DEFAULTS("own defaults");

    private final String words;

    Variant(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  /// Returns the divergences of a rule, none if no second library has it.
  static List<Parity> of(String rule) {
    List<Parity> all = new ArrayList<>();
    Dialects.all().stream()
        .filter(each -> each.rule().equals(rule))
        .map(Dialect::optimizer)
        .distinct()
        .forEach(optimizer -> all.addAll(ofOptimizer(optimizer)));
    return all;
  }

  private static List<Parity> ofOptimizer(String optimizer) {
    List<Dialect> dialects =
        Dialects.all().stream().filter(each -> each.optimizer().equals(optimizer)).toList();
    List<Parity> all = new ArrayList<>();
    for (Dialect dialect : dialects.stream().skip(1).toList()) {
      for (Variant variant : Variant.values()) {
        if (variant != Variant.WEIGHT_DECAY || dialect.decay() != Dialect.Decay.NONE) {
          all.add(
              new Parity(
                  dialect,
                  dialects.getFirst(),
                  variant,
                  differences(dialect, dialects.getFirst(), variant)));
        }
      }
    }
    return all;
  }

  private static double[] differences(Dialect dialect, Dialect reference, Variant variant) {
    Map<String, Double> ours = settings(reference, reference, variant);
    Map<String, Double> theirs = settings(dialect, reference, variant);
    SplittableRandom random = new SplittableRandom(1);
    double[] p = new double[ELEMENTS];
    double[] q = new double[ELEMENTS];
    double[][] s = new double[ELEMENTS][];
    double[][] r = new double[ELEMENTS][];
    for (int i = 0; i < ELEMENTS; i++) {
      p[i] = 1;
      q[i] = 1;
      s[i] = reference.states().clone();
      r[i] = dialect.states().clone();
    }
    double[] differences = new double[STEPS];
    for (int t = 1; t <= STEPS; t++) {
      double[] g = new double[ELEMENTS];
      for (int i = 0; i < ELEMENTS; i++) {
        g[i] = StrictMath.pow(10, -i / 2.0) * (2 * TestFunction.unit(random) - 0.5);
      }
      reference.step(p, g, s, t, ours);
      dialect.step(q, g, r, t, theirs);
      for (int i = 0; i < ELEMENTS; i++) {
        double apart = (double) Twin.between((float) p[i], (float) q[i]);
        differences[t - 1] = Math.max(differences[t - 1], apart);
      }
    }
    return differences;
  }

  private static Map<String, Double> settings(Dialect dialect, Dialect reference, Variant variant) {
    if (variant == Variant.OWN_DEFAULTS) {
      Map<String, Double> own = new TreeMap<>(dialect.defaults());
      own.putIfAbsent("lr", reference.defaults().get("lr"));
      return own;
    }
    Map<String, Double> same = new TreeMap<>(reference.defaults());
    same.put("lr", RATE);
    same.put("weightDecay", variant == Variant.WEIGHT_DECAY ? DECAY : 0);
    return same;
  }
}
