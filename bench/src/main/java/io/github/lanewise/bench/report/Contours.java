package io.github.lanewise.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

/// Contour lines of a function of two variables, by marching squares.
///
/// Source: Lorensen and Cline (1987), Marching Cubes, in two dimensions.
public final class Contours {
  private static final int CELLS = 48;

  private Contours() {}

  /// {@return the pieces of all contour lines, `x0 y0 x1 y1` each}
  ///
  /// @param f the function
  /// @param x the range of its first argument
  /// @param y the range of its second argument
  /// @param levels the values of which lines are drawn
  public static List<double[]> of(DoubleBinaryOperator f, Scale x, Scale y, double[] levels) {
    double dx = (x.max() - x.min()) / CELLS;
    double dy = (y.max() - y.min()) / CELLS;
    double[][] value = new double[CELLS + 1][CELLS + 1];
    for (int i = 0; i <= CELLS; i++) {
      for (int j = 0; j <= CELLS; j++) {
        value[i][j] = f.applyAsDouble(x.min() + i * dx, y.min() + j * dy);
      }
    }
    List<double[]> segments = new ArrayList<>();
    for (double level : levels) {
      for (int i = 0; i < CELLS; i++) {
        for (int j = 0; j < CELLS; j++) {
          double[] corners = {
            value[i][j] - level,
            value[i + 1][j] - level,
            value[i + 1][j + 1] - level,
            value[i][j + 1] - level
          };
          cell(corners, x.min() + i * dx, y.min() + j * dy, dx, dy, segments);
        }
      }
    }
    return segments;
  }

  /// Joins the crossings of the edges of one cell in pairs, in the order of the edges.
  private static void cell(
      double[] corners, double x, double y, double dx, double dy, List<double[]> segments) {
    double[][] corner = {{x, y}, {x + dx, y}, {x + dx, y + dy}, {x, y + dy}};
    double[] open = null;
    for (int edge = 0; edge < 4; edge++) {
      double a = corners[edge];
      double b = corners[(edge + 1) % 4];
      if (a < 0 == b < 0) {
        continue;
      }
      double[] from = corner[edge];
      double[] to = corner[(edge + 1) % 4];
      double share = a / (a - b);
      double px = from[0] + share * (to[0] - from[0]);
      double py = from[1] + share * (to[1] - from[1]);
      if (open == null) {
        open = new double[] {px, py};
      } else {
        segments.add(new double[] {open[0], open[1], px, py});
        open = null;
      }
    }
  }
}
