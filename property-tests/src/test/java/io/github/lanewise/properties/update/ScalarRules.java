package io.github.lanewise.properties.update;

import io.github.lanewise.core.UpdateSettings;
import java.util.Map;

/// Every rule for one element, in scalar Java with its branches spelled out.
///
/// The rules are written from the formulas of PyTorch or of the papers and not from the kernels:
/// they have an `if` where a kernel selects an operand, and compute their scalars anew for each
/// element.
final class ScalarRules {
  interface Rule {
    /// Updates x, which holds p, g and the states.
    void step(float[] x, UpdateSettings s, long t);
  }

  /// By the rule's name and its flags.
  private static final Map<String, Rule> ALL =
      Map.ofEntries(
          Map.entry("sgd", ScalarRules::sgd),
          Map.entry("adam", ScalarRules::adam),
          Map.entry("adamw", ScalarRules::adam),
          Map.entry("rmsprop", ScalarRules::rmsProp),
          Map.entry("adagrad", ScalarRules::adagrad),
          Map.entry("adadelta", ScalarRules::adadelta));

  private ScalarRules() {}

  static Rule of(String name) {
    Rule rule = ALL.get(name);
    if (rule == null) {
      throw new IllegalArgumentException("no scalar rule for " + name);
    }
    return rule;
  }

  static void sgd(float[] x, UpdateSettings s, long t) {
    float g = gradient(x, s);
    float mu = f(s.get("momentum"));
    if (mu > 0) {
      float buffer = t == 1 ? g : Math.fma(f(1 - s.get("dampening")), g, x[2] * mu);
      x[2] = buffer;
      g = s.is("nesterov") ? Math.fma(mu, buffer, g) : buffer;
    }
    x[0] = Math.fma(f(-s.get("lr")), g, parameter(x, s));
  }

  static void adam(float[] x, UpdateSettings s, long t) {
    float g = gradient(x, s);
    float p = parameter(x, s);
    float m = lerp(x[2], g, f(1 - s.get("beta1")));
    float v = squares(x[3], g, s.get("beta2"));
    float root = v;
    if (s.is("amsgrad")) {
      root = v > x[4] || Float.isNaN(v) ? v : x[4];
      x[4] = root;
    }
    float d = sqrt(root) / f(StrictMath.sqrt(correction(s.get("beta2"), t))) + f(s.get("eps"));
    x[0] = p + f(-s.get("lr") / correction(s.get("beta1"), t)) * m / d;
    x[2] = m;
    x[3] = v;
  }

  static void rmsProp(float[] x, UpdateSettings s, long t) {
    float g = gradient(x, s);
    float p = parameter(x, s);
    double alpha = s.get("alpha");
    x[2] = squares(x[2], g, alpha);
    float v = x[2];
    if (s.is("centered")) {
      x[3] = lerp(x[3], g, f(1 - alpha));
      v = Math.fma(-x[3], x[3], v);
    }
    float d = sqrt(v) + f(s.get("eps"));
    if (s.get("momentum") > 0) {
      int buffer = s.is("centered") ? 4 : 3;
      x[buffer] = x[buffer] * f(s.get("momentum")) + g / d;
      x[0] = Math.fma(f(-s.get("lr")), x[buffer], p);
    } else {
      x[0] = p + f(-s.get("lr")) * g / d;
    }
  }

  static void adagrad(float[] x, UpdateSettings s, long t) {
    float g = gradient(x, s);
    float p = parameter(x, s);
    x[2] = Math.fma(g, g, x[2]);
    float step = f(-s.get("lr") / (1 + (t - 1) * s.get("lrDecay")));
    x[0] = p + step * g / (sqrt(x[2]) + f(s.get("eps")));
  }

  static void adadelta(float[] x, UpdateSettings s, long t) {
    float g = gradient(x, s);
    float p = parameter(x, s);
    double rho = s.get("rho");
    x[2] = squares(x[2], g, rho);
    float d = sqrt(x[3] + f(s.get("eps"))) / sqrt(x[2] + f(s.get("eps"))) * g;
    x[3] = squares(x[3], d, rho);
    x[0] = Math.fma(f(-s.get("lr")), d, p);
  }

  /// The gradient with its sign, and with the L2 penalty if there is one.
  private static float gradient(float[] x, UpdateSettings s) {
    float g = s.is("maximize") ? -x[1] : x[1];
    boolean isPenalized = s.get("weightDecay") != 0 && !s.is("decoupledWeightDecay");
    return isPenalized ? Math.fma(f(s.get("weightDecay")), x[0], g) : g;
  }

  /// The parameter after decoupled decay, if there is one.
  private static float parameter(float[] x, UpdateSettings s) {
    boolean decays = s.get("weightDecay") != 0 && s.is("decoupledWeightDecay");
    return decays ? x[0] * f(1 - s.get("lr") * s.get("weightDecay")) : x[0];
  }

  private static double correction(double beta, long t) {
    return 1 - StrictMath.pow(beta, (double) t);
  }

  private static float lerp(float a, float b, float weight) {
    return weight < 0.5f ? Math.fma(weight, b - a, a) : Math.fma(weight - 1, b - a, b);
  }

  private static float squares(float v, float x, double beta) {
    return Math.fma(f(1 - beta) * x, x, v * f(beta));
  }

  private static float sqrt(float x) {
    return (float) Math.sqrt(x); // the nearest float, as rounding to double first loses nothing
  }

  private static float f(double x) {
    return (float) x;
  }
}
