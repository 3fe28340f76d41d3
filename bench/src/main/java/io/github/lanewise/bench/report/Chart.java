package io.github.lanewise.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// A chart of lines and bands over two axes, and perhaps contours, drawn as SVG.
///
/// A chart of more than one line has a legend. It is drawn for a width of [#WIDE] or [#SMALL]
/// pixels, and may be shown a little larger or smaller. Colours come from the style of the page,
/// by which they follow light and dark.
public final class Chart {
  /// The width of a chart with a legend.
  public static final int WIDE = 420;

  /// The width of one of many charts side by side.
  public static final int SMALL = 210;

  private static final int TOP = 24;
  private static final int LEFT = 46;
  private static final int RIGHT = 10;
  private static final int BOTTOM = 34;
  private static final int LEGEND_ROW = 15;

  private final String title;
  private final int width;
  private final int plotHeight;
  private final Scale x;
  private final Scale y;
  private final String xName;
  private final String yName;
  private final StringBuilder shapes = new StringBuilder();
  private final Map<String, Integer> legend = new LinkedHashMap<>();
  private String contourId;
  private String contours = "";

  /// Creates an empty chart.
  ///
  /// @param title stands above it
  /// @param width [#WIDE] or [#SMALL]
  /// @param x from left to right
  /// @param xName names the quantity
  /// @param y from bottom to top
  /// @param yName names the quantity
  public Chart(String title, int width, Scale x, String xName, Scale y, String yName) {
    this.title = title;
    this.width = width;
    this.plotHeight = width == WIDE ? 220 : 130;
    this.x = x;
    this.y = y;
    this.xName = xName;
    this.yName = yName;
  }

  /// {@return the title}
  public String title() {
    return title;
  }

  /// One line of a chart.
  ///
  /// @param name in the legend
  /// @param colour the index of the colour, by which one series looks alike in all charts
  /// @param xs where its points stand
  /// @param ys as many
  /// @param json the places of both in the JSON, separated by a blank
  @SuppressWarnings("ArrayRecordComponent") // nobody asks whether two are equal
  public record Line(String name, int colour, double[] xs, double[] ys, String json) {}

  /// Draws a line.
  ///
  /// @param line its points, in order
  /// @return this chart
  public Chart line(Line line) {
    legend.putIfAbsent(line.name, line.colour);
    shapes.append(
        "<path class='line %s' data-series='%s' data-json='%s' d='%s'><title>%s</title></path>\n"
            .formatted(
                colours(line.colour),
                Html.escape(line.name),
                line.json,
                path(line.xs, line.ys),
                Html.escape(line.name)));
    return this;
  }

  /// Draws the area between two lines.
  ///
  /// @param low the lower edge
  /// @param high the upper edge, over the same points
  /// @return this chart
  public Chart band(Line low, Line high) {
    int n = low.xs.length;
    double[] xs = new double[2 * n];
    double[] ys = new double[2 * n];
    for (int i = 0; i < n; i++) {
      xs[i] = low.xs[i];
      ys[i] = low.ys[i];
      xs[2 * n - 1 - i] = high.xs[i];
      ys[2 * n - 1 - i] = high.ys[i];
    }
    String places = low.json + high.json.substring(high.json.indexOf(' '));
    shapes.append(
        "<path class='band %s' data-series='%s' data-json='%s' d='%sZ'/>\n"
            .formatted(colours(low.colour), Html.escape(low.name), places, path(xs, ys)));
    return this;
  }

  /// Draws a dot at each of some points.
  ///
  /// @param dots the points
  /// @return this chart
  public Chart dots(Line dots) {
    for (int i = 0; i < dots.xs.length; i++) {
      shapes.append(
          "<circle class='dot %s' data-series='%s' data-json='%s' cx='%s' cy='%s' r='3'/>\n"
              .formatted(
                  colours(dots.colour),
                  Html.escape(dots.name),
                  dots.json,
                  number(px(dots.xs[i])),
                  number(py(dots.ys[i]))));
    }
    return this;
  }

  /// Draws contour lines behind everything else.
  ///
  /// @param id of the lines on the page; charts with the same lines share them
  /// @param segments `x0 y0 x1 y1` of each piece
  /// @return this chart
  public Chart contours(String id, List<double[]> segments) {
    contourId = id;
    StringBuilder d = new StringBuilder();
    for (double[] s : segments) {
      d.append('M').append(point(s[0], s[1])).append('L').append(point(s[2], s[3]));
    }
    contours = d.toString();
    return this;
  }

  /// {@return the chart as a file of its own, with its style}
  public String file() {
    return "<?xml version='1.0' encoding='UTF-8'?>\n" + svg(null, Html.chartStyle());
  }

  /// {@return the chart for a page}
  ///
  /// @param defined the contours that the page has already; receives those of this chart
  public String inline(Set<String> defined) {
    return svg(defined, "");
  }

  private String svg(Set<String> defined, String style) {
    int rows = legend.size() > 1 ? Math.ceilDiv(legend.size(), columns()) : 0;
    int height = TOP + plotHeight + BOTTOM + rows * LEGEND_ROW;
    String clip = "clip" + width + "x" + plotHeight;
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' role='img' \
        aria-label='%s' data-x='%s' data-y='%s'>
        """
            .formatted(width, height, width, Html.escape(title), describe(x), describe(y)));
    if (!style.isEmpty()) {
      svg.append("<style>").append(style).append("</style>\n<rect class='paper' ");
      svg.append("width='%d' height='%d'/>\n".formatted(width, height));
    }
    if (defined == null || defined.add(clip)) {
      svg.append(
          "<clipPath id='%s'><rect x='%d' y='%d' width='%d' height='%d'/></clipPath>\n"
              .formatted(clip, LEFT - 2, TOP - 2, plotWidth() + 4, plotHeight + 4));
    }
    svg.append("<text class='title' x='%d' y='15'>%s</text>\n".formatted(4, Html.escape(title)));
    axes(svg);
    if (contourId != null) {
      boolean isFirst = defined == null || defined.add(contourId);
      svg.append(
          isFirst
              ? "<path class='contour' id='%s' d='%s'/>\n".formatted(contourId, contours)
              : "<use href='#%s'/>\n".formatted(contourId));
    }
    svg.append("<g clip-path='url(#").append(clip).append(")'>\n").append(shapes).append("</g>\n");
    if (rows > 0) {
      legend(svg);
    }
    return svg.append("</svg>\n").toString();
  }

  private void axes(StringBuilder svg) {
    int foot = TOP + plotHeight;
    svg.append(
        "<rect class='frame' x='%d' y='%d' width='%d' height='%d'/>\n"
            .formatted(LEFT, TOP, plotWidth(), plotHeight));
    List<Double> across = x.ticks();
    int every = width == WIDE ? 1 : 2;
    for (int i = 0; i < across.size(); i += every) {
      String at = number(px(across.get(i)));
      svg.append("<path class='grid' d='M%s,%dV%d'/>".formatted(at, TOP, foot));
      svg.append(
          "<text class='tick x' x='%s' y='%d'>%s</text>\n"
              .formatted(at, foot + 13, x.label(across.get(i))));
    }
    for (double tick : y.ticks()) {
      String at = number(py(tick));
      svg.append("<path class='grid' d='M%d,%sH%d'/>".formatted(LEFT, at, width - RIGHT));
      svg.append(
          "<text class='tick y' x='%d' y='%s' dy='3'>%s</text>\n"
              .formatted(LEFT - 4, at, y.label(tick)));
    }
    svg.append(
        "<text class='name x' x='%d' y='%d'>%s</text>\n"
            .formatted(LEFT + plotWidth() / 2, foot + 27, Html.escape(xName)));
    svg.append(
        "<text class='name y' transform='translate(11,%d)rotate(-90)'>%s</text>\n"
            .formatted(TOP + plotHeight / 2, Html.escape(yName)));
  }

  private void legend(StringBuilder svg) {
    int i = 0;
    int columnWidth = (width - 12) / columns();
    for (Map.Entry<String, Integer> entry : legend.entrySet()) {
      int left = 12 + i % columns() * columnWidth;
      int at = TOP + plotHeight + BOTTOM + i / columns() * LEGEND_ROW + 4;
      svg.append(
          ("<g class='key' data-series='%s'><path class='line %s' d='M%d,%dh22'/>"
                  + "<text x='%d' y='%d' dy='3'>%s</text></g>\n")
              .formatted(
                  Html.escape(entry.getKey()),
                  colours(entry.getValue()),
                  left,
                  at,
                  left + 27,
                  at,
                  Html.escape(entry.getKey())));
      i++;
    }
  }

  private int columns() {
    return width == WIDE ? 3 : 2;
  }

  private String path(double[] xs, double[] ys) {
    List<String> points = new ArrayList<>();
    for (int i = 0; i < xs.length; i++) {
      points.add(point(xs[i], ys[i]));
    }
    return "M" + String.join("L", points);
  }

  private static String colours(int colour) {
    return "c%d d%d".formatted(colour % 8, colour / 8 % 3);
  }

  private static String describe(Scale scale) {
    return "%s %s %s".formatted(scale.isLog() ? "log" : "linear", scale.min(), scale.max());
  }

  private String point(double xValue, double yValue) {
    return number(px(xValue)) + "," + number(py(yValue));
  }

  private int plotWidth() {
    return width - LEFT - RIGHT;
  }

  private double px(double value) {
    return LEFT + x.position(value) * plotWidth();
  }

  private double py(double value) {
    return TOP + (1 - y.position(value)) * plotHeight;
  }

  private static String number(double pixels) {
    String text = String.format(Locale.ROOT, "%.1f", pixels);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
