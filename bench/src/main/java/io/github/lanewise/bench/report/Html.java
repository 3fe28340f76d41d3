package io.github.lanewise.bench.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// Text for HTML and SVG.
public final class Html {
  private Html() {}

  /// {@return a text in which no character is markup}
  ///
  /// @param text any text
  public static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("'", "&#39;")
        .replace("\"", "&quot;");
  }

  /// The colours and lines of charts, for files and for pages.
  static String chartStyle() {
    return resource("chart.css");
  }

  static String resource(String name) {
    try (InputStream in = Html.class.getResourceAsStream(name)) {
      byte[] bytes = Objects.requireNonNull(in, () -> name + " is missing").readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read", e);
    }
  }
}
