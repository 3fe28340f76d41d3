package io.github.lanewise.properties.network;

import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.bench.accuracy.Oracle;
import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Batch;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.nn.Dropout;
import io.github.lanewise.nn.LayerNorm;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.PRelu;
import java.lang.foreign.Arena;
import java.util.List;

/// A layer in double precision, forward and backward, row by row.
abstract class LayerOracle {
  /// How close an input came to a kink of the function.
  double nearestKink = Double.MAX_VALUE;

  /// By how much the layer may enlarge the error of its input.
  double amplification = 1;

  /// What [#forward] read and wrote.
  double[] x;

  double[] y;

  final double[][] parameters;
  final double[][] gradients;

  private LayerOracle(List<float[]> parameters) {
    this.parameters = new double[parameters.size()][];
    this.gradients = new double[parameters.size()][];
    for (int i = 0; i < this.parameters.length; i++) {
      this.parameters[i] = asDoubles(parameters.get(i));
      this.gradients[i] = new double[this.parameters[i].length];
    }
  }

  /// Returns the layer, as it is in a step of training.
  static LayerOracle of(Layer layer, List<float[]> parameters, int inputs, int rows, long step) {
    return switch (layer) {
      case Linear linear -> new OfLinear(parameters, linear.in(), linear.out());
      case PRelu prelu -> new OfPRelu(parameters, inputs);
      case LayerNorm norm -> new OfLayerNorm(parameters, inputs, (float) norm.eps());
      case Softmax softmax -> new OfSoftmax(inputs);
      case LogSoftmax logSoftmax -> new OfLogSoftmax(inputs);
      case Glu glu -> new OfGlu(inputs);
      case Dropout dropout -> new OfMask(mask(dropout, inputs, rows, step));
      case Activation activation -> new OfActivation(op(activation));
      default -> throw new IllegalArgumentException("no oracle of " + layer);
    };
  }

  abstract double[] compute(double[] x);

  /// Adds to the gradients of the parameters, and returns that of x.
  abstract double[] backward(double[] gy);

  double[] forward(double[] x) {
    this.x = x;
    y = compute(x);
    return y;
  }

  static double[] asDoubles(float[] x) {
    double[] values = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      values[i] = x[i];
    }
    return values;
  }

  /// The row of the table, which may hold another instance of the same function.
  private static Op op(Activation activation) {
    String name = activation.toString();
    return Ops.all().stream()
        .filter(op -> op.activation().toString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /// What dropout makes of ones: 0, or the factor of what stays.
  private static double[] mask(Dropout dropout, int inputs, int rows, long step) {
    try (Arena arena = Arena.ofConfined()) {
      Batch ones = Batch.allocate(arena, rows, inputs);
      ones.array().fill(1);
      ones.resize(rows, step);
      Batch mask = Batch.allocate(arena, rows, inputs);
      dropout.forwardInTraining(ones, List.of(), mask);
      double[] values = new double[rows * inputs];
      for (int i = 0; i < values.length; i++) {
        values[i] = mask.get(i / inputs, i % inputs);
      }
      return values;
    }
  }

  private static final class OfLinear extends LayerOracle {
    private final int in;
    private final int out;

    OfLinear(List<float[]> parameters, int in, int out) {
      super(parameters);
      this.in = in;
      this.out = out;
    }

    @Override
    double[] compute(double[] x) {
      double[] y = new double[x.length / in * out];
      for (int i = 0; i < y.length; i++) {
        y[i] = parameters[1][i % out];
        for (int l = 0; l < in; l++) {
          y[i] += x[i / out * in + l] * parameters[0][i % out * in + l];
        }
      }
      return y;
    }

    @Override
    double[] backward(double[] gy) {
      double[] gx = new double[x.length];
      for (int i = 0; i < gy.length; i++) {
        gradients[1][i % out] += gy[i];
        for (int l = 0; l < in; l++) {
          gradients[0][i % out * in + l] += gy[i] * x[i / out * in + l];
          gx[i / out * in + l] += gy[i] * parameters[0][i % out * in + l];
        }
      }
      return gx;
    }
  }

  private static final class OfPRelu extends LayerOracle {
    private final int features;

    OfPRelu(List<float[]> parameters, int features) {
      super(parameters);
      this.features = features;
    }

    private int slope(int i) {
      return parameters[0].length == 1 ? 0 : i % features;
    }

    @Override
    double[] compute(double[] x) {
      double[] y = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        nearestKink = Math.min(nearestKink, Math.abs(x[i]));
        y[i] = x[i] > 0 ? x[i] : parameters[0][slope(i)] * x[i];
      }
      return y;
    }

    @Override
    double[] backward(double[] gy) {
      double[] gx = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        gx[i] = x[i] > 0 ? gy[i] : parameters[0][slope(i)] * gy[i];
        gradients[0][slope(i)] += x[i] > 0 ? 0 : x[i] * gy[i];
      }
      return gx;
    }
  }

  private static final class OfLayerNorm extends LayerOracle {
    private final int n;
    private final double eps;

    OfLayerNorm(List<float[]> parameters, int n, double eps) {
      super(parameters);
      this.n = n;
      this.eps = eps;
    }

    /// Mean, and 1 / sqrt(variance + eps), of the row that begins at `from`.
    private double[] moments(int from) {
      double mean = 0;
      double variance = 0;
      for (int j = 0; j < n; j++) {
        mean += x[from + j] / n;
      }
      for (int j = 0; j < n; j++) {
        variance += (x[from + j] - mean) * (x[from + j] - mean) / n;
      }
      double factor = 1 / Math.sqrt(variance + eps);
      amplification = Math.max(amplification, factor);
      return new double[] {mean, factor};
    }

    @Override
    double[] compute(double[] x) {
      double[] y = new double[x.length];
      for (int row = 0; row < x.length; row += n) {
        double[] moments = moments(row);
        for (int j = 0; j < n; j++) {
          double z = (x[row + j] - moments[0]) * moments[1];
          y[row + j] = z * parameters[0][j] + parameters[1][j];
        }
      }
      return y;
    }

    @Override
    double[] backward(double[] gy) {
      double[] gx = new double[x.length];
      for (int row = 0; row < x.length; row += n) {
        double[] moments = moments(row);
        double sum = 0;
        double product = 0;
        for (int j = 0; j < n; j++) {
          double z = (x[row + j] - moments[0]) * moments[1];
          gradients[0][j] += gy[row + j] * z;
          gradients[1][j] += gy[row + j];
          sum += gy[row + j] * parameters[0][j];
          product += gy[row + j] * parameters[0][j] * z;
        }
        for (int j = 0; j < n; j++) {
          double z = (x[row + j] - moments[0]) * moments[1];
          double g = gy[row + j] * parameters[0][j];
          gx[row + j] = moments[1] * (g - sum / n - z * product / n);
        }
      }
      return gx;
    }
  }

  private static class OfSoftmax extends LayerOracle {
    final int n;

    OfSoftmax(int n) {
      super(List.of());
      this.n = n;
    }

    @Override
    double[] compute(double[] x) {
      double[] y = new double[x.length];
      for (int row = 0; row < x.length; row += n) {
        double max = Double.NEGATIVE_INFINITY;
        double sum = 0;
        for (int j = 0; j < n; j++) {
          max = Math.max(max, x[row + j]);
        }
        for (int j = 0; j < n; j++) {
          y[row + j] = StrictMath.exp(x[row + j] - max);
          sum += y[row + j];
        }
        for (int j = 0; j < n; j++) {
          y[row + j] = value(y[row + j] / sum, x[row + j] - max - StrictMath.log(sum));
        }
      }
      return y;
    }

    double value(double softmax, double logarithm) {
      return softmax;
    }

    @Override
    double[] backward(double[] gy) {
      double[] gx = new double[y.length];
      for (int row = 0; row < y.length; row += n) {
        double sum = 0;
        for (int j = 0; j < n; j++) {
          sum += gy[row + j] * y[row + j];
        }
        for (int j = 0; j < n; j++) {
          gx[row + j] = y[row + j] * (gy[row + j] - sum);
        }
      }
      return gx;
    }
  }

  private static final class OfLogSoftmax extends OfSoftmax {
    OfLogSoftmax(int n) {
      super(n);
    }

    @Override
    double value(double softmax, double logarithm) {
      return logarithm;
    }

    @Override
    double[] backward(double[] gy) {
      double[] gx = new double[y.length];
      for (int row = 0; row < y.length; row += n) {
        double sum = 0;
        for (int j = 0; j < n; j++) {
          sum += gy[row + j];
        }
        for (int j = 0; j < n; j++) {
          gx[row + j] = gy[row + j] - StrictMath.exp(y[row + j]) * sum;
        }
      }
      return gx;
    }
  }

  private static final class OfGlu extends LayerOracle {
    private final int inputs;

    OfGlu(int inputs) {
      super(List.of());
      this.inputs = inputs;
    }

    private int at(int i) {
      int half = inputs / 2;
      return i / half * inputs + i % half;
    }

    @Override
    double[] compute(double[] x) {
      double[] y = new double[x.length / 2];
      for (int i = 0; i < y.length; i++) {
        y[i] = x[at(i)] * Oracle.sigmoid(x[at(i) + inputs / 2]);
      }
      return y;
    }

    @Override
    double[] backward(double[] gy) {
      double[] gx = new double[x.length];
      for (int i = 0; i < gy.length; i++) {
        double s = Oracle.sigmoid(x[at(i) + inputs / 2]);
        gx[at(i)] = gy[i] * s;
        gx[at(i) + inputs / 2] = gy[i] * x[at(i)] * s * (1 - s);
      }
      return gx;
    }
  }

  private static final class OfMask extends LayerOracle {
    private final double[] mask;

    OfMask(double[] mask) {
      super(List.of());
      this.mask = mask;
    }

    @Override
    double[] compute(double[] x) {
      return backward(x);
    }

    @Override
    double[] backward(double[] gy) {
      double[] gx = new double[gy.length];
      for (int i = 0; i < gy.length; i++) {
        gx[i] = gy[i] * mask[i];
      }
      return gx;
    }
  }

  private static final class OfActivation extends LayerOracle {
    private final Op op;

    OfActivation(Op op) {
      super(List.of());
      this.op = op;
    }

    @Override
    double[] compute(double[] x) {
      double[] y = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        for (double kink : op.kinks()) {
          nearestKink = Math.min(nearestKink, Math.abs(x[i] - kink));
        }
        y[i] = op.forward().applyAsDouble(x[i]);
      }
      return y;
    }

    @Override
    double[] backward(double[] gy) {
      double[] gx = new double[gy.length];
      for (int i = 0; i < gy.length; i++) {
        gx[i] = gy[i] * op.derivative().applyAsDouble(x[i]);
      }
      return gx;
    }
  }
}
