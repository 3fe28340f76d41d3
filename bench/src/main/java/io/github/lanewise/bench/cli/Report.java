package io.github.lanewise.bench.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.lanewise.nn.io.AtomicFile;
import io.github.lanewise.nn.io.FileException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What `--json` writes for programs: a JSON object, in the order of [#put].
final class Report {
  private final Map<String, Object> entries = new LinkedHashMap<>();

  /// Adds a number or a text, or a list or a map of values; null if there is none.
  Report put(String key, Object value) {
    entries.put(key, value);
    return this;
  }

  /// Writes the file, or leaves it as it was if that fails.
  void write(Path file) throws FileException {
    AtomicFile.write(file, this::writeTo);
  }

  private void writeTo(OutputStream out) throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET).useDefaultPrettyPrinter();
      write(json, entries);
      json.writeRaw('\n');
    }
  }

  private static void write(JsonGenerator json, Object value) throws IOException {
    switch (value) {
      case null -> json.writeNull();
      case Integer whole -> json.writeNumber(whole);
      case Long whole -> json.writeNumber(whole);
      case Number number -> json.writeNumber(number.doubleValue());
      case Map<?, ?> members -> {
        json.writeStartObject();
        for (Map.Entry<?, ?> member : members.entrySet()) {
          json.writeFieldName(member.getKey().toString());
          write(json, member.getValue());
        }
        json.writeEndObject();
      }
      case List<?> list -> {
        json.writeStartArray();
        for (Object each : list) {
          write(json, each);
        }
        json.writeEndArray();
      }
      default -> json.writeString(value.toString());
    }
  }
}
