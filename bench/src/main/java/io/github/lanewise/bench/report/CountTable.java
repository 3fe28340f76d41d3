package io.github.lanewise.bench.report;

import java.util.List;
import java.util.Locale;

/// A square table of counts as a picture: a row for each true class, a column for each predicted
/// one. The colour of a cell grows with the root of its share of the row, so that few mistakes are
/// seen too. Cells on the diagonal, which are right, have another colour than the others.
public final class CountTable {
  private static final int CELL_WIDTH = 34;
  private static final int CELL_HEIGHT = 20;
  private static final int TOP = 20;
  private static final int NAME_CHARS = 12;
  private static final int CHAR_WIDTH = 6;

  /// The colour of a cell that holds its whole row, light enough for the number on it.
  private static final double STRONGEST = 0.55;

  private CountTable() {}

  /// {@return the picture as SVG}
  ///
  /// @param title stands above it
  /// @param names of the classes
  /// @param counts as many rows of as many counts
  /// @param json the place of the counts in the JSON
  public static String svg(String title, List<String> names, int[][] counts, String json) {
    int n = names.size();
    int longest = names.stream().mapToInt(String::length).max().orElse(0);
    int head = 14 + CHAR_WIDTH * Math.min(longest, NAME_CHARS);
    int width = Math.max(head + n * CELL_WIDTH + 6, Chart.WIDE);
    int height = TOP + head + n * CELL_HEIGHT + 6;
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns='http://www.w3.org/2000/svg' class='counts' viewBox='0 0 %d %d' width='%d' \
        role='img' aria-label='%s'>
        <text class='title' x='4' y='15'>%s</text>
        """
            .formatted(width, height, width, Html.escape(title), Html.escape(title)));
    for (int i = 0; i < n; i++) {
      String name = Html.escape(shortened(names.get(i)));
      int x = head + i * CELL_WIDTH + CELL_WIDTH / 2;
      svg.append(
          "<text class='head' transform='translate(%d,%d)rotate(-45)'>%s</text>\n"
              .formatted(x, TOP + head - 6, name));
      svg.append(
          "<text class='side' x='%d' y='%d'>%s</text>\n"
              .formatted(head - 6, middle(head, i), name));
    }
    for (int i = 0; i < n; i++) {
      long sum = 0;
      for (int count : counts[i]) {
        sum += count;
      }
      for (int j = 0; j < n; j++) {
        double share = sum == 0 ? 0 : STRONGEST * Math.sqrt((double) counts[i][j] / sum);
        int x = head + j * CELL_WIDTH;
        svg.append(
            "<rect class='%s' x='%d' y='%d' width='%d' height='%d' fill-opacity='%s'/>"
                .formatted(
                    i == j ? "right" : "wrong",
                    x,
                    TOP + head + i * CELL_HEIGHT,
                    CELL_WIDTH - 1,
                    CELL_HEIGHT - 1,
                    String.format(Locale.ROOT, "%.3f", share)));
        svg.append(
            "<text class='%s' x='%d' y='%d' data-json='%s[%d][%d]'>%d</text>\n"
                .formatted(
                    counts[i][j] == 0 ? "none" : "count",
                    x + CELL_WIDTH / 2,
                    middle(head, i),
                    json,
                    i,
                    j,
                    counts[i][j]));
      }
    }
    return svg.append("</svg>\n").toString();
  }

  private static int middle(int head, int row) {
    return TOP + head + row * CELL_HEIGHT + CELL_HEIGHT / 2 + 3;
  }

  private static String shortened(String name) {
    return name.length() <= NAME_CHARS ? name : name.substring(0, NAME_CHARS - 1) + "~";
  }
}
