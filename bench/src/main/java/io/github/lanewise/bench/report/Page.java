package io.github.lanewise.bench.report;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// An HTML page of text, tables and charts that needs no other file, and forbids the browser to
/// load one.
public final class Page {
  private final String title;
  private final StringBuilder body = new StringBuilder();
  private final StringBuilder contents = new StringBuilder();
  private final Set<String> defined = new HashSet<>();
  private int sections;

  /// Creates a page.
  ///
  /// @param title of the page
  public Page(String title) {
    this.title = title;
  }

  /// Begins a section, which the list of contents shows.
  ///
  /// @param heading of the section
  /// @return this page
  public Page section(String heading) {
    sections++;
    body.append("<h2 id='s%d'>%s</h2>\n".formatted(sections, Html.escape(heading)));
    contents.append("<a href='#s%d'>%s</a>\n".formatted(sections, Html.escape(heading)));
    return this;
  }

  /// Adds a heading inside a section.
  ///
  /// @param heading the text
  /// @return this page
  public Page heading(String heading) {
    body.append("<h3>").append(Html.escape(heading)).append("</h3>\n");
    return this;
  }

  /// Adds a paragraph.
  ///
  /// @param text without markup
  /// @return this page
  public Page text(String text) {
    body.append("<p>").append(Html.escape(text)).append("</p>\n");
    return this;
  }

  /// Adds charts side by side, as many as the width allows.
  ///
  /// @param charts all of one width
  /// @param width [Chart#WIDE] or [Chart#SMALL]
  /// @return this page
  public Page charts(List<Chart> charts, int width) {
    body.append("<div class='%s'>\n".formatted(width == Chart.WIDE ? "wide" : "small"));
    for (Chart chart : charts) {
      body.append("<figure>").append(chart.inline(defined)).append("</figure>\n");
    }
    body.append("</div>\n");
    return this;
  }

  /// Adds a picture that may be wider than the page.
  ///
  /// @param svg of [CountTable]
  /// @return this page
  public Page picture(String svg) {
    body.append("<div class='table'>\n").append(svg).append("</div>\n");
    return this;
  }

  /// One cell of a table.
  ///
  /// @param text what it shows
  /// @param json the place of its number in the JSON, or null
  public record Cell(String text, String json) {
    /// {@return a cell without a number}
    ///
    /// @param text what it shows
    public static Cell of(String text) {
      return new Cell(text, null);
    }
  }

  /// Adds a table.
  ///
  /// @param headings of the columns
  /// @param rows as many cells each
  /// @return this page
  public Page table(List<String> headings, List<List<Cell>> rows) {
    body.append("<div class='table'><table><thead><tr>");
    headings.forEach(each -> body.append("<th>").append(Html.escape(each)).append("</th>"));
    body.append("</tr></thead><tbody>\n");
    for (List<Cell> row : rows) {
      body.append("<tr>");
      for (Cell cell : row) {
        body.append(cell.json == null ? "<td>" : "<td data-json='" + cell.json + "'>");
        body.append(Html.escape(cell.text)).append("</td>");
      }
      body.append("</tr>\n");
    }
    body.append("</tbody></table></div>\n");
    return this;
  }

  /// {@return the whole page}
  public String html() {
    return """
        <!DOCTYPE html>
        <html lang='en'>
        <head>
        <meta charset='utf-8'>
        <meta name='viewport' content='width=device-width, initial-scale=1'>
        <meta http-equiv='Content-Security-Policy' content="default-src 'none'; \
        style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
        <meta name='color-scheme' content='light dark'>
        <link rel='icon' href='data:,'>
        <title>%s</title>
        <style>
        %s%s</style>
        </head>
        <body>
        <h1>%s</h1>
        <nav>
        %s</nav>
        %s<script>
        %s</script>
        </body>
        </html>
        """
        .formatted(
            Html.escape(title),
            Html.chartStyle(),
            Html.resource("page.css"),
            Html.escape(title),
            contents,
            body,
            Html.resource("page.js"));
  }
}
