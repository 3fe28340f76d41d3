/// The one way of drawing in this project: charts as SVG, and pages of charts and tables as HTML
/// that needs no network.
///
/// Each figure names the place of its numbers in the JSON of the same command, in the way of the
/// tool `jq`: the attribute `data-json` of a line, a band or a table cell.
package io.github.lanewise.bench.report;
