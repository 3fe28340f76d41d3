package io.github.lanewise.bench.lab;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.SplittableRandom;

/// Logistic regression on rows that the program draws, all rows in every step. The columns have
/// scales from 1 to 1/10, and one label in ten is wrong. Computed in double, and rounded once.
final class LogisticRegression implements Problem {
  private static final int ROWS = 256;
  private static final int COLUMNS = 16;
  private static final double PENALTY = 1e-3;

  private final double[][] rows = new double[ROWS][COLUMNS];
  private final double[] signs = new double[ROWS];

  LogisticRegression() {
    SplittableRandom random = new SplittableRandom(1);
    double[] weights = new double[COLUMNS];
    for (int k = 0; k < COLUMNS; k++) {
      weights[k] = 8 * TestFunction.unit(random) - 4;
    }
    for (int i = 0; i < ROWS; i++) {
      double sum = 0;
      for (int k = 0; k < COLUMNS; k++) {
        double scale = StrictMath.pow(10, -k / (COLUMNS - 1.0));
        rows[i][k] = scale * (2 * TestFunction.unit(random) - 1);
        sum += rows[i][k] * weights[k];
      }
      signs[i] = sum > 0 == TestFunction.unit(random) < 0.9 ? 1 : -1;
    }
  }

  @Override
  public String key() {
    return "logistic";
  }

  @Override
  public String description() {
    return ("logistic regression on %d drawn rows of %d columns, one label in ten wrong, with an L2"
            + " penalty of %s; the weights start at random between -1 and 1")
        .formatted(ROWS, COLUMNS, PENALTY);
  }

  @Override
  public double target() {
    return 0.465;
  }

  @Override
  public Attempt open(Arena arena, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    FloatArray value = FloatArray.allocate(arena, COLUMNS);
    FloatArray gradient = FloatArray.allocate(arena, COLUMNS);
    for (int k = 0; k < COLUMNS; k++) {
      value.set(k, (float) (2 * TestFunction.unit(random) - 1));
    }
    return new Weights(List.of(new Parameter("w", Shape.of(COLUMNS), value, gradient)));
  }

  private final class Weights implements Attempt {
    private final List<Parameter> parameters;
    private final float[] w = new float[COLUMNS];
    private final double[] sums = new double[COLUMNS];
    private final float[] g = new float[COLUMNS];

    private Weights(List<Parameter> parameters) {
      this.parameters = parameters;
    }

    @Override
    public List<Parameter> parameters() {
      return parameters;
    }

    @Override
    public void gradient() {
      parameters.getFirst().value().copyTo(w);
      for (int k = 0; k < COLUMNS; k++) {
        sums[k] = PENALTY * w[k];
      }
      for (int i = 0; i < ROWS; i++) {
        double factor = -signs[i] / (1 + StrictMath.exp(margin(i))) / ROWS;
        for (int k = 0; k < COLUMNS; k++) {
          sums[k] += factor * rows[i][k];
        }
      }
      for (int k = 0; k < COLUMNS; k++) {
        g[k] = (float) sums[k];
      }
      parameters.getFirst().gradient().copyFrom(g);
    }

    @Override
    public double loss() {
      parameters.getFirst().value().copyTo(w);
      double sum = 0;
      for (int i = 0; i < ROWS; i++) {
        double margin = margin(i);
        sum += Math.max(0, -margin) + StrictMath.log1p(StrictMath.exp(-Math.abs(margin)));
      }
      double squares = 0;
      for (float each : w) {
        squares += (double) each * each;
      }
      return sum / ROWS + PENALTY / 2 * squares;
    }

    private double margin(int row) {
      double sum = 0;
      for (int k = 0; k < COLUMNS; k++) {
        sum += rows[row][k] * w[k];
      }
      return signs[row] * sum;
    }
  }
}
