package io.github.lanewise.bench.lab;

import java.util.Map;
import java.util.function.Consumer;

/// The rules of `optim` as chains of simple transforms, as Optax writes them.
///
/// They are written from the formulas of PyTorch or of the papers, with the default flags, and
/// share no code with the kernels. Those for one element stand here.
final class Chains {
  private static final Map<String, Chain> ALL =
      Map.ofEntries(
          element("sgd", Chains::sgd),
          element("adam", Chains::adam),
          element("adamw", Chains::adam),
          element("rmsprop", Chains::rmsProp),
          element("adagrad", Chains::adagrad),
          element("adadelta", Chains::adadelta),
          element("adamax", Chains::adamax),
          element("nadam", Chains::nAdam),
          element("radam", Chains::rAdam),
          element("asgd", Chains::asgd),
          element("rprop", Chains::rprop),
          element("lion", Chains::lion),
          element("adan", Chains::adan),
          element("adabelief", Chains::adaBelief),
          element("schedule_free_sgd", Chains::scheduleFreeSgd),
          element("schedule_free_adamw", Chains::scheduleFreeAdamW),
          Map.entry("lamb", TensorChains.LAMB),
          Map.entry("adafactor", TensorChains.ADAFACTOR));

  private Chains() {}

  private static Map.Entry<String, Chain> element(String name, Consumer<Cell> element) {
    return Map.entry(name, Chain.ofElements(element));
  }

  /// Returns the chain of a rule, or null if it has none.
  static Chain of(String name) {
    return ALL.get(name);
  }

  private static void sgd(Cell x) {
    x.gradient();
    x.decay();
    x.addFused(-x.get("lr"), x.g);
  }

  private static void adam(Cell x) {
    x.gradient();
    x.decay();
    x.mean(0, x.get("beta1"));
    x.squares(1, x.get("beta2"), x.g);
    float hat = Cell.root(x.states[1]) / (float) StrictMath.sqrt(x.correction("beta2"));
    x.addRatio(-x.get("lr") / x.correction("beta1"), x.states[0], hat + x.rounded("eps"));
  }

  private static void rmsProp(Cell x) {
    x.gradient();
    x.decay();
    x.squares(0, x.get("alpha"), x.g);
    x.addRatio(-x.get("lr"), x.g, Cell.root(x.states[0]) + x.rounded("eps"));
  }

  private static void adagrad(Cell x) {
    x.gradient();
    x.decay();
    x.states[0] = Math.fma(x.g, x.g, x.states[0]);
    double lr = x.get("lr") / (1 + (x.t() - 1) * x.get("lrDecay"));
    x.addRatio(-lr, x.g, Cell.root(x.states[0]) + x.rounded("eps"));
  }

  private static void adadelta(Cell x) {
    x.gradient();
    x.decay();
    x.squares(0, x.get("rho"), x.g);
    float eps = x.rounded("eps");
    float step = Cell.root(x.states[1] + eps) / Cell.root(x.states[0] + eps) * x.g;
    x.squares(1, x.get("rho"), step);
    x.addFused(-x.get("lr"), step);
  }

  private static void adamax(Cell x) {
    x.gradient();
    x.decay();
    x.mean(0, x.get("beta1"));
    float size = Math.abs(x.g) + x.rounded("eps");
    x.states[1] = Math.max(x.states[1] * x.rounded("beta2"), size);
    x.addRatio(-x.get("lr") / x.correction("beta1"), x.states[0], x.states[1]);
  }

  private static void nAdam(Cell x) {
    x.gradient();
    x.decay();
    double momentum = momentum(x, x.t());
    double next = momentum(x, x.t() + 1);
    x.memory()[0] = (float) x.memory()[0] * (float) momentum;
    double product = x.memory()[0];
    x.mean(0, x.get("beta1"));
    x.squares(1, x.get("beta2"), x.g);
    float d = Cell.root(x.states[1] / (float) x.correction("beta2")) + x.rounded("eps");
    x.addRatio(-x.get("lr") * (1 - momentum) / (1 - product), x.g, d);
    x.addRatio(-x.get("lr") * next / (1 - product * next), x.states[0], d);
  }

  private static double momentum(Cell x, long t) {
    return x.get("beta1") * (1 - 0.5 * StrictMath.pow(0.96, t * x.get("momentumDecay")));
  }

  private static void rAdam(Cell x) {
    x.gradient();
    x.decay();
    x.mean(0, x.get("beta1"));
    x.squares(1, x.get("beta2"), x.g);
    double most = 2 / (1 - x.get("beta2")) - 1;
    double power = StrictMath.pow(x.get("beta2"), (double) x.t());
    double length = most - 2 * x.t() * power / x.correction("beta2");
    float step = x.states[0] / (float) x.correction("beta1") * x.rounded("lr");
    if (length > 5) {
      double rectifier = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length);
      float inverse = 1f / (Cell.root(x.states[1]) + x.rounded("eps"));
      step *= inverse * (float) StrictMath.sqrt(x.correction("beta2"));
      step *= (float) StrictMath.sqrt(rectifier);
    }
    x.p -= step;
  }

  private static void asgd(Cell x) {
    x.gradient();
    x.decay();
    double lr = x.get("lr");
    float eta = x.t() == 1 ? (float) lr : (float) x.memory()[0];
    float share = (float) x.memory()[1];
    x.p *= (float) (1 - x.get("lambd") * eta);
    x.addFused(-eta, x.g);
    x.states[0] = share == 1 ? x.p : x.states[0] + (x.p - x.states[0]) * share;
    x.memory()[0] = (float) (lr / StrictMath.pow(1 + x.get("lambd") * lr * x.t(), x.get("alpha")));
    x.memory()[1] = (float) (1 / Math.max(1, x.t() - x.get("t0")));
  }

  private static void rprop(Cell x) {
    x.gradient();
    x.decay();
    float agreement = x.g * x.states[0];
    float step = x.t() == 1 ? x.rounded("lr") : x.states[1];
    if (agreement > 0) {
      step *= x.rounded("etaPlus");
    } else if (agreement < 0) {
      step *= x.rounded("etaMinus");
      x.g = 0;
    }
    step = Math.min(Math.max(step, x.rounded("leastStep")), x.rounded("mostStep"));
    x.states[0] = x.g;
    x.states[1] = step;
    against(x, x.g, step);
  }

  private static void lion(Cell x) {
    x.gradient();
    x.decay();
    float ahead = Math.fma((float) (1 - x.get("beta1")), x.g, x.states[0] * (float) x.get("beta1"));
    x.sum(0, x.get("beta2"), x.g);
    against(x, ahead, x.rounded("lr"));
  }

  /// A step of one size against the sign.
  private static void against(Cell x, float direction, float size) {
    if (direction > 0) {
      x.p -= size;
    } else if (direction < 0) {
      x.p += size;
    } else {
      x.p -= direction;
    }
  }

  private static void adan(Cell x) {
    x.sign();
    double lr = x.get("lr");
    float change = x.t() == 1 ? 0 : x.states[3] + x.g;
    x.sum(0, x.get("beta1"), x.g);
    x.sum(1, x.get("beta2"), change);
    x.squares(2, x.get("beta3"), change * x.rounded("beta2") + x.g);
    float hat = Cell.root(x.states[2]) / (float) StrictMath.sqrt(x.correction("beta3"));
    float d = hat + x.rounded("eps");
    boolean isProximal = x.settings().is("proximal");
    double decay = lr * x.get("weightDecay");
    x.p = isProximal ? x.p : x.p * (float) (1 - decay);
    x.addRatio(-lr / x.correction("beta1"), x.states[0], d);
    x.addRatio(-(lr * x.get("beta2") / x.correction("beta2")), x.states[1], d);
    x.p = isProximal ? x.p / (float) (1 + decay) : x.p;
    x.states[3] = -x.g;
  }

  private static void adaBelief(Cell x) {
    x.gradient();
    x.decay();
    x.sum(0, x.get("beta1"), x.g);
    x.squares(1, x.get("beta2"), x.g - x.states[0]);
    x.states[1] += x.rounded("eps");
    float hat = Cell.root(x.states[1]) / (float) StrictMath.sqrt(x.correction("beta2"));
    x.addRatio(-x.get("lr") / x.correction("beta1"), x.states[0], hat + x.rounded("eps"));
  }

  private static void scheduleFreeSgd(Cell x) {
    x.gradient();
    x.decay();
    scheduleFree(x, x.get("momentum"));
  }

  private static void scheduleFreeAdamW(Cell x) {
    x.sign();
    x.squares(1, x.get("beta2"), x.g);
    x.g /= Cell.root(x.states[1] / (float) x.correction("beta2")) + x.rounded("eps");
    if (x.get("weightDecay") != 0) {
      x.g = Math.fma(x.rounded("weightDecay"), x.p, x.g);
    }
    scheduleFree(x, x.get("beta1"));
  }

  private static void scheduleFree(Cell x, double beta) {
    double[] memory = x.memory();
    double warm = x.t() <= x.get("warmupSteps") ? x.t() / x.get("warmupSteps") : 1;
    double lr = x.get("lr") * warm;
    memory[1] = twoFloats(Math.max(lr, memory[1]));
    double power = StrictMath.pow(Math.max(lr, memory[1]), x.get("weightLrPower"));
    double weight = StrictMath.pow((double) x.t(), x.get("r")) * power;
    double sum = memory[0] + weight;
    memory[0] = twoFloats(sum);
    double share = sum == 0 ? 0 : weight / sum;
    float z = x.t() == 1 ? x.p : x.states[0];
    x.p = Cell.lerp(x.p, z, (float) share);
    x.addFused(lr * (beta * (1 - share) - 1), x.g);
    x.states[0] = Math.fma((float) -lr, x.g, z);
  }

  /// A state dictionary keeps a double as the sum of two floats.
  private static double twoFloats(double x) {
    return (double) (float) x + (float) (x - (float) x);
  }
}
