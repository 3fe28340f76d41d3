package io.github.lanewise.properties.network;

import io.github.lanewise.bench.accuracy.Op;
import java.util.ArrayList;
import java.util.List;

/// A network of linear layers and activations in double precision, forward and backward.
///
/// Layer i has weight `[out, in]` and bias `[out]`; after each but the last comes an activation.
public final class NetworkOracle {
  private final List<float[]> weights;
  private final List<float[]> biases;
  private final List<Op> activations;

  /// How close an input of an activation came to one of its kinks.
  private double nearestKink = Double.MAX_VALUE;

  private final List<double[]> weightGradients = new ArrayList<>();
  private final List<double[]> biasGradients = new ArrayList<>();
  private double loss;
  private double[] inputGradient;

  /// The largest sum of the sizes of the terms that make one element of a gradient: what may
  /// cancel.
  private double largestSize;

  public NetworkOracle(List<float[]> weights, List<float[]> biases, List<Op> activations) {
    this.weights = weights;
    this.biases = biases;
    this.activations = activations;
  }

  public double loss() {
    return loss;
  }

  public double nearestKink() {
    return nearestKink;
  }

  public List<double[]> weightGradients() {
    return weightGradients;
  }

  public List<double[]> biasGradients() {
    return biasGradients;
  }

  public double largestSize() {
    return largestSize;
  }

  public double[] inputGradient() {
    return inputGradient;
  }

  /// Mean cross-entropy of the classes.
  public void crossEntropy(float[] x, int[] classes) {
    List<double[]> inputs = new ArrayList<>();
    List<double[]> sums = new ArrayList<>();
    double[] logits = forward(x, classes.length, inputs, sums);
    int cols = logits.length / classes.length;
    double[] gradient = new double[logits.length];
    for (int i = 0; i < classes.length; i++) {
      double max = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < cols; j++) {
        max = Math.max(max, logits[i * cols + j]);
      }
      double sum = 0;
      for (int j = 0; j < cols; j++) {
        sum += StrictMath.exp(logits[i * cols + j] - max);
      }
      loss += (max + StrictMath.log(sum) - logits[i * cols + classes[i]]) / classes.length;
      for (int j = 0; j < cols; j++) {
        double p = StrictMath.exp(logits[i * cols + j] - max) / sum;
        gradient[i * cols + j] = (p - (j == classes[i] ? 1 : 0)) / classes.length;
      }
    }
    backward(gradient, classes.length, inputs, sums);
  }

  /// Mean squared error of the targets.
  public void meanSquaredError(float[] x, float[] targets, int rows) {
    List<double[]> inputs = new ArrayList<>();
    List<double[]> sums = new ArrayList<>();
    double[] y = forward(x, rows, inputs, sums);
    double[] gradient = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      double difference = y[i] - targets[i];
      loss += difference * difference / y.length;
      gradient[i] = 2 * difference / y.length;
    }
    backward(gradient, rows, inputs, sums);
  }

  private double[] forward(float[] x, int rows, List<double[]> inputs, List<double[]> sums) {
    double[] h = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      h[i] = x[i];
    }
    for (int layer = 0; layer < weights.size(); layer++) {
      inputs.add(h);
      float[] weight = weights.get(layer);
      float[] bias = biases.get(layer);
      int in = weight.length / bias.length;
      double[] z = new double[rows * bias.length];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < bias.length; j++) {
          double sum = bias[j];
          for (int l = 0; l < in; l++) {
            sum += h[i * in + l] * weight[j * in + l];
          }
          z[i * bias.length + j] = sum;
        }
      }
      sums.add(z);
      h = layer < activations.size() ? activated(activations.get(layer), z) : z;
    }
    return h;
  }

  private double[] activated(Op op, double[] z) {
    double[] h = new double[z.length];
    for (int i = 0; i < z.length; i++) {
      for (double kink : op.kinks()) {
        nearestKink = Math.min(nearestKink, Math.abs(z[i] - kink));
      }
      h[i] = op.forward().applyAsDouble(z[i]);
    }
    return h;
  }

  private void backward(double[] gradient, int rows, List<double[]> inputs, List<double[]> sums) {
    double[] g = gradient;
    for (int layer = weights.size() - 1; layer >= 0; layer--) {
      if (layer < activations.size()) {
        double[] z = sums.get(layer);
        for (int i = 0; i < g.length; i++) {
          g[i] *= activations.get(layer).derivative().applyAsDouble(z[i]);
        }
      }
      float[] weight = weights.get(layer);
      int out = biases.get(layer).length;
      int in = weight.length / out;
      double[] x = inputs.get(layer);
      double[] gw = new double[weight.length];
      double[] gb = new double[out];
      double[] gx = new double[x.length];
      double[] size = new double[out];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < out; j++) {
          double gij = g[i * out + j];
          gb[j] += gij;
          size[j] += Math.abs(gij);
          largestSize = Math.max(largestSize, size[j]);
          for (int l = 0; l < in; l++) {
            gw[j * in + l] += gij * x[i * in + l];
            gx[i * in + l] += gij * weight[j * in + l];
          }
        }
      }
      weightGradients.addFirst(gw);
      biasGradients.addFirst(gb);
      g = gx;
    }
    inputGradient = g;
  }
}
