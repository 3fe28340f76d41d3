package io.github.lanewise.bench.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.lanewise.nn.io.AtomicFile;
import io.github.lanewise.nn.io.FileException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// The figures that `--json` writes for programs: a JSON object, in the order of [#put].
final class Report {
  private final Map<String, Number> figures = new LinkedHashMap<>();

  /// Adds a figure, which is null if there is none.
  Report put(String key, Number value) {
    figures.put(key, value);
    return this;
  }

  /// Writes the file, or leaves it as it was if that fails.
  void write(Path file) throws FileException {
    AtomicFile.write(file, this::writeTo);
  }

  private void writeTo(OutputStream out) throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET).useDefaultPrettyPrinter();
      json.writeStartObject();
      for (Map.Entry<String, Number> figure : figures.entrySet()) {
        json.writeFieldName(figure.getKey());
        if (figure.getValue() == null) {
          json.writeNull();
        } else if (figure.getValue() instanceof Long whole) {
          json.writeNumber(whole);
        } else {
          json.writeNumber(figure.getValue().doubleValue());
        }
      }
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }
}
