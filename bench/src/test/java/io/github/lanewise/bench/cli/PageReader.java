package io.github.lanewise.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.lanewise.bench.report.Html;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/// Reads the figures of a page as a viewer does, from the places of its lines between the axes, and
/// holds them against the JSON that their marks name.
final class PageReader {
  private static final Pattern CELL = Pattern.compile("<td data-json='([^']*)'>([^<]*)</td>");
  private static final Pattern NUMBER = Pattern.compile("-?[0-9.]+(E-?[0-9]+)?|-?Infinity|NaN");
  private static final Pattern SVG = Pattern.compile("<svg .*?</svg>", Pattern.DOTALL);
  private static final Pattern STEP = Pattern.compile("\\.(\\w+)|\\[(\\d+)]");

  /// Coordinates are rounded to a tenth of a pixel.
  private static final double PIXELS = 0.051;

  private final Object json;
  private final Set<String> seen = new TreeSet<>();

  PageReader(Path file) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(file.toFile())) {
      parser.nextToken();
      json = value(parser);
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      Map<String, Object> members = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        parser.nextToken();
        members.put(key, value(parser));
      }
      return members;
    }
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      List<Object> items = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        items.add(value(parser));
      }
      return items;
    }
    return parser.getText();
  }

  /// The value at a place that is written as the tool jq does.
  Object at(String place) {
    Object found = json;
    Matcher step = STEP.matcher(place);
    while (step.find()) {
      found =
          step.group(1) != null
              ? ((Map<?, ?>) found).get(step.group(1))
              : ((List<?>) found).get(Integer.parseInt(step.group(2)));
      assertNotNull(found, "the JSON has no " + place);
    }
    return found;
  }

  double[] numbers(String place) {
    seen.add(place);
    Object found = at(place);
    List<?> list = found instanceof List<?> many ? many : List.of(found);
    return list.stream().mapToDouble(each -> Double.parseDouble((String) each)).toArray();
  }

  /// The places that the page showed.
  Set<String> seen() {
    return seen;
  }

  /// Holds every cell with a number against the JSON, and returns how many there were.
  int checkCells(String page) {
    int cells = 0;
    Matcher cell = CELL.matcher(page);
    while (cell.find()) {
      String value = (String) at(cell.group(1));
      seen.add(cell.group(1));
      String text = cell.group(2);
      if (!NUMBER.matcher(value).matches()) {
        assertEquals(value.equals("null") ? "-" : Html.escape(value), text, cell.group(1));
        cells++;
        continue;
      }
      double expected = Double.parseDouble(value);
      if (Double.isFinite(expected)) {
        double shown = Double.parseDouble(text);
        assertEquals(expected, shown, 5.01e-4 * Math.abs(expected), cell.group(1));
      } else {
        assertEquals("-", text, cell.group(1));
      }
      cells++;
    }
    return cells;
  }

  /// Holds every chart of a page against the JSON, and returns how many marks there were.
  int checkCharts(String page) throws Exception {
    int marks = 0;
    Matcher svg = SVG.matcher(page);
    while (svg.find()) {
      marks += checkChart(svg.group());
    }
    return marks;
  }

  int checkChart(String svg) throws Exception {
    byte[] bytes = svg.getBytes(StandardCharsets.UTF_8);
    Element chart =
        DocumentBuilderFactory.newDefaultInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(bytes))
            .getDocumentElement();
    NodeList all = chart.getElementsByTagName("*");
    if (chart.getAttribute("class").equals("counts")) {
      return checkCounts(all);
    }
    Element frame = null;
    for (int i = 0; i < all.getLength(); i++) {
      Element each = (Element) all.item(i);
      frame = each.getAttribute("class").equals("frame") ? each : frame;
    }
    assertNotNull(frame, svg);
    double left = number(frame, "x");
    double top = number(frame, "y");
    Axis x = new Axis(chart.getAttribute("data-x"), left, left + number(frame, "width"));
    Axis y = new Axis(chart.getAttribute("data-y"), top + number(frame, "height"), top);
    Map<String, Integer> dots = new HashMap<>();
    int marks = 0;
    for (int i = 0; i < all.getLength(); i++) {
      Element mark = (Element) all.item(i);
      if (mark.getAttribute("class").startsWith("tick")) {
        boolean isX = mark.getAttribute("class").equals("tick x");
        double label = Double.parseDouble(mark.getTextContent());
        assertEquals((isX ? x : y).pixel(label), number(mark, isX ? "x" : "y"), PIXELS, svg);
      }
      String place = mark.getAttribute("data-json");
      if (place.isEmpty()) {
        continue;
      }
      marks++;
      String[] parts = place.split(" ", -1);
      if (mark.getTagName().equals("circle")) {
        int k = dots.merge(place, 1, Integer::sum) - 1;
        assertEquals(x.pixel(numbers(parts[0])[k]), number(mark, "cx"), PIXELS, place);
        assertEquals(y.pixel(numbers(parts[1])[k]), number(mark, "cy"), PIXELS, place);
      } else {
        checkPath(mark.getAttribute("d"), parts, x, y);
      }
    }
    return marks;
  }

  /// Holds the numbers of a table of counts, and the strength of the colours behind them.
  private int checkCounts(NodeList all) {
    int marks = 0;
    double opacity = Double.NaN;
    for (int i = 0; i < all.getLength(); i++) {
      Element each = (Element) all.item(i);
      opacity = each.getTagName().equals("rect") ? number(each, "fill-opacity") : opacity;
      String place = each.getAttribute("data-json");
      if (!place.isEmpty()) {
        assertEquals((String) at(place), each.getTextContent(), place);
        double sum = DoubleStream.of(numbers(place.substring(0, place.lastIndexOf('[')))).sum();
        double share = Double.parseDouble(each.getTextContent()) / Math.max(1, sum);
        assertEquals(0.55 * Math.sqrt(share), opacity, 5.1e-4, place);
        marks++;
      }
    }
    return marks;
  }

  private void checkPath(String d, String[] places, Axis x, Axis y) {
    String[] points = d.replace("Z", "").substring(1).split("L", -1);
    double[] xs = numbers(places[0]);
    int n = xs.length;
    assertEquals(n * (places.length - 1), points.length, String.join(" ", places));
    for (int i = 0; i < points.length; i++) {
      boolean isBack = i >= n; // the upper edge of a band, from right to left
      int k = isBack ? 2 * n - 1 - i : i;
      String[] point = points[i].split(",", -1);
      String what = places[isBack ? 2 : 1] + "[" + k + "]";
      assertEquals(x.pixel(xs[k]), Double.parseDouble(point[0]), PIXELS, what);
      double expected = y.pixel(numbers(places[isBack ? 2 : 1])[k]);
      assertEquals(expected, Double.parseDouble(point[1]), PIXELS, what);
    }
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }

  /// An axis as the chart describes it: `log` or `linear`, and the values at its ends.
  private static final class Axis {
    private final boolean isLog;
    private final double min;
    private final double max;
    private final double from;
    private final double to;

    Axis(String description, double from, double to) {
      String[] words = description.split(" ", -1);
      isLog = words[0].equals("log");
      min = Double.parseDouble(words[1]);
      max = Double.parseDouble(words[2]);
      this.from = from;
      this.to = to;
      assertTrue(min < max, description);
    }

    /// What lies beyond an end stands at it.
    double pixel(double value) {
      double within = Double.isNaN(value) ? max : Math.max(min, Math.min(max, value));
      double share =
          isLog
              ? (Math.log(within) - Math.log(min)) / (Math.log(max) - Math.log(min))
              : (within - min) / (max - min);
      return from + share * (to - from);
    }
  }
}
