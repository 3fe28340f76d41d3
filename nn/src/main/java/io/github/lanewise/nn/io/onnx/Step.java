package io.github.lanewise.nn.io.onnx;

import io.github.lanewise.core.Activation;

/// A layer that was recognised in a graph, with its parameters. Arrays belong to the step that
/// holds them.
@SuppressWarnings("ArrayRecordComponent") // nobody asks whether two steps are equal
sealed interface Step {

  /// `y = x W^T + b`.
  ///
  /// @param weight W, `[out, in]`, row after row
  /// @param bias b, `[out]`; zeros if there is none
  record Linear(int in, int out, float[] weight, float[] bias) implements Step {}

  /// A function of each element.
  record Elementwise(Activation activation) implements Step {}

  /// Softmax over a row, or its logarithm.
  record Softmax(boolean log) implements Step {}

  /// `(x - mean) / sqrt(variance + eps) * weight + bias` over a row.
  ///
  /// @param weight and `bias`: one for each feature; both null for 1 and 0
  record LayerNorm(double eps, float[] weight, float[] bias) implements Step {}

  /// `x` if it is above 0, else `slope * x`.
  ///
  /// @param slopes one for all features, or one for each
  record ParametricRelu(float[] slopes) implements Step {}

  /// `x * scale + shift`, which a linear layer or a LayerNorm beside it takes over.
  ///
  /// @param scale and `shift`: one for all features, or one for each
  /// @param node from which it came, for messages
  record Affine(float[] scale, float[] shift, String node) implements Step {
    float scale(int feature) {
      return scale[scale.length == 1 ? 0 : feature];
    }

    float shift(int feature) {
      return shift[shift.length == 1 ? 0 : feature];
    }

    /// Returns what this step and then `next` do, or null if their widths differ.
    Affine then(Affine next) {
      int width =
          Math.max(
              Math.max(scale.length, shift.length), Math.max(next.scale.length, next.shift.length));
      if (!fits(width) || !next.fits(width)) {
        return null;
      }
      float[] scales = new float[width];
      float[] shifts = new float[width];
      for (int i = 0; i < width; i++) {
        scales[i] = scale(i) * next.scale(i);
        shifts[i] = Math.fma(shift(i), next.scale(i), next.shift(i));
      }
      return new Affine(scales, shifts, next.node);
    }

    /// Whether it can be applied to rows of so many features.
    boolean fits(int width) {
      return (scale.length == 1 || scale.length == width)
          && (shift.length == 1 || shift.length == width);
    }

    /// Returns the linear layer that does what `before` and then this step do.
    Linear after(Linear before) {
      float[] weight = before.weight.clone();
      float[] bias = new float[before.out];
      for (int row = 0; row < before.out; row++) {
        bias[row] = Math.fma(before.bias[row], scale(row), shift(row));
        for (int col = 0; col < before.in; col++) {
          weight[row * before.in + col] *= scale(row);
        }
      }
      return new Linear(before.in, before.out, weight, bias);
    }

    /// Returns the linear layer that does what this step and then `next` do.
    Linear before(Linear next) {
      float[] weight = next.weight.clone();
      float[] bias = new float[next.out];
      for (int row = 0; row < next.out; row++) {
        double sum = next.bias[row];
        for (int col = 0; col < next.in; col++) {
          sum += (double) weight[row * next.in + col] * shift(col);
          weight[row * next.in + col] *= scale(col);
        }
        bias[row] = (float) sum;
      }
      return new Linear(next.in, next.out, weight, bias);
    }

    /// Returns the LayerNorm that does what `before` and then this step do.
    LayerNorm after(LayerNorm before, int width) {
      float[] weight = new float[width];
      float[] bias = new float[width];
      for (int i = 0; i < width; i++) {
        weight[i] = (before.weight == null ? 1 : before.weight[i]) * scale(i);
        bias[i] = Math.fma(before.bias == null ? 0 : before.bias[i], scale(i), shift(i));
      }
      return new LayerNorm(before.eps, weight, bias);
    }
  }
}
