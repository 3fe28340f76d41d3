package io.github.lanewise.bench.lab;

import io.github.lanewise.core.Shape;
import java.util.Arrays;

/// The rules of `optim` that look at whole parameters, in scalar Java.
///
/// Like [Chains] they share no code with the library; the order in which it sums squares is part of
/// a rule's definition and stands here once more.
final class TensorChains {
  /// Both states of each element: LAMB's m and v, or what Adafactor keeps for the element's row and
  /// column. Elements of one row hold the same number.
  private static final int STATES = 2;

  private static final int BLOCK = 1024;
  private static final int LANES = 64;
  private static final int TILE_ROWS = 16;
  private static final int TILE_COLS = 256;

  static final Chain LAMB = new OfTensors(TensorChains::lamb);
  static final Chain ADAFACTOR = new OfTensors(TensorChains::adafactor);

  private TensorChains() {}

  private record OfTensors(Chain chain) implements Chain {
    @Override
    public void step(Cell[] cells, Shape shape) {
      if (cells.length > 0) {
        chain.step(cells, shape);
      }
    }

    @Override
    public int ownStates() {
      return STATES;
    }
  }

  private static void lamb(Cell[] cells, Shape shape) {
    for (Cell x : cells) {
      x.sign();
      x.mean(0, x.get("beta1"));
      x.squares(1, x.get("beta2"), x.g);
      float m = x.states[0] / (float) x.correction("beta1");
      float hat = Cell.root(x.states[1]) / (float) StrictMath.sqrt(x.correction("beta2"));
      x.g = Math.fma(x.p, x.rounded("weightDecay"), m / (hat + x.rounded("eps")));
    }
    double norm = StrictMath.sqrt(squares(parameters(cells)));
    double length = StrictMath.sqrt(squares(steps(cells)));
    double trust = norm == 0 || length == 0 ? 1 : norm / length;
    for (Cell x : cells) {
      x.addFused(-x.get("lr") * trust, x.g);
    }
  }

  private static void adafactor(Cell[] cells, Shape shape) {
    for (Cell x : cells) {
      x.sign();
    }
    Cell any = cells[0];
    double size = StrictMath.sqrt((double) cells.length);
    double rms = StrictMath.sqrt(squares(parameters(cells))) / size;
    double lr = any.get("lr");
    double rate = Math.max(any.get("eps2"), rms);
    rate *= Math.min(lr, 1 / StrictMath.sqrt((double) any.t()));
    if (shape.rank() < 2) {
      ofVector(cells);
    } else {
      int rows = (int) shape.size(shape.rank() - 2);
      int cols = (int) shape.size(shape.rank() - 1);
      for (int from = 0; from < cells.length; from += rows * cols) {
        ofMatrix(Arrays.copyOfRange(cells, from, from + rows * cols), cols);
      }
    }
    double excess = StrictMath.sqrt(squares(steps(cells))) / (size * any.get("d"));
    for (Cell x : cells) {
      x.p *= (float) (1 - lr * x.get("weightDecay"));
      x.addFused(-rate / Math.max(1, excess), x.g);
    }
  }

  private static void ofVector(Cell[] cells) {
    for (Cell x : cells) {
      x.states[0] = Cell.lerp(x.states[0], x.g * x.g, weight(x));
      x.g *= Math.min(1f / Cell.root(x.states[0]), largestRoot(x));
    }
  }

  private static void ofMatrix(Cell[] cells, int cols) {
    int rows = cells.length / cols;
    double[] ofRow = new double[rows];
    double[] ofCol = new double[cols];
    for (int row = 0; row < rows; row += TILE_ROWS) {
      for (int col = 0; col < cols; col += TILE_COLS) {
        int height = Math.min(TILE_ROWS, rows - row);
        addTile(cells, cols, row, height, col, Math.min(TILE_COLS, cols - col), ofRow, ofCol);
      }
    }
    double sum = 0;
    for (int i = 0; i < cells.length; i++) {
      Cell x = cells[i];
      x.states[0] = Cell.lerp(x.states[0], (float) (ofRow[i / cols] / cols), weight(x));
      x.states[1] = Cell.lerp(x.states[1], (float) (ofCol[i % cols] / rows), weight(x));
      sum += i % cols == 0 ? x.states[0] : 0;
    }
    float mean = Math.max((float) (sum / rows), cells[0].rounded("eps1"));
    for (Cell x : cells) {
      float factor = 1f / Cell.root(x.states[0] / mean) * (1f / Cell.root(x.states[1]));
      x.g *= Math.min(factor, largestRoot(x));
    }
  }

  /// Adds the squares of a tile: a row in 16 lanes and a column from row to row, in floats.
  private static void addTile(
      Cell[] cells,
      int cols,
      int row,
      int height,
      int col,
      int width,
      double[] ofRow,
      double[] ofCol) {
    float[] chains = new float[width];
    for (int r = row; r < row + height; r++) {
      float[] lanes = new float[16];
      for (int c = 0; c < width; c++) {
        float g = cells[r * cols + col + c].g;
        lanes[c % 16] = Math.fma(g, g, lanes[c % 16]);
        chains[c] = Math.fma(g, g, chains[c]);
      }
      ofRow[r] += pairs(lanes);
    }
    for (int c = 0; c < width; c++) {
      ofCol[col + c] += chains[c];
    }
  }

  private static float weight(Cell x) {
    return (float) StrictMath.pow((double) x.t(), x.get("beta2Decay"));
  }

  /// The largest 1 / sqrt(v).
  private static float largestRoot(Cell x) {
    double eps = x.get("eps1");
    return 1f / Cell.root((float) (eps * eps));
  }

  private static float[] parameters(Cell[] cells) {
    float[] p = new float[cells.length];
    for (int i = 0; i < p.length; i++) {
      p[i] = cells[i].p;
    }
    return p;
  }

  private static float[] steps(Cell[] cells) {
    float[] g = new float[cells.length];
    for (int i = 0; i < g.length; i++) {
      g[i] = cells[i].g;
    }
    return g;
  }

  /// The sum of squares: blocks in 64 lanes of floats, the lanes in a tree to 16, these in pairs,
  /// and blocks one after another in double. Squares beyond the floats are summed in double.
  static double squares(float[] x) {
    double sum = 0;
    for (int from = 0; from < x.length; from += BLOCK) {
      float[] block =
          Arrays.copyOf(Arrays.copyOfRange(x, from, Math.min(from + BLOCK, x.length)), BLOCK);
      double part = lanes(block);
      if (!(part >= 0x1p-80 && part <= Float.MAX_VALUE)) {
        part = 0;
        for (float value : block) {
          part += (double) value * value;
        }
      }
      sum += part;
    }
    return sum;
  }

  private static double lanes(float[] block) {
    float[] lanes = new float[LANES];
    for (int i = 0; i < BLOCK; i++) {
      float before = i < LANES ? 0 : lanes[i % LANES];
      lanes[i % LANES] = Math.fma(block[i], block[i], before);
    }
    float[] folded = new float[16];
    for (int j = 0; j < 16; j++) {
      float a = lanes[j] + lanes[j + 32];
      float b = lanes[j + 16] + lanes[j + 48];
      folded[j] = a + b;
    }
    return pairs(folded);
  }

  private static double pairs(float[] lanes) {
    double[] pair = new double[2];
    for (int j = 0; j < lanes.length; j++) {
      pair[j % 2] += lanes[j];
    }
    return pair[0] + pair[1];
  }
}
