package io.github.lanewise.optim.rule;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateRun;
import io.github.lanewise.core.UpdateScalars;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.core.UpdateState;
import io.github.lanewise.core.Updates;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;

/// The steps of [AdafactorConfig] for one parameter. A parameter with more than two dimensions is a
/// row of matrices; each has rows and columns of its own, as in PyTorch.
final class Adafactor implements TensorUpdate {
  private final Parameter parameter;
  private final FloatArray update;
  private final UpdateRun move;
  private final UpdateScalars moved = new UpdateScalars(1);
  private final StateDict states = new StateDict();

  // The matrices, or one row for a parameter with one dimension, which keeps `variance`.
  private final int matrices;
  private final int rows;
  private final int cols;
  private final FloatArray rowVar;
  private final FloatArray colVar;
  private final FloatArray variance;
  private final double[] colSums;

  Adafactor(Arena arena, Parameter parameter) {
    this.parameter = parameter;
    Shape shape = parameter.shape();
    FloatArray p = parameter.value();
    update = FloatArray.allocate(arena, p.length());
    UpdateState none = UpdateState.allocate(arena, StatePrecision.FLOAT32, List.of(), p.length());
    move = UpdateRun.of(Updates.SGD, p, update, none, 0);
    int rank = shape.rank();
    if (rank < 2) {
      matrices = 0;
      rows = 0;
      cols = 0;
      rowVar = null;
      colVar = null;
      variance = FloatArray.allocate(arena, p.length());
      states.put("variance", shape, variance);
    } else {
      rows = Math.toIntExact(shape.size(rank - 2));
      cols = Math.toIntExact(shape.size(rank - 1));
      matrices = p.length() == 0 ? 0 : Math.toIntExact(p.length() / ((long) rows * cols));
      rowVar = FloatArray.allocate(arena, (long) matrices * rows);
      colVar = FloatArray.allocate(arena, (long) matrices * cols);
      variance = null;
      states.put("row_var", reduced(shape, rank - 1), rowVar);
      states.put("col_var", reduced(shape, rank - 2), colVar);
    }
    colSums = new double[cols];
  }

  /// The shape with one dimension of size 1.
  private static Shape reduced(Shape shape, int dimension) {
    long[] sizes = new long[shape.rank()];
    Arrays.setAll(sizes, i -> i == dimension ? Math.min(1, shape.elements()) : shape.size(i));
    return Shape.of(sizes);
  }

  @Override
  public void step(UpdateSettings settings, long t, UpdateScalars gradient) {
    FloatArray p = parameter.value();
    long n = p.length();
    Updates.prepare(p, parameter.gradient(), update, gradient);
    double lr = settings.get("lr");
    double rms = StrictMath.sqrt(Updates.sumOfSquares(p)) / StrictMath.sqrt((double) n);
    double most = Math.min(lr, 1 / StrictMath.sqrt((double) t));
    double alpha = Math.max(settings.get("eps2"), rms) * most;
    float weight = (float) Power.of((double) t, settings.get("beta2Decay"));
    double eps1 = settings.get("eps1");
    float least = (float) (eps1 * eps1);
    if (variance != null) {
      vector(weight, least);
    }
    for (int matrix = 0; matrix < matrices; matrix++) {
      means(matrix, weight);
      matrix(matrix, (float) eps1, least);
    }
    double length = StrictMath.sqrt(Updates.sumOfSquares(update));
    double excess = length / (StrictMath.sqrt((double) n) * settings.get("d"));
    moved.values()[0] = (float) (-alpha / Math.max(1, excess));
    moved.shrink(1 - lr * settings.get("weightDecay"));
    move.step(0, n, moved);
  }

  private void vector(float weight, float least) {
    for (long i = 0; i < update.length(); i++) {
      float g = update.get(i);
      float v = lerp(variance.get(i), g * g, weight);
      variance.set(i, v);
      update.set(i, inverseRoot(v, least) * g);
    }
  }

  /// The running means of the squares of each row and each column.
  private void means(int matrix, float weight) {
    Arrays.fill(colSums, 0);
    long at = (long) matrix * rows * cols;
    for (int r = 0; r < rows; r++) {
      double sum = 0;
      for (int c = 0; c < cols; c++) {
        double g = update.get(at + c);
        sum += g * g;
        colSums[c] += g * g;
      }
      long row = (long) matrix * rows + r;
      rowVar.set(row, lerp(rowVar.get(row), (float) (sum / cols), weight));
      at += cols;
    }
    for (int c = 0; c < cols; c++) {
      long col = (long) matrix * cols + c;
      colVar.set(col, lerp(colVar.get(col), (float) (colSums[c] / rows), weight));
    }
  }

  private void matrix(int matrix, float eps1, float least) {
    double sum = 0;
    for (int r = 0; r < rows; r++) {
      sum += rowVar.get((long) matrix * rows + r);
    }
    float mean = Math.max((float) (sum / rows), eps1);
    long at = (long) matrix * rows * cols;
    for (int r = 0; r < rows; r++) {
      float row = rowVar.get((long) matrix * rows + r);
      for (int c = 0; c < cols; c++) {
        float v = row * colVar.get((long) matrix * cols + c) / mean;
        update.set(at + c, inverseRoot(v, least) * update.get(at + c));
      }
      at += cols;
    }
  }

  private static float inverseRoot(float v, float least) {
    return 1f / (float) Math.sqrt(Math.max(v, least));
  }

  private static float lerp(float a, float b, float weight) {
    return weight < 0.5f ? Math.fma(weight, b - a, a) : Math.fma(weight - 1, b - a, b);
  }

  @Override
  public StateDict states() {
    return states;
  }
}
