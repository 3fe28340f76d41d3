package io.github.lanewise.bench.lab;

import java.util.Map;

/// The steps of [Dialects] in double. Each returns what is taken from the parameter, from its
/// gradient `g`, its states `s`, the number `t` of the step and the settings `h`.
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
}
