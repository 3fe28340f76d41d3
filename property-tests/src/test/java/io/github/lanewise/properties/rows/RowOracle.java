package io.github.lanewise.properties.rows;

/// Softmax, its relatives and the losses in double, a row or a batch at a time.
public final class RowOracle {
  private RowOracle() {}

  public static double[] softmax(float[] x) {
    double max = max(x);
    double[] y = new double[x.length];
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      y[i] = StrictMath.exp(x[i] - max);
      sum += y[i];
    }
    for (int i = 0; i < x.length; i++) {
      y[i] /= sum;
    }
    return y;
  }

  public static double[] logSoftmax(float[] x) {
    double logSumExp = logSumExp(x);
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = Double.isNaN(logSumExp) ? Double.NaN : x[i] - logSumExp;
    }
    return y;
  }

  /// NaN for a row with NaN or inf, and for one that is -inf throughout.
  public static double logSumExp(float[] x) {
    double max = max(x);
    double sum = 0;
    for (float value : x) {
      sum += StrictMath.exp(value - max);
    }
    return max + StrictMath.log(sum);
  }

  /// y (gy - sum(gy y)).
  public static double[] softmaxGradient(float[] y, float[] gy) {
    double dot = 0;
    for (int i = 0; i < y.length; i++) {
      dot += (double) gy[i] * y[i];
    }
    double[] gx = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      gx[i] = y[i] * (gy[i] - dot);
    }
    return gx;
  }

  /// gy - exp(y) sum(gy).
  public static double[] logSoftmaxGradient(float[] y, float[] gy) {
    double sum = 0;
    for (float g : gy) {
      sum += g;
    }
    double[] gx = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      gx[i] = gy[i] - StrictMath.exp(y[i]) * sum;
    }
    return gx;
  }

  private static double max(float[] x) {
    double max = Double.NEGATIVE_INFINITY;
    for (float value : x) {
      max = Double.isNaN(value) || Double.isNaN(max) ? Double.NaN : Math.max(max, value);
    }
    return max;
  }
}
