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
    /// Updates x, which holds p, g and the states, and what the rule keeps in its memory.
    void step(float[] x, UpdateSettings s, long t, double[] memory);
  }

  /// A rule without a memory.
  private interface Plain {
    void step(float[] x, UpdateSettings s, long t);
  }

  /// By the rule's name and its flags.
  private static final Map<String, Rule> ALL =
      Map.ofEntries(
          Map.entry("sgd", plain(ScalarRules::sgd)),
          Map.entry("adam", plain(ScalarRules::adam)),
          Map.entry("adamw", plain(ScalarRules::adam)),
          Map.entry("rmsprop", plain(ScalarRules::rmsProp)),
          Map.entry("adagrad", plain(ScalarRules::adagrad)),
          Map.entry("adadelta", plain(ScalarRules::adadelta)),
          Map.entry("adamax", plain(ScalarRules::adamax)),
          Map.entry("nadam", ScalarRules::nAdam),
          Map.entry("radam", plain(ScalarRules::rAdam)),
          Map.entry("asgd", ScalarRules::asgd),
          Map.entry("rprop", plain(ScalarRules::rprop)),
          Map.entry("lion", plain(ScalarRules::lion)),
          Map.entry("adan", plain(ScalarRules::adan)),
          Map.entry("adabelief", plain(ScalarRules::adaBelief)),
          Map.entry("schedule_free_sgd", ScalarRules::scheduleFreeSgd),
          Map.entry("schedule_free_adamw", ScalarRules::scheduleFreeAdamW));

  private ScalarRules() {}

  private static Rule plain(Plain rule) {
    return (x, s, t, memory) -> rule.step(x, s, t);
  }

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

  static void adamax(float[] x, UpdateSettings s, long t) {
    float g = gradient(x, s);
    float p = parameter(x, s);
    x[2] = lerp(x[2], g, f(1 - s.get("beta1")));
    x[3] = maximum(x[3] * f(s.get("beta2")), Math.abs(g) + f(s.get("eps")));
    x[0] = p + f(-s.get("lr") / correction(s.get("beta1"), t)) * x[2] / x[3];
  }

  static void nAdam(float[] x, UpdateSettings s, long t, double[] memory) {
    float g = gradient(x, s);
    float p = parameter(x, s);
    double mu = s.get("beta1") * (1 - 0.5 * StrictMath.pow(0.96, t * s.get("momentumDecay")));
    double next =
        s.get("beta1") * (1 - 0.5 * StrictMath.pow(0.96, (t + 1) * s.get("momentumDecay")));
    memory[0] = (float) memory[0] * f(mu);
    double product = memory[0];
    x[2] = lerp(x[2], g, f(1 - s.get("beta1")));
    x[3] = squares(x[3], g, s.get("beta2"));
    float d = sqrt(x[3] / f(correction(s.get("beta2"), t))) + f(s.get("eps"));
    p = p + f(-s.get("lr") * (1 - mu) / (1 - product)) * g / d;
    x[0] = p + f(-s.get("lr") * next / (1 - product * next)) * x[2] / d;
  }

  static void rAdam(float[] x, UpdateSettings s, long t) {
    float g = gradient(x, s);
    float p = parameter(x, s);
    double beta2 = s.get("beta2");
    x[2] = lerp(x[2], g, f(1 - s.get("beta1")));
    x[3] = squares(x[3], g, beta2);
    double most = 2 / (1 - beta2) - 1;
    double length = most - 2 * t * StrictMath.pow(beta2, (double) t) / correction(beta2, t);
    float h = x[2] / f(correction(s.get("beta1"), t)) * f(s.get("lr"));
    if (length > 5) {
      double variance = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length);
      float inverse = 1f / (sqrt(x[3]) + f(s.get("eps")));
      h = h * (inverse * f(StrictMath.sqrt(correction(beta2, t)))) * f(StrictMath.sqrt(variance));
    }
    x[0] = p - h;
  }

  static void asgd(float[] x, UpdateSettings s, long t, double[] memory) {
    float g = gradient(x, s);
    float p = parameter(x, s);
    double lr = s.get("lr");
    float eta = t == 1 ? f(lr) : (float) memory[0];
    float mu = (float) memory[1];
    p = p * f(1 - s.get("lambd") * eta);
    p = Math.fma(-eta, g, p);
    x[2] = mu == 1 ? p : x[2] + (p - x[2]) * mu;
    x[0] = p;
    memory[0] = f(lr / StrictMath.pow(1 + s.get("lambd") * lr * t, s.get("alpha")));
    memory[1] = f(1 / Math.max(1, t - s.get("t0")));
  }

  static void rprop(float[] x, UpdateSettings s, long t) {
    float g = gradient(x, s);
    float p = parameter(x, s);
    float product = g * x[2];
    float step = t == 1 ? f(s.get("lr")) : x[3];
    if (product > 0) {
      step = step * f(s.get("etaPlus"));
    } else if (product < 0) {
      step = step * f(s.get("etaMinus"));
      g = 0;
    }
    step = Math.min(Math.max(step, f(s.get("leastStep"))), f(s.get("mostStep")));
    x[0] = g > 0 ? p - step : g < 0 ? p + step : p;
    x[2] = g;
    x[3] = step;
  }

  static void lion(float[] x, UpdateSettings s, long t) {
    float g = gradient(x, s);
    float p = parameter(x, s);
    float d = Math.fma(f(1 - s.get("beta1")), g, x[2] * f(s.get("beta1")));
    x[0] = d > 0 ? p - f(s.get("lr")) : d < 0 ? p + f(s.get("lr")) : p - d;
    x[2] = Math.fma(f(1 - s.get("beta2")), g, x[2] * f(s.get("beta2")));
  }

  static void adan(float[] x, UpdateSettings s, long t) {
    float g = s.is("maximize") ? -x[1] : x[1];
    double lr = s.get("lr");
    double decay = lr * s.get("weightDecay");
    float p = s.is("proximal") ? x[0] : x[0] * f(1 - decay);
    float change = t == 1 ? 0 : x[5] + g;
    x[2] = Math.fma(f(1 - s.get("beta1")), g, x[2] * f(s.get("beta1")));
    x[3] = Math.fma(f(1 - s.get("beta2")), change, x[3] * f(s.get("beta2")));
    x[4] = squares(x[4], change * f(s.get("beta2")) + g, s.get("beta3"));
    float d = sqrt(x[4]) / f(StrictMath.sqrt(correction(s.get("beta3"), t))) + f(s.get("eps"));
    p = p + f(-lr / correction(s.get("beta1"), t)) * x[2] / d;
    p = p + f(-(lr * s.get("beta2") / correction(s.get("beta2"), t))) * x[3] / d;
    x[0] = s.is("proximal") ? p / f(1 + decay) : p;
    x[5] = -g;
  }

  static void adaBelief(float[] x, UpdateSettings s, long t) {
    float g = gradient(x, s);
    float p = parameter(x, s);
    float eps = f(s.get("eps"));
    x[2] = Math.fma(f(1 - s.get("beta1")), g, x[2] * f(s.get("beta1")));
    x[3] = squares(x[3], g - x[2], s.get("beta2")) + eps;
    float d = sqrt(x[3]) / f(StrictMath.sqrt(correction(s.get("beta2"), t))) + eps;
    x[0] = p + f(-s.get("lr") / correction(s.get("beta1"), t)) * x[2] / d;
  }

  static void scheduleFreeSgd(float[] x, UpdateSettings s, long t, double[] memory) {
    float g = gradient(x, s);
    scheduleFree(x, parameter(x, s), g, s, s.get("momentum"), t, memory);
  }

  static void scheduleFreeAdamW(float[] x, UpdateSettings s, long t, double[] memory) {
    float g = s.is("maximize") ? -x[1] : x[1];
    x[3] = squares(x[3], g, s.get("beta2"));
    g = g / (sqrt(x[3] / f(correction(s.get("beta2"), t))) + f(s.get("eps")));
    if (s.get("weightDecay") != 0) {
      g = Math.fma(f(s.get("weightDecay")), x[0], g);
    }
    scheduleFree(x, x[0], g, s, s.get("beta1"), t, memory);
  }

  private static void scheduleFree(
      float[] x, float y, float g, UpdateSettings s, double beta, long t, double[] memory) {
    double lr = s.get("lr") * (t <= s.get("warmupSteps") ? t / s.get("warmupSteps") : 1);
    memory[1] = twoFloats(Math.max(lr, memory[1]));
    double weight =
        StrictMath.pow((double) t, s.get("r"))
            * StrictMath.pow(Math.max(lr, memory[1]), s.get("weightLrPower"));
    double sum = memory[0] + weight;
    memory[0] = twoFloats(sum);
    double share = sum == 0 ? 0 : weight / sum;
    float z = t == 1 ? y : x[2];
    x[0] = Math.fma(f(lr * (beta * (1 - share) - 1)), g, lerp(y, z, f(share)));
    x[2] = Math.fma(f(-lr), g, z);
  }

  private static double twoFloats(double x) {
    return (double) (float) x + (float) (x - (float) x);
  }

  /// As PyTorch's `maximum`: NaN if one of the two is.
  private static float maximum(float a, float b) {
    return a < b || Float.isNaN(b) ? b : a;
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
