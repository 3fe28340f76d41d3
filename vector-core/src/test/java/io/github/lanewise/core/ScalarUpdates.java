package io.github.lanewise.core;

/// The updates of [FusedUpdates] for one element, in scalar Java with its branches spelled out.
///
/// Each method takes `x` = {p, g, states...} and overwrites p and the states. The methods are
/// written from PyTorch's formulas and not from the kernels: they have an `if` where a kernel
/// selects an operand.
final class ScalarUpdates {
  private ScalarUpdates() {}

  /// @param t the step, from 1
  /// @param wd weight decay
  record Settings(
      long t,
      double lr,
      double wd,
      boolean maximize,
      double beta1,
      double beta2,
      double eps,
      double momentum,
      double dampening) {}

  static void sgd(float[] x, Settings s) {
    x[0] = Math.fma((float) -s.lr, gradient(x, s), x[0]);
  }

  static void sgdMomentum(float[] x, Settings s, boolean nesterov) {
    float g = gradient(x, s);
    float mu = (float) s.momentum;
    float buffer = s.t == 1 ? g : Math.fma((float) (1 - s.dampening), g, x[2] * mu);
    x[2] = buffer;
    x[0] = Math.fma((float) -s.lr, nesterov ? Math.fma(mu, buffer, g) : buffer, x[0]);
  }

  static void adam(float[] x, Settings s, boolean decoupled, boolean amsgrad) {
    float g = decoupled ? signed(x[1], s) : gradient(x, s);
    float p = decoupled ? x[0] * (float) (1 - s.lr * s.wd) : x[0];
    float m = lerp(x[2], g, (float) (1 - s.beta1));
    float v = squares(x[3], g, s.beta2);
    float root = v;
    if (amsgrad) {
      root = v > x[4] || Float.isNaN(v) ? v : x[4];
      x[4] = root;
    }
    double correction1 = 1 - StrictMath.pow(s.beta1, (double) s.t);
    double correction2 = 1 - StrictMath.pow(s.beta2, (double) s.t);
    float d = sqrt(root) / (float) StrictMath.sqrt(correction2) + (float) s.eps;
    x[0] = p + (float) (-s.lr / correction1) * m / d;
    x[2] = m;
    x[3] = v;
  }

  static void rmsProp(float[] x, Settings s, boolean centered, boolean momentum) {
    float g = gradient(x, s);
    x[2] = squares(x[2], g, s.beta2);
    float v = x[2];
    if (centered) {
      x[3] = lerp(x[3], g, (float) (1 - s.beta2));
      v = Math.fma(-x[3], x[3], v);
    }
    float d = sqrt(v) + (float) s.eps;
    if (momentum) {
      int buffer = centered ? 4 : 3;
      x[buffer] = x[buffer] * (float) s.momentum + g / d;
      x[0] = Math.fma((float) -s.lr, x[buffer], x[0]);
    } else {
      x[0] = x[0] + (float) -s.lr * g / d;
    }
  }

  static void adagrad(float[] x, Settings s, double lrDecay) {
    float g = gradient(x, s);
    x[2] = Math.fma(g, g, x[2]);
    float step = (float) (-s.lr / (1 + (s.t - 1) * lrDecay));
    x[0] = x[0] + step * g / (sqrt(x[2]) + (float) s.eps);
  }

  static void adadelta(float[] x, Settings s) {
    float g = gradient(x, s);
    x[2] = squares(x[2], g, s.beta2);
    float d = sqrt(x[3] + (float) s.eps) / sqrt(x[2] + (float) s.eps) * g;
    x[3] = squares(x[3], d, s.beta2);
    x[0] = Math.fma((float) -s.lr, d, x[0]);
  }

  private static float signed(float g, Settings s) {
    return s.maximize ? -g : g;
  }

  private static float gradient(float[] x, Settings s) {
    float g = signed(x[1], s);
    return s.wd == 0 ? g : Math.fma((float) s.wd, x[0], g);
  }

  private static float lerp(float a, float b, float weight) {
    return weight < 0.5f ? Math.fma(weight, b - a, a) : Math.fma(weight - 1, b - a, b);
  }

  private static float squares(float v, float x, double beta) {
    return Math.fma((float) (1 - beta) * x, x, v * (float) beta);
  }

  private static float sqrt(float x) {
    return (float) Math.sqrt(x); // the nearest float, as rounding to double first loses nothing
  }
}
