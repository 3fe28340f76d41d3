package io.github.lanewise.properties.loss;

import io.github.lanewise.core.ElementwiseLoss;
import io.github.lanewise.properties.support.Samples;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

/// An elementwise loss beside its double-precision reference: one row of the table of losses.
///
/// @param value of output and target
/// @param slope of the value in the output
/// @param size of the parts that the value is made of, which bounds its rounding
/// @param slopeSize the same of the slope
/// @param kinks differences of output and target near which no limit of differences is taken
/// @param targets what targets are
public record LossOp(
    ElementwiseLoss loss,
    DoubleBinaryOperator value,
    DoubleBinaryOperator slope,
    DoubleBinaryOperator size,
    DoubleBinaryOperator slopeSize,
    List<Double> kinks,
    Targets targets) {
  /// What a loss compares with.
  public enum Targets {
    ANY,
    PROBABILITIES
  }

  public static final List<LossOp> ALL =
      List.of(
          difference(
              ElementwiseLoss.MEAN_SQUARED_ERROR,
              (y, t) -> (y - t) * (y - t),
              (y, t) -> 2 * (y - t)),
          difference(
              ElementwiseLoss.L1,
              (y, t) -> Math.abs(y - t),
              (y, t) -> Double.isNaN(y - t) ? 0 : Math.signum(y - t),
              0.0),
          smoothL1(ElementwiseLoss.SMOOTH_L1, 1),
          smoothL1(ElementwiseLoss.smoothL1(0.3), 0.3f),
          huber(ElementwiseLoss.HUBER, 1),
          huber(ElementwiseLoss.huber(2.5), 2.5),
          binaryCrossEntropy(ElementwiseLoss.BINARY_CROSS_ENTROPY_WITH_LOGITS, 1),
          binaryCrossEntropy(ElementwiseLoss.binaryCrossEntropyWithLogits(3.7), 3.7f),
          new LossOp(
              ElementwiseLoss.KL_DIVERGENCE,
              (y, t) -> t == 0 ? 0 : t * (StrictMath.log(t) - y),
              (y, t) -> -t,
              (y, t) -> t == 0 ? 0 : t * (Math.abs(StrictMath.log(t)) + Math.abs(y)),
              (y, t) -> t,
              List.of(),
              Targets.PROBABILITIES));

  private static LossOp difference(
      ElementwiseLoss loss,
      DoubleBinaryOperator value,
      DoubleBinaryOperator slope,
      Double... kinks) {
    return new LossOp(
        loss,
        value,
        slope,
        value,
        (y, t) -> Math.abs(slope.applyAsDouble(y, t)),
        List.of(kinks),
        Targets.ANY);
  }

  /// PyTorch's formulas, case by case, where the kernel has one for both.
  private static LossOp huber(ElementwiseLoss loss, double delta) {
    return difference(
        loss,
        (y, t) -> {
          double z = Math.abs(y - t);
          return z <= delta ? 0.5 * z * z : delta * (z - 0.5 * delta);
        },
        (y, t) -> Math.abs(y - t) <= delta ? y - t : delta * Math.signum(y - t),
        -delta,
        delta);
  }

  private static LossOp smoothL1(ElementwiseLoss loss, double beta) {
    return difference(
        loss,
        (y, t) -> {
          double z = Math.abs(y - t);
          return z < beta ? 0.5 * z * z / beta : z - 0.5 * beta;
        },
        (y, t) -> Math.abs(y - t) < beta ? (y - t) / beta : Math.signum(y - t),
        -beta,
        beta);
  }

  private static LossOp binaryCrossEntropy(ElementwiseLoss loss, double a) {
    return new LossOp(
        loss,
        (y, t) -> a * t * softplus(-y) + (1 - t) * softplus(y),
        (y, t) -> (1 - t) * sigmoid(y) - a * t * sigmoid(-y),
        (y, t) -> (a * t + 1 - t) * softplus(-Math.abs(y)) + Math.abs(y) * (y > 0 ? 1 - t : a * t),
        (y, t) -> (a * t + 1 - t) * sigmoid(y) + a * t,
        List.of(),
        Targets.PROBABILITIES);
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }

  private static double sigmoid(double x) {
    double e = StrictMath.exp(-Math.abs(x));
    return x < 0 ? e / (1 + e) : 1 / (1 + e);
  }

  /// Targets for as many outputs; labels of 0 and 1 are among the probabilities.
  float[] targets(long seed, int n, double deviation) {
    float[] t = Samples.normal(seed, n, targets == Targets.ANY ? deviation : 0.7);
    if (targets == Targets.PROBABILITIES) {
      for (int i = 0; i < n; i++) {
        t[i] = Math.clamp(Math.abs(t[i]) - 0.1f, 0f, 1f);
      }
    }
    return t;
  }

  @Override
  public String toString() {
    return loss.toString();
  }
}
