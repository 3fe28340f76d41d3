package io.github.lanewise.bench.lab;

import java.util.Map;

/// The steps of [Dialects] and [MoreDialects] in double. Each returns what is taken from the
/// parameter, from its gradient `g`, its states `s`, the number `t` of the step and the settings
/// `h`.
final class Formulas {
  private Formulas() {}

  static double sgd(double g, double[] s, int t, Map<String, Double> h) {
    return h.get("lr") * g;
  }

  private static double mean(double[] s, int k, double beta, double x) {
    s[k] = beta * s[k] + (1 - beta) * x;
    return s[k];
  }

  private static double correction(Map<String, Double> h, String beta, int t) {
    return 1 - StrictMath.pow(h.get(beta), t);
  }

  static double adam(double g, double[] s, int t, Map<String, Double> h) {
    double m = mean(s, 0, h.get("beta1"), g) / correction(h, "beta1", t);
    double v = mean(s, 1, h.get("beta2"), g * g) / correction(h, "beta2", t);
    return h.get("lr") * m / (Math.sqrt(v) + h.get("eps"));
  }

  static double adamHat(double g, double[] s, int t, Map<String, Double> h) {
    double m = mean(s, 0, h.get("beta1"), g);
    double v = mean(s, 1, h.get("beta2"), g * g);
    double rate = h.get("lr") * Math.sqrt(correction(h, "beta2", t)) / correction(h, "beta1", t);
    return rate * m / (Math.sqrt(v) + h.get("eps"));
  }

  static double nAdam(double g, double[] s, int t, Map<String, Double> h, double momentumDecay) {
    double now = h.get("beta1") * (1 - 0.5 * StrictMath.pow(0.96, t * momentumDecay));
    double next = h.get("beta1") * (1 - 0.5 * StrictMath.pow(0.96, (t + 1) * momentumDecay));
    s[2] *= now;
    double m = mean(s, 0, h.get("beta1"), g);
    double v = mean(s, 1, h.get("beta2"), g * g) / correction(h, "beta2", t);
    double step = (1 - now) / (1 - s[2]) * g + next / (1 - s[2] * next) * m;
    return h.get("lr") * step / (Math.sqrt(v) + h.get("eps"));
  }

  static double nAdamAhead(double g, double[] s, int t, Map<String, Double> h) {
    double beta1 = h.get("beta1");
    double m = mean(s, 0, beta1, g);
    double v = mean(s, 1, h.get("beta2"), g * g) / correction(h, "beta2", t);
    double step =
        beta1 * m / correction(h, "beta1", t + 1) + (1 - beta1) * g / correction(h, "beta1", t);
    return h.get("lr") * step / (Math.sqrt(v) + h.get("eps"));
  }

  static double rAdam(double g, double[] s, int t, Map<String, Double> h, boolean isPyTorch) {
    double beta2 = h.get("beta2");
    double m = mean(s, 0, h.get("beta1"), g) / correction(h, "beta1", t);
    double v = mean(s, 1, beta2, g * g);
    double corrected = correction(h, "beta2", t);
    double most = 2 / (1 - beta2) - 1;
    double length = most - 2 * t * StrictMath.pow(beta2, t) / corrected;
    if (isPyTorch ? length <= 5 : length < 5) {
      return h.get("lr") * m;
    }
    double rectifier = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length);
    double d =
        isPyTorch
            ? (Math.sqrt(v) + h.get("eps")) / Math.sqrt(corrected)
            : Math.sqrt(v / corrected) + h.get("eps");
    return h.get("lr") * m * Math.sqrt(rectifier) / d;
  }

  static double adamax(double g, double[] s, int t, Map<String, Double> h, boolean isInside) {
    double m = mean(s, 0, h.get("beta1"), g) / correction(h, "beta1", t);
    double eps = h.get("eps");
    s[1] = Math.max(h.get("beta2") * s[1], Math.abs(g) + (isInside ? eps : 0));
    return h.get("lr") * m / (s[1] + (isInside ? 0 : eps));
  }

  static double rmsProp(double g, double[] s, Map<String, Double> h, boolean isInside) {
    return h.get("lr") * g / root(mean(s, 0, h.get("rho"), g * g), h.get("eps"), isInside);
  }

  static double adagrad(double g, double[] s, int t, Map<String, Double> h, boolean isInside) {
    s[0] = (t == 1 ? h.get("firstSum") : s[0]) + g * g;
    return h.get("lr") * g / root(s[0], h.get("eps"), isInside);
  }

  private static double root(double v, double eps, boolean isInside) {
    return isInside ? Math.sqrt(v + eps) : Math.sqrt(v) + eps;
  }

  static double adadelta(double g, double[] s, int t, Map<String, Double> h) {
    double v = mean(s, 0, h.get("rho"), g * g);
    double step = Math.sqrt(s[1] + h.get("eps")) / Math.sqrt(v + h.get("eps")) * g;
    mean(s, 1, h.get("rho"), step * step);
    return h.get("lr") * step;
  }

  static double lion(double g, double[] s, int t, Map<String, Double> h) {
    double ahead = h.get("beta1") * s[0] + (1 - h.get("beta1")) * g;
    mean(s, 0, h.get("beta2"), g);
    return h.get("lr") * Math.signum(ahead);
  }

  static double amsGrad(
      double g, double[] s, int t, Map<String, Double> h, boolean isCorrected, boolean isHat) {
    double m = mean(s, 0, h.get("beta1"), g) / correction(h, "beta1", t);
    double corrected = correction(h, "beta2", t);
    double v = mean(s, 1, h.get("beta2"), g * g);
    s[2] = Math.max(s[2], isCorrected ? v / corrected : v);
    double root = Math.sqrt(isCorrected ? s[2] : s[2] / corrected);
    double eps = isHat ? h.get("eps") / Math.sqrt(corrected) : h.get("eps");
    return h.get("lr") * m / (root + eps);
  }

  static double rprop(double g, double[] s, int t, Map<String, Double> h) {
    double agreement = g * s[0];
    double size = t == 1 ? h.get("lr") : s[1];
    size *= agreement > 0 ? h.get("etaPlus") : agreement < 0 ? h.get("etaMinus") : 1;
    s[1] = Math.min(Math.max(size, 1e-6), 50);
    s[0] = agreement < 0 ? 0 : g;
    return Math.signum(s[0]) * s[1];
  }

  static double adan(double g, double[] s, int t, Map<String, Double> h) {
    double beta2 = h.get("beta2");
    double change = t == 1 ? 0 : g - s[3];
    s[3] = g;
    double m = mean(s, 0, h.get("beta1"), g) / correction(h, "beta1", t);
    double v = mean(s, 1, beta2, change) / correction(h, "beta2", t);
    double ahead = g + beta2 * change;
    double n = mean(s, 2, h.get("beta3"), ahead * ahead) / correction(h, "beta3", t);
    double root = Math.sqrt(n + h.getOrDefault("epsRoot", 0.0));
    return h.get("lr") * (m + beta2 * v) / (root + h.get("eps"));
  }

  static double adaBelief(double g, double[] s, int t, Map<String, Double> h, boolean isNew) {
    double before = s[0];
    double after = mean(s, 0, h.get("beta1"), g);
    double distance = g - (isNew ? after : before);
    s[1] = mean(s, 1, h.get("beta2"), distance * distance) + h.get("eps");
    double root = Math.sqrt(s[1] / correction(h, "beta2", t));
    return h.get("lr") * after / correction(h, "beta1", t) / (root + h.get("eps"));
  }

  /// The parameters y go to z by 1 / t, and along the gradient.
  static double[] scheduleFreeByY(
      double[] p, double[] g, double[][] s, int t, Map<String, Double> h) {
    double lr = h.get("lr");
    double share = 1.0 / t;
    double[] steps = new double[p.length];
    for (int i = 0; i < p.length; i++) {
      double z = t == 1 ? p[i] : s[i][0];
      steps[i] = share * (p[i] - z) - lr * (h.get("momentum") * (1 - share) - 1) * g[i];
      s[i][0] = z - lr * g[i];
    }
    return steps;
  }

  /// The average x of all z is kept, and y lies between the two.
  static double[] scheduleFreeByX(
      double[] p, double[] g, double[][] s, int t, Map<String, Double> h) {
    double share = 1.0 / t;
    double beta = h.get("momentum");
    double[] steps = new double[p.length];
    for (int i = 0; i < p.length; i++) {
      double z = (t == 1 ? p[i] : s[i][0]) - h.get("lr") * g[i];
      double x = (1 - share) * s[i][1] + share * z;
      steps[i] = p[i] - (beta * x + (1 - beta) * z);
      s[i][0] = z;
      s[i][1] = x;
    }
    return steps;
  }

  static double[] lamb(
      double[] p, double[] g, double[][] s, int t, Map<String, Double> h, boolean isInside) {
    double[] u = new double[p.length];
    double decay = isInside ? h.getOrDefault("weightDecay", 0.0) : 0;
    for (int i = 0; i < p.length; i++) {
      double m = mean(s[i], 0, h.get("beta1"), g[i]) / correction(h, "beta1", t);
      double v = mean(s[i], 1, h.get("beta2"), g[i] * g[i]) / correction(h, "beta2", t);
      u[i] = m / (Math.sqrt(v) + h.get("eps")) + decay * p[i];
    }
    double norm = rms(p);
    double length = rms(u);
    double trust = norm == 0 || length == 0 ? 1 : norm / length;
    return scaled(u, h.get("lr") * trust);
  }

  static double[] adafactor(
      double[] p,
      double[] g,
      double[][] s,
      int t,
      Map<String, Double> h,
      boolean isAdded,
      boolean isRelative) {
    double[] u = new double[p.length];
    double weight = StrictMath.pow(t, -0.8);
    double eps = h.get("eps1");
    for (int i = 0; i < p.length; i++) {
      double v = mean(s[i], 0, 1 - weight, g[i] * g[i] + (isAdded ? eps : 0));
      u[i] = g[i] / Math.sqrt(isAdded ? v : Math.max(v, eps * eps));
    }
    double lr = isRelative ? Math.min(h.get("lr"), 1 / Math.sqrt(t)) : h.get("lr");
    double rate = lr * Math.max(h.get("eps2"), rms(p));
    return scaled(u, rate / Math.max(1, rms(u) / h.get("d")));
  }

  private static double rms(double[] x) {
    double sum = 0;
    for (double value : x) {
      sum += value * value;
    }
    return Math.sqrt(sum / x.length);
  }

  private static double[] scaled(double[] x, double factor) {
    for (int i = 0; i < x.length; i++) {
      x[i] *= factor;
    }
    return x;
  }
}
