package io.github.lanewise.properties.update;

import io.github.lanewise.core.Shape;
import io.github.lanewise.core.UpdateSettings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// The rules that look at whole parameters, in scalar Java: [ScalarRules] for LAMB, Adafactor and
/// Muon.
///
/// The order in which a rule sums squares is part of its definition, and so it stands here too.
final class ScalarTensors {
  interface Rule {
    /// Updates a parameter and its states from a gradient whose sign is that of the loss.
    void step(float[] p, float[] g, float[][] states, Shape shape, UpdateSettings s, long t);
  }

  /// What a rule keeps for a parameter.
  record State(String name, Shape shape, boolean nonNegative) {}

  private static final Map<String, Rule> ALL =
      Map.of(
          "lamb", ScalarTensors::lamb,
          "adafactor", ScalarTensors::adafactor,
          "muon", ScalarTensors::muon);

  private ScalarTensors() {}

  static boolean has(String rule) {
    return ALL.containsKey(rule);
  }

  static Rule of(String rule) {
    return ALL.get(rule);
  }

  static List<State> states(String rule, Shape shape) {
    return switch (rule) {
      case "lamb" ->
          List.of(new State("exp_avg", shape, false), new State("exp_avg_sq", shape, true));
      case "adafactor" ->
          shape.rank() < 2
              ? List.of(new State("variance", shape, true))
              : List.of(
                  new State("row_var", reduced(shape, shape.rank() - 1), true),
                  new State("col_var", reduced(shape, shape.rank() - 2), true));
      default -> List.of(new State("momentum_buffer", shape, false));
    };
  }

  private static Shape reduced(Shape shape, int dimension) {
    return Shape.of(
        IntStream.range(0, shape.rank())
            .mapToLong(i -> i == dimension ? 1 : shape.size(i))
            .toArray());
  }

  private static void lamb(
      float[] p, float[] g, float[][] states, Shape shape, UpdateSettings s, long t) {
    double beta1 = s.get("beta1");
    double beta2 = s.get("beta2");
    float[] u = new float[p.length];
    for (int i = 0; i < p.length; i++) {
      states[0][i] = lerp(states[0][i], g[i], f(1 - beta1));
      states[1][i] = Math.fma(f(1 - beta2) * g[i], g[i], states[1][i] * f(beta2));
      float root = root(states[1][i]) / f(StrictMath.sqrt(1 - StrictMath.pow(beta2, (double) t)));
      float m = states[0][i] / f(1 - StrictMath.pow(beta1, (double) t));
      u[i] = Math.fma(f(s.get("weightDecay")), p[i], m / (root + f(s.get("eps"))));
    }
    double norm = StrictMath.sqrt(sumOfSquares(p));
    double length = StrictMath.sqrt(sumOfSquares(u));
    double trust = norm == 0 || length == 0 ? 1 : norm / length;
    add(p, 1, u, -s.get("lr") * trust);
  }

  private static void adafactor(
      float[] p, float[] g, float[][] states, Shape shape, UpdateSettings s, long t) {
    double root = StrictMath.sqrt((double) p.length);
    double rms = StrictMath.sqrt(sumOfSquares(p)) / root;
    double alpha =
        Math.max(s.get("eps2"), rms) * Math.min(s.get("lr"), 1 / StrictMath.sqrt((double) t));
    float[] factors = shape.rank() < 2 ? ofVector(g, states, s, t) : null;
    if (factors == null) {
      factors = new float[p.length];
      int rows = (int) shape.size(shape.rank() - 2);
      int cols = (int) shape.size(shape.rank() - 1);
      for (int matrix = 0; matrix * rows * cols < p.length; matrix++) {
        float[] part = Arrays.copyOfRange(g, matrix * rows * cols, (matrix + 1) * rows * cols);
        float[] row = moved(states[0], matrix * rows, rowMeans(part, rows, cols), weight(s, t));
        float[] col = moved(states[1], matrix * cols, colMeans(part, rows, cols), weight(s, t));
        double sum = 0;
        for (float each : row) {
          sum += each;
        }
        float mean = Math.max((float) (sum / rows), f(s.get("eps1")));
        for (int i = 0; i < rows * cols; i++) {
          float ofRow = 1 / root(row[i / cols] / mean);
          factors[matrix * rows * cols + i] = ofRow * (1 / root(col[i % cols]));
        }
      }
    }
    float most = 1 / root(f(s.get("eps1") * s.get("eps1")));
    float[] u = new float[p.length];
    for (int i = 0; i < p.length; i++) {
      u[i] = g[i] * (factors[i] > most ? most : factors[i]);
    }
    double excess = StrictMath.sqrt(sumOfSquares(u)) / (root * s.get("d"));
    add(p, 1 - s.get("lr") * s.get("weightDecay"), u, -alpha / Math.max(1, excess));
  }

  private static float weight(UpdateSettings s, long t) {
    return f(StrictMath.pow((double) t, s.get("beta2Decay")));
  }

  private static float[] ofVector(float[] g, float[][] states, UpdateSettings s, long t) {
    float[] factors = new float[g.length];
    for (int i = 0; i < g.length; i++) {
      states[0][i] = lerp(states[0][i], g[i] * g[i], weight(s, t));
      factors[i] = 1 / root(states[0][i]);
    }
    return factors;
  }

  /// Moves a part of a state towards means, and returns it.
  private static float[] moved(float[] state, int from, float[] means, float weight) {
    for (int i = 0; i < means.length; i++) {
      state[from + i] = lerp(state[from + i], means[i], weight);
    }
    return Arrays.copyOfRange(state, from, from + means.length);
  }

  /// In pieces of 256 columns: 16 lanes of floats, then in pairs in double.
  private static float[] rowMeans(float[] g, int rows, int cols) {
    float[] means = new float[rows];
    for (int r = 0; r < rows; r++) {
      double sum = 0;
      for (int from = 0; from < cols; from += 256) {
        float[] lanes = new float[16];
        for (int c = from; c < Math.min(from + 256, cols); c++) {
          lanes[c % 16] = Math.fma(g[r * cols + c], g[r * cols + c], lanes[c % 16]);
        }
        sum += inPairs(lanes);
      }
      means[r] = f(sum / cols);
    }
    return means;
  }

  /// In pieces of 16 rows, one after the other in floats, then in double.
  private static float[] colMeans(float[] g, int rows, int cols) {
    float[] means = new float[cols];
    for (int c = 0; c < cols; c++) {
      double sum = 0;
      for (int from = 0; from < rows; from += 16) {
        float chain = 0;
        for (int r = from; r < Math.min(from + 16, rows); r++) {
          chain = Math.fma(g[r * cols + c], g[r * cols + c], chain);
        }
        sum += chain;
      }
      means[c] = f(sum / rows);
    }
    return means;
  }

  private static void muon(
      float[] p, float[] g, float[][] states, Shape shape, UpdateSettings s, long t) {
    int rows = (int) shape.size(0);
    int cols = (int) shape.size(1);
    double momentum = s.get("momentum");
    float[] x = new float[p.length];
    for (int i = 0; i < p.length; i++) {
      states[0][i] = lerp(states[0][i], g[i], f(1 - momentum));
      x[i] = s.is("nesterov") ? lerp(g[i], states[0][i], f(momentum)) : states[0][i];
    }
    double norm = StrictMath.sqrt(sumOfSquares(x));
    add(x, 1 / Math.max(norm, s.get("eps")), new float[x.length], 0);
    boolean isTall = rows > cols;
    float[] wide = isTall ? transposed(x, rows, cols) : x;
    int few = Math.min(rows, cols);
    int many = Math.max(rows, cols);
    for (int step = 0; step < s.get("nsSteps"); step++) {
      float[] gram = product(wide, transposed(wide, few, many), few, many, few);
      float[] mixed = product(gram, gram, few, few, few);
      add(mixed, s.get("nsC"), gram, s.get("nsB"));
      float[] y = product(mixed, wide, few, few, many);
      add(y, 1, wide, s.get("nsA"));
      wide = y;
    }
    double ratio =
        s.is("matchRms")
            ? 0.2 * Math.sqrt(many)
            : Math.sqrt(Math.max(1, (double) rows / (double) cols));
    float[] direction = isTall ? transposed(wide, few, many) : wide;
    add(p, 1 - s.get("lr") * s.get("weightDecay"), direction, -s.get("lr") * ratio);
  }

  /// The product of two matrices: a chain of fused operations for each element, from 0 on.
  private static float[] product(float[] a, float[] b, int m, int k, int n) {
    float[] c = new float[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = 0;
        for (int l = 0; l < k; l++) {
          sum = Math.fma(a[i * k + l], b[l * n + j], sum);
        }
        c[i * n + j] = sum;
      }
    }
    return c;
  }

  private static float[] transposed(float[] x, int rows, int cols) {
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i % cols * rows + i / cols] = x[i];
    }
    return y;
  }

  /// x = keep x + factor y.
  private static void add(float[] x, double keep, float[] y, double factor) {
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.fma(f(factor), y[i], x[i] * f(keep));
    }
  }

  /// Blocks of 1024 elements in 64 lanes of floats, which are added in a tree to 16, and these in
  /// pairs in double; blocks one after the other in double. A block whose sum a float cannot hold
  /// is summed in double.
  private static double sumOfSquares(float[] x) {
    double sum = 0;
    for (int from = 0; from < x.length; from += 1024) {
      float[] lanes = new float[64];
      double exact = 0;
      for (int i = from; i < Math.min(from + 1024, x.length); i++) {
        lanes[i % 64] = Math.fma(x[i], x[i], lanes[i % 64]);
        exact += (double) x[i] * x[i];
      }
      float[] folded = new float[16];
      for (int j = 0; j < 16; j++) {
        folded[j] = (lanes[j] + lanes[j + 32]) + (lanes[j + 16] + lanes[j + 48]);
      }
      double block = inPairs(folded);
      sum += block >= 0x1p-80 && block <= Float.MAX_VALUE ? block : exact;
    }
    return sum;
  }

  private static double inPairs(float[] lanes) {
    double even = 0;
    double odd = 0;
    for (int j = 0; j < 16; j += 2) {
      even += lanes[j];
      odd += lanes[j + 1];
    }
    return even + odd;
  }

  /// PyTorch's `lerp`.
  private static float lerp(float a, float b, float weight) {
    return weight < 0.5f ? Math.fma(weight, b - a, a) : Math.fma(weight - 1, b - a, b);
  }

  private static float root(float x) {
    return (float) Math.sqrt(x);
  }

  private static float f(double x) {
    return (float) x;
  }
}
