package io.github.lanewise.properties.loss;

import io.github.lanewise.core.ElementwiseLoss;
import io.github.lanewise.properties.support.Samples;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

/// An elementwise loss beside its double-precision reference: one row of the table of losses.
///
/// A row is all that the tests and the fingerprints know of a loss, so that a new loss needs a row
/// here and nothing else.
///
/// @param value of output and target
/// @param slope of the value in the output
/// @param size of the parts that the value is made of, which bounds its rounding
/// @param slopeSize the same of the slope
/// @param kinks differences of output and target near which no limit of differences is taken
/// @param targets what targets are
/// @param special cases of one element, which are separated by commas: output, target, loss and
///     gradient as PyTorch 2.13 has them in float32, and the limit where PyTorch loses it
public record LossOp(
    ElementwiseLoss loss,
    DoubleBinaryOperator value,
    DoubleBinaryOperator slope,
    DoubleBinaryOperator size,
    DoubleBinaryOperator slopeSize,
    List<Double> kinks,
    Targets targets,
    String special) {
  /// What a loss compares with.
  public enum Targets {
    ANY,
    PROBABILITIES
  }

  private static final String NOT_FINITE = "NaN 0 NaN NaN, 0 NaN NaN NaN, Inf Inf NaN NaN, ";

  /// The table.
  public static final List<LossOp> ALL =
      List.of(
          difference(
              ElementwiseLoss.MEAN_SQUARED_ERROR,
              (y, t) -> (y - t) * (y - t),
              (y, t) -> 2 * (y - t),
              NOT_FINITE
                  + "Inf 0 Inf Inf, -Inf 0 Inf -Inf, 0 0 0 0, 3e38 -3e38 Inf Inf, .5 0 .25 1"),
          difference(
              ElementwiseLoss.L1,
              (y, t) -> Math.abs(y - t),
              (y, t) -> Double.isNaN(y - t) ? 0 : Math.signum(y - t),
              "NaN 0 NaN 0, 0 NaN NaN 0, Inf Inf NaN 0, Inf 0 Inf 1, -Inf 0 Inf -1, 0 0 0 0, "
                  + "3e38 -3e38 Inf 1, -2 0 2 -1",
              0.0),
          smoothL1(
              1,
              NOT_FINITE
                  + "Inf 0 Inf 1, -Inf 0 Inf -1, 0 0 0 0, 1 0 .5 1, -1 0 .5 -1, 0 .5 .125 -.5, "
                  + "3e38 -3e38 Inf 1, 2 0 1.5 1, -100 1 100.5 -1"),
          smoothL1(
              0.3, "0 0 0 0, .3 0 .15 1, -.3 0 .15 -1, .15 0 .0375 .5, 1 0 .85 1, Inf 0 Inf 1"),
          huber(
              1,
              NOT_FINITE
                  + "Inf 0 Inf 1, -Inf 0 Inf -1, 0 0 0 0, 1 0 .5 1, -1 0 .5 -1, 0 .5 .125 -.5"),
          huber(
              2.5,
              "0 0 0 0, 2.5 0 3.125 2.5, -2.5 0 3.125 -2.5, 100 0 246.875 2.5, -Inf 0 Inf -2.5"),
          // PyTorch has NaN at a logit of -inf and a label of 1, and 0 at -100 and 0.
          binaryCrossEntropy(
              1,
              "NaN 0 NaN NaN, 0 NaN NaN NaN, Inf 0 Inf 1, -Inf 0 NaN 0, Inf 1 NaN 0, "
                  + "-Inf 1 Inf -1, 0 0 .6931472 .5, 0 .5 .6931472 0, -1 0 .31326175 .26894143, "
                  + "100 0 100 1, 100 1 3.72e-44 0, -100 1 100 -1, -100 0 3.72e-44 3.72e-44, "
                  + "3e38 0 3e38 1, 3e38 1 0 0"),
          binaryCrossEntropy(
              3.7,
              "-Inf 0 NaN 0, Inf 1 NaN 0, 0 .5 1.6288958 -.675, -100 1 370 -3.7, 100 0 100 1, "
                  + "-1 0 .31326175 .26894143"),
          // PyTorch's divergence is NaN at a target of 0 unless y is finite.
          new LossOp(
              ElementwiseLoss.KL_DIVERGENCE,
              (y, t) -> t == 0 ? 0 : t * (StrictMath.log(t) - y),
              (y, t) -> -t,
              (y, t) -> t == 0 ? 0 : t * (Math.abs(StrictMath.log(t)) + Math.abs(y)),
              (y, t) -> t,
              List.of(),
              Targets.PROBABILITIES,
              "NaN 1 NaN -1, 0 NaN NaN NaN, Inf 1 -Inf -1, -Inf 1 Inf -1, -Inf 0 0 0, NaN 0 0 0, "
                  + "5 0 0 0, -1 -1 NaN 1, 0 .5 -.3465736 -.5"));

  private static LossOp difference(
      ElementwiseLoss loss,
      DoubleBinaryOperator value,
      DoubleBinaryOperator slope,
      String special,
      Double... kinks) {
    return new LossOp(
        loss,
        value,
        slope,
        value,
        (y, t) -> Math.abs(slope.applyAsDouble(y, t)),
        List.of(kinks),
        Targets.ANY,
        special);
  }

  /// PyTorch's formulas, case by case, where the kernel has one for both.
  private static LossOp huber(double parameter, String special) {
    double delta = (float) parameter;
    return difference(
        ElementwiseLoss.huber(parameter),
        (y, t) -> {
          double z = Math.abs(y - t);
          return z <= delta ? 0.5 * z * z : delta * (z - 0.5 * delta);
        },
        (y, t) -> Math.abs(y - t) <= delta ? y - t : delta * Math.signum(y - t),
        special,
        -delta,
        delta);
  }

  private static LossOp smoothL1(double parameter, String special) {
    double beta = (float) parameter;
    return difference(
        ElementwiseLoss.smoothL1(parameter),
        (y, t) -> {
          double z = Math.abs(y - t);
          return z < beta ? 0.5 * z * z / beta : z - 0.5 * beta;
        },
        (y, t) -> Math.abs(y - t) < beta ? (y - t) / beta : Math.signum(y - t),
        special,
        -beta,
        beta);
  }

  private static LossOp binaryCrossEntropy(double parameter, String special) {
    double a = (float) parameter;
    return new LossOp(
        ElementwiseLoss.binaryCrossEntropyWithLogits(parameter),
        (y, t) -> a * t * softplus(-y) + (1 - t) * softplus(y),
        (y, t) -> (1 - t) * sigmoid(y) - a * t * sigmoid(-y),
        (y, t) -> (a * t + 1 - t) * softplus(-Math.abs(y)) + Math.abs(y) * (y > 0 ? 1 - t : a * t),
        (y, t) -> (a * t + 1 - t) * sigmoid(y) + a * t,
        List.of(),
        Targets.PROBABILITIES,
        special);
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
